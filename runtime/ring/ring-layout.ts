// Offsets of a ring and of a frame in shared memory, nothing else.
//
//   ring    0 tail, counters     128 head, counters    256 flags of both    384 frames ...
//           of the producer      of the consumer
//
//   frame   +0            +4            +8            +12
//           | length      | type, flags | slot        | xid         |
//           | zxid high   | zxid low    | a           | b           |
//           | payload ...                             pad to 8      |
//
// Tail, head and flags lie on cache lines of their own, and each end's counters on its own line:
// counting touches no line that would not be touched anyway. Positions are wrapping int32 byte
// counts, masked into the data area, so `(tail - head) | 0` is the occupancy. All words are
// big-endian but those before the frames, which have the machine's order.

import { assert } from '../../protocol/assert.ts'

export const TAIL_WORD = 0
export const HEAD_WORD = 32
export const STARVED_WORD = 64

/** A batch on its way whose wait is measured: 1 from when the producer has noted it until the
 * consumer has; where it begins; when it was published. */
export const PROBED_WORD = 65
export const PROBE_AT_WORD = 66
/** Doubles are counted in eights of bytes. Milliseconds. */
export const PROBE_DOUBLE = 34

/** The producer's: frames and batches published, frames that found no room. */
export const FRAMES_DOUBLE = 1
export const BATCHES_DOUBLE = 2
export const STALLS_DOUBLE = 3
/** The consumer's: batches whose wait was measured, the sum of the waits and the longest, in ms; the
 * most bytes that it found. */
export const WAITS_DOUBLE = 17
export const WAIT_SUM_DOUBLE = 18
export const WAIT_MAX_DOUBLE = 19
export const OCCUPANCY_MAX_DOUBLE = 20

export const DATA_BYTE = 384

export const FRAME_BYTES = 32
export const FRAME_ALIGN = 8

export const LENGTH_AT = 0
export const TYPE_AT = 4
export const SLOT_AT = 8
export const XID_AT = 12
export const ZXID_HIGH_AT = 16
export const ZXID_LOW_AT = 20
export const A_AT = 24
export const B_AT = 28

/** Type 0: skip `length` bytes to the start of the data area. */
export const PADDING_TYPE = 0
/** Set on every piece of a message but its last. */
export const MORE_FLAG = 0x10000
export const TYPE_MASK = 0xffff

export function alignFrame(bytes: number): number {
  return (bytes + FRAME_ALIGN - 1) & -FRAME_ALIGN
}

/** The largest payload of one frame: a frame never takes more than an eighth of its ring, so one
 * large message cannot keep the others out for long. Longer messages travel in pieces. */
export function pieceBytesMax(capacity: number): number {
  return capacity / 8 - FRAME_BYTES
}

export function ringMemory(capacity: number): SharedArrayBuffer {
  assert(capacity >= 1024 && (capacity & (capacity - 1)) === 0, 'ring capacity: a power of two')
  return new SharedArrayBuffer(DATA_BYTE + capacity)
}
