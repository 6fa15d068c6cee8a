// A single-producer, single-consumer ring of frames in shared memory.
//
// The producer writes frames behind the tail, and publishes them all with one store. The consumer
// reads up to the tail that it sees, and gives the space back with one store. A frame never wraps:
// a padding frame fills the end of the data area. "Full" is a return value. The Outbox sends a
// payload longer than an eighth of the ring in pieces, and the Inbox joins them again, so that here
// every frame fits. After Agrona's OneToOneRingBuffer, without its crash recovery: our two ends
// live and die together.
//
// A `!` in this file stands at a word of the control lines or at a masked position; both are always
// inside the memory.

import { assert } from '../../protocol/assert.ts'
import { copyBytes } from '../../protocol/bytes/copy-bytes.ts'
import { type Zxid, zxidOf } from '../../protocol/zxid.ts'
import * as layout from './ring-layout.ts'

export class RingProducer {
  readonly capacity: number
  readonly #words: Int32Array<SharedArrayBuffer>
  /** The frames, in two views. */
  readonly #frames: Int32Array<SharedArrayBuffer>
  readonly #bytes: Uint8Array<SharedArrayBuffer>
  readonly #doubles: Float64Array<SharedArrayBuffer>
  #tail: number
  /** The tail that the consumer sees. */
  #published: number
  #headSeen: number
  #offered = 0

  constructor(memory: SharedArrayBuffer) {
    this.capacity = memory.byteLength - layout.DATA_BYTE
    this.#words = new Int32Array(memory, 0, layout.DATA_BYTE / 4)
    this.#frames = new Int32Array(memory, layout.DATA_BYTE)
    this.#bytes = new Uint8Array(memory, layout.DATA_BYTE)
    this.#doubles = new Float64Array(memory, 0, layout.DATA_BYTE / 8)
    this.#tail = Atomics.load(this.#words, layout.TAIL_WORD)
    this.#published = this.#tail
    this.#headSeen = Atomics.load(this.#words, layout.HEAD_WORD)
  }

  /** Copies one frame in, and does not publish it. `head` is its type, flags and count of field
   * words. False if the ring has no room; then nothing was written. */
  offer(
    head: number,
    fields: Int32Array,
    payload: Uint8Array | null,
    start: number,
    end: number,
  ): boolean {
    const count = head >>> layout.FIELD_WORDS_SHIFT
    const payloadAt = layout.FRAME_BYTES + count * 4
    const length = payloadAt + (end - start)
    const at = this.#claim(layout.alignFrame(length))
    if (at < 0) return false
    const frames = this.#frames
    const word = at >> 2
    frames[word + layout.LENGTH] = length
    frames[word + layout.TYPE] = head
    for (let i = 0; i < count; i++) frames[word + layout.FIELDS + i] = fields[i]!
    if (payload !== null) copyBytes(payload, start, end, this.#bytes, at + payloadAt)
    this.#offered++
    return true
  }

  /** Makes everything that was offered visible. False if there was nothing new. */
  publish(): boolean {
    if (this.#published === this.#tail) return false
    this.#doubles[layout.FRAMES_DOUBLE]! += this.#offered
    this.#doubles[layout.BATCHES_DOUBLE]! += 1
    this.#offered = 0
    Atomics.store(this.#words, layout.TAIL_WORD, this.#tail)
    this.#published = this.#tail
    return true
  }

  /** Measures the wait of what is published next, from `nowMs` on, unless another wait is being
   * measured. */
  probe(nowMs: number): void {
    if (this.#published === this.#tail) return
    if (Atomics.load(this.#words, layout.PROBED_WORD) !== 0) return
    this.#words[layout.PROBE_AT_WORD] = this.#published
    this.#doubles[layout.PROBE_DOUBLE] = nowMs
    Atomics.store(this.#words, layout.PROBED_WORD, 1)
  }

  /** A frame found no room. */
  stalled(): void {
    this.#doubles[layout.STALLS_DOUBLE]! += 1
  }

  /** Asks the consumer to ring our bell once it has given space back. Call it when `offer` has
   * returned false, and then try once more before parking. */
  starve(): void {
    Atomics.store(this.#words, layout.STARVED_WORD, 1)
  }

  /** Bytes between head and tail, including unpublished frames. */
  occupancy(): number {
    return (this.#tail - Atomics.load(this.#words, layout.HEAD_WORD)) | 0
  }

  /** The offset of `size` free bytes in one stretch, or -1. */
  #claim(size: number): number {
    assert(size <= this.capacity / 8, 'frame too large for its ring')
    const mask = this.capacity - 1
    const at = this.#tail & mask
    const toEnd = this.capacity - at
    const padding = toEnd < size ? toEnd : 0
    if (!this.#hasRoom(size + padding)) return -1
    if (padding > 0) {
      this.#frames[(at >> 2) + layout.LENGTH] = padding
      this.#frames[(at >> 2) + layout.TYPE] = layout.PADDING_TYPE
    }
    this.#tail = (this.#tail + padding + size) | 0
    return padding > 0 ? 0 : at
  }

  /** Reads the consumer's line only if the ring looks full. */
  #hasRoom(size: number): boolean {
    if (((this.#tail - this.#headSeen) | 0) + size <= this.capacity) return true
    this.#headSeen = Atomics.load(this.#words, layout.HEAD_WORD)
    return ((this.#tail - this.#headSeen) | 0) + size <= this.capacity
  }
}

/** A frame in the ring, as its consumer sees it. Fields and payload are valid only until the
 * handler returns. A field is asked for by its first word, which must be below `count`. That a
 * frame has the fields of its type is checked where it is delivered (runtime/edges). */
export class FrameView {
  type = 0
  more = false
  /** Where the fields are, and how many words they take. */
  words: Int32Array
  at = 0
  count = 0
  /** The payload. */
  bytes: Uint8Array
  start = 0
  end = 0

  constructor(words: Int32Array, bytes: Uint8Array) {
    this.words = words
    this.bytes = bytes
  }

  int(word: number): number {
    return this.words[this.at + word]!
  }

  flag(word: number): boolean {
    return this.words[this.at + word] !== 0
  }

  zxid(word: number): Zxid {
    return zxidOf(this.words[this.at + word]!, this.words[this.at + word + 1]!)
  }
}

export class RingConsumer {
  readonly capacity: number
  readonly frame: FrameView
  readonly #words: Int32Array<SharedArrayBuffer>
  /** The frames, in two views. */
  readonly #frames: Int32Array<SharedArrayBuffer>
  readonly #bytes: Uint8Array<SharedArrayBuffer>
  readonly #doubles: Float64Array<SharedArrayBuffer>
  #head: number
  /** The producer has its space back up to here. */
  #released: number
  /** The tail, when it was last looked at. */
  #tailSeen: number

  constructor(memory: SharedArrayBuffer) {
    this.capacity = memory.byteLength - layout.DATA_BYTE
    this.#words = new Int32Array(memory, 0, layout.DATA_BYTE / 4)
    this.#frames = new Int32Array(memory, layout.DATA_BYTE)
    this.#bytes = new Uint8Array(memory, layout.DATA_BYTE)
    this.#doubles = new Float64Array(memory, 0, layout.DATA_BYTE / 8)
    this.#head = Atomics.load(this.#words, layout.HEAD_WORD)
    this.#released = this.#head
    this.#tailSeen = this.#head
    this.frame = new FrameView(this.#frames, this.#bytes)
  }

  /** Points `frame` at the next published frame. False if there is none. */
  next(): boolean {
    if (this.#tailSeen === this.#head) {
      this.#tailSeen = Atomics.load(this.#words, layout.TAIL_WORD)
      if (this.#tailSeen === this.#head) return false
    }
    const frames = this.#frames
    let at = this.#head & (this.capacity - 1)
    let head = frames[(at >> 2) + layout.TYPE]!
    if ((head & layout.TYPE_MASK) === layout.PADDING_TYPE) {
      this.#head = (this.#head + frames[(at >> 2) + layout.LENGTH]!) | 0
      at = 0
      head = frames[layout.TYPE]!
    }
    const length = frames[(at >> 2) + layout.LENGTH]!
    const count = head >>> layout.FIELD_WORDS_SHIFT
    const payloadAt = layout.FRAME_BYTES + count * 4
    assert(length >= payloadAt && length <= this.capacity / 8, 'ring frame length')
    const frame = this.frame
    frame.type = head & layout.TYPE_MASK
    frame.more = (head & layout.MORE_FLAG) !== 0
    frame.at = (at >> 2) + layout.FIELDS
    frame.count = count
    frame.bytes = this.#bytes
    frame.start = at + payloadAt
    frame.end = at + length
    this.#head = (this.#head + layout.alignFrame(length)) | 0
    return true
  }

  /** Measures the wait of a probed batch, if one was read. `nowMs` is when reading began. */
  observe(nowMs: number): void {
    if (Atomics.load(this.#words, layout.PROBED_WORD) === 0) return
    if (((this.#head - this.#words[layout.PROBE_AT_WORD]!) | 0) <= 0) return
    const doubles = this.#doubles
    // A batch that came while reading was under way has not waited.
    const waitMs = Math.max(0, nowMs - doubles[layout.PROBE_DOUBLE]!)
    doubles[layout.WAITS_DOUBLE]! += 1
    doubles[layout.WAIT_SUM_DOUBLE]! += waitMs
    if (waitMs > doubles[layout.WAIT_MAX_DOUBLE]!) doubles[layout.WAIT_MAX_DOUBLE] = waitMs
    Atomics.store(this.#words, layout.PROBED_WORD, 0)
  }

  /** Gives back the space of every frame that was read. True if the producer waits for it: then
   * ring the producer's bell. */
  release(): boolean {
    if (this.#released === this.#head) return false
    const occupancy = (Atomics.load(this.#words, layout.TAIL_WORD) - this.#released) | 0
    const doubles = this.#doubles
    if (occupancy > doubles[layout.OCCUPANCY_MAX_DOUBLE]!) {
      doubles[layout.OCCUPANCY_MAX_DOUBLE] = occupancy
    }
    Atomics.store(this.#words, layout.HEAD_WORD, this.#head)
    this.#released = this.#head
    if (Atomics.load(this.#words, layout.STARVED_WORD) === 0) return false
    Atomics.store(this.#words, layout.STARVED_WORD, 0)
    return true
  }
}
