// What a recovery is asked for, what it tells, and what it finds (recovery.ts).

import type { TreeLogMessages } from '../../../protocol/messages/tree.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Epochs } from '../files/epoch-files.ts'
import type { SnapshotTree } from './snapshot-reader.ts'

export interface Recovered {
  lastZxid: Zxid
  /** The zxid of the snapshot that was loaded; -1 if there was none. */
  snapshotZxid: Zxid
  replayedCount: number
  replayedBytes: number
  /** There was neither a snapshot nor a log entry. */
  fresh: boolean
  /** Nothing that is there may be counted (loading.ts). */
  isLost: boolean
  /** Only at the start of a member of an ensemble. */
  epochs: Epochs | null
  /** In a trial: the first entry after its end. */
  beyond: { readonly name: string; readonly offset: number } | null
}

/** `start`: of the process; also finishes what the last process left unfinished. `reload`: later,
 * when snapshots may be being written. `trial`: what would be found if there were nothing after
 * `upTo`; no file is touched. */
export type RecoveryScope = { kind: 'start' | 'reload' } | { kind: 'trial'; upTo: Zxid }

export type RecoveryTree = SnapshotTree & Pick<TreeLogMessages, 'replay'>
