// Where everything lies in a ring's shared memory.
//
//   ring    line of the producer    line of the consumer    line of both    frames ...
//           tail, its counters      head, its counters      flags, probe
//
//   frame   +0            +4                         +8
//           | length      | type, flags, field words | field | field | ...
//           | payload ...                                     pad to 8     |
//
// What a frame's fields mean is defined by the message's edge (runtime/edges). Each end writes to a
// line of its own, and its counters are on that line: counting touches no line that would not be
// touched anyway. Positions are wrapping int32 byte counts, masked into the frames, so `(tail -
// head) | 0` is the occupancy. All words are in the machine's order: only threads of one process
// read them.

import { assert } from '../../protocol/assert.ts'
import { Layout, WORD_BYTES } from '../../protocol/bytes/layout.ts'

/** Two cache lines of 64 bytes, because processors fetch neighbours in pairs. */
const LINE_BYTES = 128

function line(index: number): Layout {
  return new Layout(index * LINE_BYTES, (index + 1) * LINE_BYTES)
}

const producers = line(0)
export const TAIL_WORD: number = producers.word()
/** Frames and batches that were published, and frames that found no room. */
export const FRAMES_DOUBLE: number = producers.double()
export const BATCHES_DOUBLE: number = producers.double()
export const STALLS_DOUBLE: number = producers.double()

const consumers = line(1)
export const HEAD_WORD: number = consumers.word()
/** Batches whose wait was measured; the sum and the longest of those waits, in ms; and the most
 * bytes that the consumer found. */
export const WAITS_DOUBLE: number = consumers.double()
export const WAIT_SUM_DOUBLE: number = consumers.double()
export const WAIT_MAX_DOUBLE: number = consumers.double()
export const OCCUPANCY_MAX_DOUBLE: number = consumers.double()

const shared = line(2)
/** 1 while the producer waits for room. */
export const STARVED_WORD: number = shared.word()
/** A batch whose wait is being measured: 1 from when the producer has noted it until the consumer
 * has; where it begins; when it was published, in ms. */
export const PROBED_WORD: number = shared.word()
export const PROBE_AT_WORD: number = shared.word()
export const PROBE_DOUBLE: number = shared.double()

/** Where the frames begin. */
export const DATA_BYTE: number = 3 * LINE_BYTES

/** The words of a frame, from its start. */
export const LENGTH = 0
export const TYPE = 1
export const FIELDS = 2

/** A frame without fields and payload. */
export const FRAME_BYTES: number = FIELDS * WORD_BYTES
export const FRAME_ALIGN = 8
/** The most field words of a frame. An outbox has room for this many. */
export const FIELD_WORDS_MAX = 8

/** Type 0: skip `length` bytes to the start of the data area. */
export const PADDING_TYPE = 0
export const TYPE_MASK = 0xffff
/** Set on every piece of a message except the last. */
export const MORE_FLAG = 0x10000
/** From this bit on, the type word holds the count of field words. */
export const FIELD_WORDS_SHIFT = 24

assert(FRAME_BYTES % FRAME_ALIGN === 0, 'frame layout: padding has room for its header')
assert((TYPE_MASK & MORE_FLAG) === 0, 'frame layout: type and flag overlap')
assert(MORE_FLAG < 1 << FIELD_WORDS_SHIFT, 'frame layout: flag and field words overlap')
assert(FIELD_WORDS_MAX < 1 << (31 - FIELD_WORDS_SHIFT), 'frame layout: too many field words')
assert(DATA_BYTE % FRAME_ALIGN === 0, 'ring layout: frames are aligned')

export function alignFrame(bytes: number): number {
  return (bytes + FRAME_ALIGN - 1) & -FRAME_ALIGN
}

/** How many bytes a frame takes in the ring. */
export function frameBytes(fieldWords: number, payloadBytes: number): number {
  return alignFrame(FRAME_BYTES + fieldWords * WORD_BYTES + payloadBytes)
}

/** The largest payload of one frame. A frame never takes more than an eighth of its ring, so that
 * one large message cannot keep the others out for long. Longer messages travel in pieces. */
export function pieceBytesMax(capacity: number, fieldWords: number): number {
  return capacity / 8 - FRAME_BYTES - fieldWords * WORD_BYTES
}

export function ringMemory(capacity: number): SharedArrayBuffer {
  assert(capacity >= 1024 && (capacity & (capacity - 1)) === 0, 'ring capacity: a power of two')
  return new SharedArrayBuffer(DATA_BYTE + capacity)
}
