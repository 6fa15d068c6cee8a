// The two promises of a member of an ensemble, in files as ZooKeeper writes them: a decimal number
// without a newline, beside the snapshots (QuorumPeer.loadDataBase, writeLongToFile).
//
// ZooKeeper does not sync the folder, so a file of its may be older than it said; we do. It
// also refuses to start when the last transaction is of a later epoch than currentEpoch, unless a
// currentEpoch.tmp is there; here that is no damage (a learner was cut off while it was brought up
// to date), so such a file is of no use and does no harm.

import type { EpochFile } from '../../protocol/messages/log.ts'
import { utf8, utf8Bytes } from '../../protocol/text.ts'
import { EPOCH_MAX, epochOf, type Zxid } from '../../protocol/zxid.ts'
import { DamagedError, REMEDY_REJOIN } from './errors.ts'
import type { Files, OpenFile } from './files.ts'
import { readFile, replaceFile } from './whole-file.ts'

const NAMES: Readonly<Record<EpochFile, string>> = {
  accepted: 'acceptedEpoch',
  current: 'currentEpoch',
}
/** More than any epoch and the end of its line need. */
const BYTES_MAX = 64

export interface Epochs {
  accepted: number
  current: number
  /** Not there yet, and derived from the last transaction. */
  missing: readonly EpochFile[]
}

/** Writes them. An election waits for four of these, so the file that is replaced is kept open: the
 * system frees it when it is closed, which takes three times as long as all the rest. */
export class EpochWriter {
  readonly #files: Files
  readonly #replaced: OpenFile[] = []

  constructor(files: Files) {
    this.#files = files
  }

  /** Durable on return. */
  write(which: EpochFile, epoch: number): void {
    const name = NAMES[which]
    if (this.#files.list('snapshot').includes(name)) {
      this.#replaced.push(this.#files.open('snapshot', name, 'read'))
    }
    replaceFile(this.#files, 'snapshot', name, utf8Bytes(String(epoch)))
  }

  /** Writes those that are missing. */
  complete(epochs: Epochs): void {
    for (const which of epochs.missing) this.write(which, epochs[which])
  }

  /** Frees what was replaced: to be called when there is time. */
  release(): void {
    for (const file of this.#replaced.splice(0)) file.close()
  }
}

/** Throws a DamagedError for a file that is no number, and for a pair that cannot be. */
export function readEpochs(files: Files, lastZxid: Zxid): Epochs {
  const held = { accepted: readEpoch(files, 'accepted'), current: readEpoch(files, 'current') }
  const accepted = held.accepted ?? epochOf(lastZxid)
  const current = held.current ?? epochOf(lastZxid)
  if (accepted < current) {
    const pair = `${NAMES.accepted} is ${accepted}${derived(held.accepted)}`
    throw new DamagedError(
      NAMES.accepted,
      -1,
      `${pair}, less than ${current} of ${NAMES.current}${derived(held.current)}`,
      REMEDY_REJOIN,
    )
  }
  // In ZooKeeper's order, so that a crash between the two leaves what it would leave.
  const missing = (['current', 'accepted'] as const).filter((which) => held[which] === null)
  return { accepted, current, missing }
}

function derived(held: number | null): string {
  return held === null ? ' (missing, so taken from the last transaction)' : ''
}

function readEpoch(files: Files, which: EpochFile): number | null {
  const name = NAMES[which]
  const bytes = readFile(files, 'snapshot', name, BYTES_MAX)
  if (bytes === null) return null
  const line = utf8(bytes, 0, bytes.length).split(/\r?\n/, 1)[0]!
  const epoch = /^\d{1,10}$/.test(line) ? Number(line) : EPOCH_MAX + 1
  if (epoch <= EPOCH_MAX) return epoch
  throw new DamagedError(name, -1, `it holds '${line}', which is no epoch`, REMEDY_REJOIN)
}
