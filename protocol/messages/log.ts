// What the log is told.

import type { Zxid } from '../zxid.ts'
import type { Link } from './link.ts'

/** The files acceptedEpoch and currentEpoch. */
export type EpochFile = 'accepted' | 'current'

/** A configuration's files: of the one in force, or of the one that is to follow. */
export type ConfigFile = 'current' | 'next'

/** What a learner is to be sent from the disk. 'exact': what follows exactly this transaction.
 * 'near': what follows the newest transaction of ours that is not after it, or a snapshot,
 * whichever is less. */
export type ReadKind = 'exact' | 'near' | 'snapshot'

/** What an ensemble's zab asks, from `saveEpoch` on, is carried out one after the other, and
 * answered in that order. Between `install` and `installed`, and between `reload` and the tree's
 * `loaded` that comes of it, nothing but `fence` may be asked. */
export interface LogMessages {
  /** From zab: this server is a quorum by itself, so tell the tree, not zab, what is synced. */
  alone(): void
  /** From zab, or from a tree that leads alone: write this transaction. `synced` tells zab when it
   * can no longer be lost. The bytes are exactly the payload of a log entry. */
  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** From the snapshot writer: the file of this zxid is complete and durable. Older files, and logs
   * that only they need, may be purged. The file of an abandoned install is removed instead. */
  snapshotSaved(zxid: Zxid): void
  /** The snapshot could not be written; the next occasion will be taken. For an install that waits
   * for it there is none, so then it is fatal. */
  snapshotFailed(): void
  /** `epochSaved` follows when the file is durable, and everything that was appended before. */
  saveEpoch(which: EpochFile, epoch: number): void
  /** Writes what is in force, or what is to follow, to the configuration's files, before anything
   * that is asked later. No bytes: nothing is to follow. Nobody is told. */
  saveConfig(which: ConfigFile, bytes: Uint8Array, start: number, end: number): void
  /** Cuts the log after this transaction, and drops newer snapshots. `truncated` says where it ends
   * now. A log stays as it is if it does not hold exactly this transaction, or could not be loaded
   * up to it without what would go. */
  truncate(zxid: Zxid): void
  /** The tree was given a whole snapshot, which ends at this zxid. Once its file is written, it
   * replaces every log and every other snapshot, and `installed` follows. A crash before that
   * leaves what was there before; a crash after it leaves the snapshot. */
  install(zxid: Zxid): void
  /** Tell the tree again what the disk holds, as at the start. */
  reload(): void
  /** What this member had lost (`damaged` of zab) it has back. It counts again. */
  whole(): void
  /** `fenced` follows, to zab and to the tree, after every answer to earlier requests. An install
   * that waits for its snapshot is abandoned without an answer; so is what is being read for
   * learners. */
  fence(): void
  /** A learner needs what the disk holds after `after`. `readBegun` says where that begins, and a
   * piece comes for each `readOn`; or `readFailed`, at any time. Until `endRead` nothing that it
   * needs is purged, within a limit (readers.ts). At most one at a time for each link. */
  beginRead(link: Link, kind: ReadKind, after: Zxid): void
  readOn(link: Link): void
  endRead(link: Link): void
}
