// The digest of a whole tree: the 64-bit wrapping sum of every node's CRC-32. So a change of one
// node is a subtraction and an addition (ZooKeeper's digest version 2).

import {
  crc32StateChange,
  crc32Update,
  crc32Value,
  crc32WordChange,
} from '../../../protocol/bytes/crc32.ts'
import { type Zxid, zxidHigh, zxidLow } from '../../../protocol/zxid.ts'

const WORD = 0x1_0000_0000

export class TreeDigest {
  high = 0
  low = 0

  copyFrom(other: TreeDigest): void {
    this.high = other.high
    this.low = other.low
  }

  set(high: number, low: number): void {
    this.high = high | 0
    this.low = low >>> 0
  }

  /** Takes one digest of a node out, and puts another in. Either may be 0. */
  replace(before: number, after: number): void {
    this.low += after - before
    if (this.low >= WORD) {
      this.low -= WORD
      this.high = (this.high + 1) | 0
    } else if (this.low < 0) {
      this.low += WORD
      this.high = (this.high - 1) | 0
    }
  }

  equals(high: number, low: number): boolean {
    return this.high === (high | 0) && this.low === low >>> 0
  }

  toHex(): string {
    return ((BigInt(this.high >>> 0) << 32n) | BigInt(this.low)).toString(16)
  }

  toBigInt(): bigint {
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low))
  }
}

/** The stat fields that a digest covers, as stored. */
export interface DigestedStat {
  czxid: number
  mzxid: number
  pzxid: number
  ctime: number
  mtime: number
  version: number
  cversion: number
  aversion: number
  ownerHigh: number
  ownerLow: number
}

// Where the fields are in the bytes that a digest covers.
const STAT_BYTES = 60
const MZXID_AT = 8
const PZXID_AT = 16
const MTIME_AT = 32
const VERSION_AT = 40
const CVERSION_AT = 44

const image = new Uint8Array(STAT_BYTES)
const view = new DataView(image.buffer)

/** A node's digest. `contentCrc` is the CRC state after its path and data. */
export function nodeDigest(contentCrc: number, stat: DigestedStat): number {
  putLong(0, stat.czxid)
  putLong(MZXID_AT, stat.mzxid)
  putLong(PZXID_AT, stat.pzxid)
  putLong(24, stat.ctime)
  putLong(MTIME_AT, stat.mtime)
  view.setInt32(VERSION_AT, stat.version)
  view.setInt32(CVERSION_AT, stat.cversion)
  view.setInt32(48, stat.aversion)
  view.setInt32(52, stat.ownerHigh)
  view.setInt32(56, stat.ownerLow)
  return crc32Value(crc32Update(contentCrc, image, 0, STAT_BYTES))
}

/** What a write of the data changes in the stat. */
export type WrittenStat = Pick<DigestedStat, 'mzxid' | 'mtime' | 'version'>

/** A node's digest after a write of its data, from the one before it, at a fifth of the work. The
 * contents are CRC states after path and data. */
export function nodeDigestAfterWrite(
  digest: number,
  contentBefore: number,
  contentAfter: number,
  before: WrittenStat,
  after: WrittenStat,
): number {
  const change =
    crc32StateChange(contentBefore ^ contentAfter, STAT_BYTES) ^
    longChange(MZXID_AT, before.mzxid, after.mzxid) ^
    longChange(MTIME_AT, before.mtime, after.mtime) ^
    wordChange(VERSION_AT, before.version ^ after.version)
  return (digest ^ change) >>> 0
}

/** What a child that comes or goes changes in its parent's stat. */
export type ParentStat = Pick<DigestedStat, 'pzxid' | 'cversion'>

/** A node's digest after a child came or went, from the one before it. */
export function nodeDigestAfterChild(
  digest: number,
  before: ParentStat,
  after: ParentStat,
): number {
  const change =
    longChange(PZXID_AT, before.pzxid, after.pzxid) ^
    wordChange(CVERSION_AT, before.cversion ^ after.cversion)
  return (digest ^ change) >>> 0
}

function longChange(at: number, before: number, after: number): number {
  return (
    wordChange(at, zxidHigh(before as Zxid) ^ zxidHigh(after as Zxid)) ^
    wordChange(at + 4, zxidLow(before as Zxid) ^ zxidLow(after as Zxid))
  )
}

function wordChange(at: number, change: number): number {
  return crc32WordChange(change, STAT_BYTES - 4 - at)
}

function putLong(at: number, value: number): void {
  view.setInt32(at, zxidHigh(value as Zxid))
  view.setInt32(at + 4, zxidLow(value as Zxid))
}
