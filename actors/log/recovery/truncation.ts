// Where a log can be cut. Found by loading it up to there as a start would: from the snapshots that
// would remain, without a hole, to this very transaction. If that fails, the log is not cut.

import type { Zxid } from '../../../protocol/zxid.ts'
import { ZXID_NONE } from '../../../protocol/zxid.ts'
import { DamagedError } from '../files/errors.ts'
import { ORIGIN_NAME } from '../files/file-names.ts'
import type { Files } from '../files/files.ts'
import type { Cut, Unfinished } from '../files/unfinished.ts'
import type { LogHooks, LogOptions } from '../options.ts'
import type { RecoveryTree } from './recovered.ts'
import { Recovery } from './recovery.ts'

const NOBODY: RecoveryTree = {
  snapshotBegin: ignore,
  snapshotPiece: ignore,
  snapshotEnd: ignore,
  replay: ignore,
}

export interface CutPlan {
  readonly cut: Cut
  /** There is no snapshot before the cut. So it must be on record that the history begins with the
   * log; otherwise a log that is empty now could begin with a later epoch. */
  readonly needsOrigin: boolean
}

/** Plans a cut behind `zxid`, or says why the log cannot be cut there. The last file must be
 * closed. Reads as much as a start does; throws a DiskError. */
export function planCut(
  options: LogOptions,
  files: Files,
  unfinished: Unfinished,
  hooks: LogHooks,
  zxid: Zxid,
): CutPlan | string {
  const quiet: LogHooks = { ...hooks, log: ignore }
  const trial = new Recovery(options, files, NOBODY, quiet, unfinished, {
    kind: 'trial',
    upTo: zxid,
  })
  try {
    const steps = trial.run()
    let step = steps.next()
    while (step.done !== true) step = steps.next()
    const { lastZxid, snapshotZxid, replayedCount, beyond } = step.value
    if (lastZxid !== zxid) return 'the log does not hold this transaction'
    const nothingFound = snapshotZxid === ZXID_NONE && replayedCount === 0 && beyond === null
    if (nothingFound && !files.list('log').includes(ORIGIN_NAME)) {
      return 'the log does not reach back to the beginning'
    }
    const cut = { zxid, name: beyond?.name ?? null, offset: beyond?.offset ?? 0 }
    return { cut, needsOrigin: snapshotZxid === ZXID_NONE }
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error
    return error.message
  }
}

function ignore(): void {}
