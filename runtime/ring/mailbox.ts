// The two ends of an edge between actors: an Outbox, which never refuses a message, and an Inbox,
// which delivers whole messages.
//
// A message that is too long for a frame is cut into pieces, which follow one another in the ring.
// So a znode of a megabyte or a list of 100,000 children keeps its place in the order. What does
// not fit into a full ring spills into the outbox's own queue. That queue is bounded, because a
// host lets its actor take no further step while more has spilled than the edge allows
// (actor-host.ts): it holds at most that, and what one step produced. From there pressure travels
// upstream. Most edges allow nothing. Edges allow more if their consumer may hang while others can
// do without it (topology.ts).

import { assert } from '../../protocol/assert.ts'
import { MESSAGE_BYTES_MAX, STEP_BYTES_MAX } from '../../protocol/limits.ts'
import type { Doorbell } from './doorbell.ts'
import type { FrameView, RingConsumer, RingProducer } from './ring.ts'
import {
  FIELD_WORDS_MAX,
  FIELD_WORDS_SHIFT,
  MORE_FLAG,
  PADDING_TYPE,
  pieceBytesMax,
  TYPE_MASK,
} from './ring-layout.ts'

interface SpilledFrame {
  readonly head: number
  readonly fields: Int32Array
  readonly payload: Uint8Array
}

const NO_BYTES = new Uint8Array(0)
/** What a spilled frame costs besides its payload. */
const SPILLED_BYTES = 256

export class Outbox {
  readonly name: string
  readonly #ring: RingProducer
  readonly #consumer: Doorbell
  /** The fields of the next message. Write them before it is sent. */
  readonly fields: Int32Array = new Int32Array(FIELD_WORDS_MAX)
  readonly #spillBytesMax: number
  readonly #stepBytesMax: number
  /** Invariant: no more than `spillBytesMax` and what one step sends (STEP_BYTES_MAX). */
  #spilled: SpilledFrame[] = []
  #spilledNext = 0
  #spilledBytes = 0

  /** `consumer` is the bell of the thread that reads the ring. `spillBytesMax` bytes may wait
   * outside it before the producer has to wait. */
  constructor(
    name: string,
    ring: RingProducer,
    consumer: Doorbell,
    spillBytesMax: number = 0,
    stepBytesMax: number = STEP_BYTES_MAX,
  ) {
    this.name = name
    this.#stepBytesMax = stepBytesMax
    this.#ring = ring
    this.#consumer = consumer
    this.#spillBytesMax = spillBytesMax
  }

  get spilling(): boolean {
    return this.#spilled.length > 0
  }

  /** Whether its producer has to wait. */
  get blocked(): boolean {
    return this.#spilledBytes > this.#spillBytesMax
  }

  occupancy(): number {
    return this.#ring.occupancy()
  }

  /** Sends a message with the first `fieldWords` of `fields`. Fields and payload are copied, and
   * are the caller's again when this returns. */
  send(
    type: number,
    fieldWords: number,
    payload: Uint8Array | null = null,
    start: number = 0,
    end: number = payload === null ? 0 : payload.length,
  ): void {
    assert(type > PADDING_TYPE && type <= TYPE_MASK, 'message type')
    const head = type | (fieldWords << FIELD_WORDS_SHIFT)
    const pieceMax = pieceBytesMax(this.#ring.capacity, fieldWords)
    let from = start
    while (end - from > pieceMax) {
      this.#offer(head | MORE_FLAG, payload, from, from + pieceMax)
      from += pieceMax
    }
    this.#offer(head, payload, from, end)
  }

  /** Measures, now and then, how long what is flushed next waits: see RingProducer. */
  probe(nowMs: number): void {
    this.#ring.probe(nowMs)
  }

  /** Moves spilled frames into the ring, and publishes. Call it once a turn. */
  flush(): void {
    if (this.#spilled.length > 0) this.#unspill()
    if (this.#ring.publish()) this.#consumer.ring()
  }

  #offer(head: number, payload: Uint8Array | null, start: number, end: number): void {
    if (this.#spilled.length === 0 && this.#ring.offer(head, this.fields, payload, start, end)) {
      return
    }
    this.#ring.stalled()
    const copied = payload === null ? NO_BYTES : payload.slice(start, end)
    this.#spilled.push({ head, fields: this.fields.slice(), payload: copied })
    this.#spilledBytes += SPILLED_BYTES + copied.length
    const most = this.#spillBytesMax + this.#stepBytesMax
    assert(this.#spilledBytes <= most, 'a producer stops while its messages wait for room')
  }

  #unspill(): void {
    if (this.#offerSpilled()) return
    // The consumer may have emptied the ring just before the flag was up: try once more.
    this.#ring.starve()
    this.#offerSpilled()
  }

  /** True if nothing is left. */
  #offerSpilled(): boolean {
    for (;;) {
      const frame = this.#spilled[this.#spilledNext]
      if (frame === undefined) break
      const { head, fields, payload } = frame
      if (!this.#ring.offer(head, fields, payload, 0, payload.length)) {
        this.#dropTaken()
        return false
      }
      this.#spilledBytes -= SPILLED_BYTES + payload.length
      this.#spilledNext++
    }
    this.#spilled = []
    this.#spilledNext = 0
    return true
  }

  /** In a queue that never empties, frames that the ring has taken must not stay for long. */
  #dropTaken(): void {
    if (this.#spilledNext * 2 <= this.#spilled.length) return
    this.#spilled = this.#spilled.slice(this.#spilledNext)
    this.#spilledNext = 0
  }
}

export class Inbox {
  readonly name: string
  /** True if handling a message of this edge never sends one. Then the host drains it even while
   * the actor's own outboxes are blocked, which breaks a cycle. */
  readonly absorbing: boolean
  readonly #ring: RingConsumer
  readonly #producer: Doorbell
  #assembly = NO_BYTES
  #assembled = 0

  /** `producer` is the bell of the thread that writes the ring. */
  constructor(name: string, ring: RingConsumer, producer: Doorbell, absorbing: boolean) {
    this.name = name
    this.#ring = ring
    this.#producer = producer
    this.absorbing = absorbing
  }

  /** The next whole message, or null. Valid until the next call. */
  next(): FrameView | null {
    while (this.#ring.next()) {
      const frame = this.#ring.frame
      if (!frame.more && this.#assembled === 0) return frame
      this.#append(frame)
      if (frame.more) {
        this.release()
        continue
      }
      frame.bytes = this.#assembly
      frame.start = 0
      frame.end = this.#assembled
      this.#assembled = 0
      if (this.#assembly.length > 1 << 22) this.#assembly = NO_BYTES
      return frame
    }
    return null
  }

  /** Measures the wait of what was read since `nowMs`, if that is wanted. */
  observe(nowMs: number): void {
    this.#ring.observe(nowMs)
  }

  /** Gives the space of everything that was read back to the producer. */
  release(): void {
    if (this.#ring.release()) this.#producer.ring()
  }

  #append(frame: FrameView): void {
    const count = frame.end - frame.start
    const needed = this.#assembled + count
    assert(needed <= MESSAGE_BYTES_MAX, 'message too large to assemble')
    if (needed > this.#assembly.length) {
      const grown = new Uint8Array(
        Math.min(Math.max(needed, this.#assembly.length * 2), MESSAGE_BYTES_MAX),
      )
      grown.set(this.#assembly.subarray(0, this.#assembled))
      this.#assembly = grown
    }
    this.#assembly.set(frame.bytes.subarray(frame.start, frame.end), this.#assembled)
    this.#assembled = needed
  }
}
