// Names of log and snapshot files: a prefix and the zxid in hex, as ZooKeeper names them. A log
// is named by its first transaction, a snapshot by the last one it surely holds.

import { hexOf, isZxid, type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import type { Folder } from './files.ts'

export interface NamedFile {
  name: string
  zxid: Zxid
}

const LOG_NAME = /^log\.([0-9a-f]{1,16})$/
const SNAPSHOT_NAME = /^snapshot\.([0-9a-f]{1,16})(?:\.(gz|snappy))?$/
const SNAPSHOT_TEMPORARY =
  /^(?:writing\.snapshot\..*|snapshot\.[0-9a-f]{1,16}(?:\.gz|\.snappy)?\.tmp)$/

/** A file with a header only. It says that the history in this folder begins with the first log
 * after it. ZooKeeper reads it as a log without entries. */
export const ORIGIN_NAME = 'log.0'

/** Files that wait to become the next log and the next snapshot (spare.ts). Nobody else reads these
 * names. */
export const SPARE_NAMES: Readonly<Record<Folder, string>> = {
  log: 'spare.log',
  snapshot: 'spare.snapshot',
}

export function logName(zxid: Zxid): string {
  return `log.${hexOf(zxid)}`
}

/** How a snapshot is compressed; its name ends in this. */
export type Compression = '' | 'gz' | 'snappy'

export function snapshotName(zxid: Zxid, compression: Compression): string {
  return `snapshot.${hexOf(zxid)}${compression === '' ? '' : `.${compression}`}`
}

export function isLogName(name: string): boolean {
  return LOG_NAME.test(name)
}

export function isSnapshotName(name: string): boolean {
  return SNAPSHOT_NAME.test(name)
}

/** The name of a snapshot until it is complete and durable. ZooKeeper's own `snapshot.8c.tmp` will
 * not do: ZooKeeper takes that for a snapshot if its end looks right, and it may be the end of the
 * spare file that is being overwritten. */
export function snapshotTemporary(name: string): string {
  return `writing.${name}`
}

/** A temporary name of ours or of ZooKeeper's. */
export function isSnapshotTemporary(name: string): boolean {
  return SNAPSHOT_TEMPORARY.test(name)
}

/** The logs among these names, oldest first. */
export function sortedLogs(names: readonly string[]): NamedFile[] {
  return sorted(names, LOG_NAME)
}

/** The snapshots among these names, newest first. */
export function sortedSnapshots(names: readonly string[]): NamedFile[] {
  return sorted(names, SNAPSHOT_NAME).reverse()
}

function sorted(names: readonly string[], pattern: RegExp): NamedFile[] {
  const files: NamedFile[] = []
  for (const name of names) {
    const digits = pattern.exec(name)?.[1]
    if (digits === undefined) continue
    const value = BigInt(`0x${digits}`)
    const high = Number(BigInt.asIntN(32, value >> 32n))
    if (high < 0 || !isZxid(high)) continue
    files.push({ name, zxid: zxidOf(high, Number(value & 0xffff_ffffn)) })
  }
  return files.sort((a, b) => a.zxid - b.zxid || (a.name < b.name ? -1 : 1))
}
