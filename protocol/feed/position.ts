// How far a consumer of the change feed has come, as a text that it keeps: `0x100000005`, everything up to
// this transaction; `0x100000005.2`, up to the change with this number in it.

import { formatZxid, isZxid, ZXID_ZERO, type Zxid, zxidOf } from '../zxid.ts'

export interface Position {
  readonly zxid: Zxid
  /** Infinity: the whole transaction. */
  readonly index: number
}

const TEXT = /^0x([0-9a-f]{1,16})(?:\.(\d{1,9}))?$/i

/** Null if the text is no position. */
export function positionFrom(text: string): Position | null {
  const [, digits, index] = TEXT.exec(text) ?? []
  if (digits === undefined) return null
  const value = BigInt(`0x${digits}`)
  const high = Number(value >> 32n)
  if (!isZxid(high)) return null
  const zxid = zxidOf(high, Number(value & 0xffff_ffffn))
  if (index !== undefined && zxid === ZXID_ZERO) return null
  return { zxid, index: index === undefined ? Number.POSITIVE_INFINITY : Number(index) }
}

export function positionText({ zxid, index }: Position): string {
  return Number.isFinite(index) ? `${formatZxid(zxid)}.${index}` : formatZxid(zxid)
}
