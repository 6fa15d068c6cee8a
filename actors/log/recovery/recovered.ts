// What a recovery is asked for, tells, and finds (recovery.ts).

import type { TreeLogMessages } from '../../../protocol/messages/tree.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Epochs } from '../files/epoch-files.ts'
import type { SnapshotTree } from './snapshot-reader.ts'

export interface Recovered {
  lastZxid: Zxid
  /** Of the snapshot loaded; -1 when there was none. */
  snapshotZxid: Zxid
  replayedCount: number
  replayedBytes: number
  /** Neither a snapshot nor a log entry was there. */
  fresh: boolean
  /** Nothing that is there may be counted (loading.ts). */
  isLost: boolean
  /** At the start of a member of an ensemble. */
  epochs: Epochs | null
  /** In a trial: the first entry after its end. */
  beyond: { readonly name: string; readonly offset: number } | null
}

/** `start`: of the process, and what the last one left unfinished is finished. `reload`: snapshots
 * may be written meanwhile. `trial`: what would be found if nothing were there after `upTo`; no
 * file is touched. */
export type RecoveryScope = { kind: 'start' | 'reload' } | { kind: 'trial'; upTo: Zxid }

export type RecoveryTree = SnapshotTree & Pick<TreeLogMessages, 'replay'>
