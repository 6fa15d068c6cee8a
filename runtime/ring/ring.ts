// A single-producer, single-consumer ring of frames in shared memory.
//
// The producer writes frames past the tail and publishes them all with one store; the consumer
// reads up to the tail it sees and gives the space back with one store. A frame never wraps: a
// padding frame fills the end of the data area. Full is a return value. A payload longer than an
// eighth of the ring is sent in pieces by the Outbox and joined again by the Inbox, so here every
// frame fits. After Agrona's OneToOneRingBuffer, less its crash recovery: our two ends live and
// die together.

import { assert } from '../../protocol/assert.ts'
import { copyBytes } from '../../protocol/bytes/copy-bytes.ts'
import { type Zxid, zxidHigh, zxidLow, zxidOf } from '../../protocol/zxid.ts'
import * as layout from './ring-layout.ts'

/** What a frame carries besides its payload. `a` and `b` mean what the message's edge says. */
export interface FrameHeader {
  type: number
  slot: number
  xid: number
  zxid: Zxid
  a: number
  b: number
}

export class RingProducer {
  readonly capacity: number
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #bytes: Uint8Array<SharedArrayBuffer>
  readonly #view: DataView<SharedArrayBuffer>
  readonly #doubles: Float64Array<SharedArrayBuffer>
  #tail: number
  /** The tail that the consumer sees. */
  #published: number
  #headSeen: number
  #frames = 0

  constructor(memory: SharedArrayBuffer) {
    this.capacity = memory.byteLength - layout.DATA_BYTE
    this.#words = new Int32Array(memory, 0, layout.DATA_BYTE / 4)
    this.#bytes = new Uint8Array(memory, layout.DATA_BYTE)
    this.#view = new DataView(memory, layout.DATA_BYTE)
    this.#doubles = new Float64Array(memory, 0, layout.DATA_BYTE / 8)
    this.#tail = Atomics.load(this.#words, layout.TAIL_WORD)
    this.#published = this.#tail
    this.#headSeen = Atomics.load(this.#words, layout.HEAD_WORD)
  }

  /** Copies one frame in, unpublished. False when the ring has no room: nothing was written. */
  offer(
    flags: number,
    header: FrameHeader,
    payload: Uint8Array | null,
    start: number,
    end: number,
  ): boolean {
    const length = layout.FRAME_BYTES + (end - start)
    const at = this.#claim(layout.alignFrame(length))
    if (at < 0) return false
    const view = this.#view
    view.setInt32(at, length)
    view.setInt32(at + layout.TYPE_AT, header.type | flags)
    view.setInt32(at + layout.SLOT_AT, header.slot)
    view.setInt32(at + layout.XID_AT, header.xid)
    view.setInt32(at + layout.ZXID_HIGH_AT, zxidHigh(header.zxid))
    view.setInt32(at + layout.ZXID_LOW_AT, zxidLow(header.zxid))
    view.setInt32(at + layout.A_AT, header.a)
    view.setInt32(at + layout.B_AT, header.b)
    if (payload !== null) copyBytes(payload, start, end, this.#bytes, at + layout.FRAME_BYTES)
    this.#frames++
    return true
  }

  /** Makes everything offered visible. False when there was nothing new. */
  publish(): boolean {
    if (this.#published === this.#tail) return false
    this.#doubles[layout.FRAMES_DOUBLE]! += this.#frames
    this.#doubles[layout.BATCHES_DOUBLE]! += 1
    this.#frames = 0
    Atomics.store(this.#words, layout.TAIL_WORD, this.#tail)
    this.#published = this.#tail
    return true
  }

  /** Has the wait of what is published next measured from `nowMs` on, unless another's is. */
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

  /** Asks the consumer to ring our bell once it has given space back. To be called when `offer`
   * returned false; the caller then tries once more before it parks. */
  starve(): void {
    Atomics.store(this.#words, layout.STARVED_WORD, 1)
  }

  /** Bytes between head and tail, unpublished frames included. */
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
      this.#view.setInt32(at, padding)
      this.#view.setInt32(at + layout.TYPE_AT, layout.PADDING_TYPE)
    }
    this.#tail = (this.#tail + padding + size) | 0
    return padding > 0 ? 0 : at
  }

  /** Reads the consumer's line only when the ring looks full. */
  #hasRoom(size: number): boolean {
    if (((this.#tail - this.#headSeen) | 0) + size <= this.capacity) return true
    this.#headSeen = Atomics.load(this.#words, layout.HEAD_WORD)
    return ((this.#tail - this.#headSeen) | 0) + size <= this.capacity
  }
}

/** A frame as its consumer sees it. Header and payload are valid only until the handler returns. */
export class FrameView implements FrameHeader {
  type = 0
  slot = 0
  xid = 0
  zxid: Zxid = 0 as Zxid
  a = 0
  b = 0
  more = false
  bytes: Uint8Array
  start = 0
  end = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

export class RingConsumer {
  readonly capacity: number
  readonly frame: FrameView
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #bytes: Uint8Array<SharedArrayBuffer>
  readonly #view: DataView<SharedArrayBuffer>
  readonly #doubles: Float64Array<SharedArrayBuffer>
  #head: number
  /** Up to there the producer has its space back. */
  #released: number
  /** The tail, when it was looked at last. */
  #tailSeen: number

  constructor(memory: SharedArrayBuffer) {
    this.capacity = memory.byteLength - layout.DATA_BYTE
    this.#words = new Int32Array(memory, 0, layout.DATA_BYTE / 4)
    this.#bytes = new Uint8Array(memory, layout.DATA_BYTE)
    this.#view = new DataView(memory, layout.DATA_BYTE)
    this.#doubles = new Float64Array(memory, 0, layout.DATA_BYTE / 8)
    this.#head = Atomics.load(this.#words, layout.HEAD_WORD)
    this.#released = this.#head
    this.#tailSeen = this.#head
    this.frame = new FrameView(this.#bytes)
  }

  /** Points `frame` at the next published frame. False when there is none. */
  next(): boolean {
    if (this.#tailSeen === this.#head) {
      this.#tailSeen = Atomics.load(this.#words, layout.TAIL_WORD)
      if (this.#tailSeen === this.#head) return false
    }
    const view = this.#view
    let at = this.#head & (this.capacity - 1)
    if ((view.getInt32(at + layout.TYPE_AT) & layout.TYPE_MASK) === layout.PADDING_TYPE) {
      this.#head = (this.#head + view.getInt32(at)) | 0
      at = 0
    }
    const length = view.getInt32(at)
    assert(length >= layout.FRAME_BYTES && length <= this.capacity / 8, 'ring frame length')
    const frame = this.frame
    const type = view.getInt32(at + layout.TYPE_AT)
    frame.type = type & layout.TYPE_MASK
    frame.more = (type & layout.MORE_FLAG) !== 0
    frame.slot = view.getInt32(at + layout.SLOT_AT)
    frame.xid = view.getInt32(at + layout.XID_AT)
    frame.zxid = zxidOf(
      view.getInt32(at + layout.ZXID_HIGH_AT),
      view.getInt32(at + layout.ZXID_LOW_AT),
    )
    frame.a = view.getInt32(at + layout.A_AT)
    frame.b = view.getInt32(at + layout.B_AT)
    frame.bytes = this.#bytes
    frame.start = at + layout.FRAME_BYTES
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

  /** Gives the space of every frame read back. True when the producer waits for it: the caller
   * rings the producer's bell. */
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
