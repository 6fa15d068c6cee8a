// What the proposal/commit pipeline is told.

import type { Zxid } from '../zxid.ts'
import type { EpochFile } from './log.ts'

export interface ZabMessages {
  /** From the tree: it holds everything the disk held, up to `zxid`. */
  loaded(zxid: Zxid): void
  /** From the tree that leads: TxnHeader, record, digest, in zxid order without a hole. */
  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** From the log: everything up to `zxid` is on disk. */
  synced(zxid: Zxid): void
  /** From the log of an ensemble's member, once, before the tree's first `loaded`: what the epoch
   * files say. */
  epochs(accepted: number, current: number): void
  /** From the log: this file is durable, and everything appended before it was asked for. */
  epochSaved(which: EpochFile): void
  /** From the log: where it ends now; elsewhere than asked when it could not be cut there. */
  truncated(last: Zxid): void
  /** From the log: the snapshot that the tree was given has replaced its history. */
  installed(): void
  /** From the log: everything that was asked before `settle` has been answered. */
  settled(): void
}
