// What the log is told.

import type { Zxid } from '../zxid.ts'

export interface LogMessages {
  /** From zab: this server is a quorum by itself, so tell the tree of what is synced, not zab. */
  alone(): void
  /** From zab, or from a tree that leads alone: write this transaction; `synced` tells zab when it cannot be lost any more. The
   * bytes are the payload of a log entry, exactly. */
  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** From the snapshot writer: the file of this zxid is complete and durable; older ones and the
   * logs only they need may be purged. */
  snapshotSaved(zxid: Zxid): void
  /** The snapshot could not be written; try again at the next occasion. */
  snapshotFailed(): void
}
