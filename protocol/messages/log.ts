// What the log is told.

import type { Zxid } from '../zxid.ts'
import type { Link } from './link.ts'

/** The files acceptedEpoch and currentEpoch. */
export type EpochFile = 'accepted' | 'current'

/** What a learner is to be sent from the disk: what follows exactly this transaction; what follows
 * the newest of ours that is not after it, or a snapshot, whichever is less; a snapshot. */
export type ReadKind = 'exact' | 'near' | 'snapshot'

/** What an ensemble's zab asks from `saveEpoch` on is carried out one after the other and answered
 * in that order. Between `install` and `installed`, and between `reload` and what the tree then
 * makes of `recovered`, nothing but `fence` may be asked. */
export interface LogMessages {
  /** From zab: this server is a quorum by itself, so tell the tree of what is synced, not zab. */
  alone(): void
  /** From zab, or from a tree that leads alone: write this transaction; `synced` tells zab when it cannot be lost any more. The
   * bytes are the payload of a log entry, exactly. */
  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** From the snapshot writer: the file of this zxid is complete and durable; older ones and the
   * logs only they need may be purged. Not that of an install that was abandoned: it is removed. */
  snapshotSaved(zxid: Zxid): void
  /** The snapshot could not be written; try again at the next occasion. There is none for an
   * install that waits for it: then it is fatal. */
  snapshotFailed(): void
  /** `epochSaved` follows when the file is durable, and everything appended before. */
  saveEpoch(which: EpochFile, epoch: number): void
  /** Cuts the log behind this transaction and drops newer snapshots; `truncated` says where it ends
   * now. A log that does not hold exactly this one, or could not be loaded up to it without what
   * would go, stays as it is. */
  truncate(zxid: Zxid): void
  /** The tree was given a whole snapshot at this zxid: once its file is written, it replaces every
   * log and every other snapshot, and `installed` follows. Until then a crash leaves what was
   * there before, and afterwards the snapshot. */
  install(zxid: Zxid): void
  /** The tree is told again what the disk holds, as at the start. */
  reload(): void
  /** What this member had lost it has got back (`damaged` of zab): it counts again. */
  whole(): void
  /** `fenced` follows, to zab and to the tree, after every answer to what was asked before. An
   * install that waits for its snapshot is abandoned and not answered, and so is what is read for
   * learners. */
  fence(): void
  /** A learner needs what the disk holds behind `after`. `readBegun` says where that begins, and a
   * piece comes for each `readOn`; or `readFailed`, at any time. Until `endRead` nothing is purged
   * that it needs, within a limit (readers.ts). Once at a time for each link. */
  beginRead(link: Link, kind: ReadKind, after: Zxid): void
  readOn(link: Link): void
  endRead(link: Link): void
}
