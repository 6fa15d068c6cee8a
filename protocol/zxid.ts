// The transaction id: epoch in the high 32 bits, counter in the low 32.
//
// A zxid is a plain number, epoch * 2^32 + counter. It is exact while the epoch is below 2^21 (two
// million elections), and `<`, `===` and Map work on it without garbage. Only this file puts zxids
// together and takes them apart. On the wire a zxid is two 32-bit fields.

import { assert } from './assert.ts'

declare const zxidBrand: unique symbol
export type Zxid = number & { readonly [zxidBrand]: true }

const COUNTER_RANGE = 0x1_0000_0000
export const EPOCH_MAX: number = 2 ** 21 - 1
export const COUNTER_MAX: number = 0xffff_ffff

export const ZXID_NONE: Zxid = -1 as Zxid
export const ZXID_ZERO: Zxid = 0 as Zxid

/** Makes a zxid of its two words as they come from the wire, with either sign. The high word may be
 * negative: -1 is the zxid of no transaction. `isZxid` says whether words from outside may be used
 * here. */
export function zxidOf(high: number, low: number): Zxid {
  assert(high <= EPOCH_MAX, 'zxid epoch out of range')
  return (high * COUNTER_RANGE + (low >>> 0)) as Zxid
}

/** Whether two words from the wire form a zxid that a number holds exactly. */
export function isZxid(high: number): boolean {
  return high <= EPOCH_MAX && high >= -EPOCH_MAX
}

export function epochOf(zxid: Zxid): number {
  return Math.floor(zxid / COUNTER_RANGE)
}

export function counterOf(zxid: Zxid): number {
  return zxid - Math.floor(zxid / COUNTER_RANGE) * COUNTER_RANGE
}

/** The high word as a signed 32-bit value, for a wire field. */
export function zxidHigh(zxid: Zxid): number {
  return Math.floor(zxid / COUNTER_RANGE) | 0
}

/** The low word as a signed 32-bit value, for a wire field. */
export function zxidLow(zxid: Zxid): number {
  return counterOf(zxid) | 0
}

/** The zxid after this one in the same epoch. The caller must watch for the end of the counter. */
export function nextZxid(zxid: Zxid): Zxid {
  assert(counterOf(zxid) !== COUNTER_MAX, 'zxid counter exhausted')
  return (zxid + 1) as Zxid
}

/** The number below, which may be no transaction's. */
export function belowZxid(zxid: Zxid): Zxid {
  return (zxid - 1) as Zxid
}

/** Whether `next` is the next number after `previous`. */
export function isNext(previous: Zxid, next: Zxid): boolean {
  return next === previous + 1
}

/** The zxid that a leading server assigns after `zxid`; at the end of the counter, the first of the
 * next epoch. */
export function followingZxid(zxid: Zxid): Zxid {
  return counterOf(zxid) === COUNTER_MAX ? zxidOf(epochOf(zxid) + 1, 1) : nextZxid(zxid)
}

/** Whether transaction `next` may stand directly after `previous`: it has the next number, or is
 * the first of a later epoch. Anything else is a hole: transactions between the two are missing.
 * (The next number includes that of a standalone ZooKeeper whose counter has overflowed: it ends
 * in 0.) */
export function follows(previous: Zxid, next: Zxid): boolean {
  if (isNext(previous, next)) return true
  return epochOf(next) > epochOf(previous) && counterOf(next) === 1
}

/** `0x` and lower-case digits, as ZooKeeper logs it; -1 is 0xffffffffffffffff. */
export function formatZxid(zxid: Zxid): string {
  return `0x${hexOf(zxid)}`
}

/** Only the digits, as in the names of log and snapshot files. */
export function hexOf(zxid: Zxid): string {
  return BigInt.asUintN(64, BigInt(zxid)).toString(16)
}
