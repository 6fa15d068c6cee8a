// What the proposal/commit pipeline is told.

import type { Zxid } from '../zxid.ts'

export interface ZabMessages {
  /** From the tree: it holds everything the disk held, up to `zxid`. */
  loaded(zxid: Zxid): void
  /** From the tree that leads: TxnHeader, record, digest, in zxid order without a hole. */
  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** From the log: everything up to `zxid` is on disk. */
  synced(zxid: Zxid): void
}
