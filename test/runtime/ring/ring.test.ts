// The ring on one thread: layout, wrap, padding, full, visibility, and a naive queue as its twin.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { EPOCH_MAX, zxidOf } from '../../../protocol/zxid.ts'
import { RingConsumer, RingProducer } from '../../../runtime/ring/ring.ts'
import { ringCounters } from '../../../runtime/ring/ring-counters.ts'
import {
  DATA_BYTE,
  FIELD_WORDS_MAX,
  FIELD_WORDS_SHIFT,
  frameBytes,
  HEAD_WORD,
  LENGTH,
  MORE_FLAG,
  pieceBytesMax,
  ringMemory,
  TAIL_WORD,
  TYPE,
} from '../../../runtime/ring/ring-layout.ts'

const CAPACITY = 1024
/** Of every frame here, but where they are what is tested: the number of the message comes second. */
const WORDS = 6
const EMPTY_FRAME = frameBytes(WORDS, 0)
const PAYLOAD_MAX = pieceBytesMax(CAPACITY, WORDS)

function headOf(type: number, words: number): number {
  return type | (words << FIELD_WORDS_SHIFT)
}

function fieldsOf(n: number): Int32Array {
  return Int32Array.of(3, n, 5, 0, 1, 2)
}

/** Both ends of a ring whose positions start at `position`. */
function ringAt(position: number): {
  memory: SharedArrayBuffer
  producer: RingProducer
  consumer: RingConsumer
} {
  const memory = ringMemory(CAPACITY)
  const words = new Int32Array(memory)
  words[TAIL_WORD] = position
  words[HEAD_WORD] = position
  return { memory, producer: new RingProducer(memory), consumer: new RingConsumer(memory) }
}

function payload(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) & 0xff)
}

function offer(producer: RingProducer, n: number, length: number): boolean {
  // Off the start of its buffer, as most payloads are.
  const bytes = new Uint8Array(length + 9)
  bytes.set(payload(length, n), 4)
  return producer.offer(headOf(7, WORDS), fieldsOf(n), bytes, 4, 4 + length)
}

/** The number and payload of the next frame, null when there is none. */
function take(consumer: RingConsumer): [n: number, payload: number[]] | null {
  if (!consumer.next()) return null
  const { frame } = consumer
  const { bytes, start, end } = frame
  return [frame.int(1), [...bytes.subarray(start, end)]]
}

describe('frames', () => {
  test('types, flags and fields, at both ends of their ranges', () => {
    const { producer, consumer } = ringAt(0)
    const ints = [-(2 ** 31), -1, 0, 1, 2 ** 31 - 1, -2, 2, 3]
    const types = [1, 2, 0xfffe, 0xffff]
    for (let words = 0; words <= FIELD_WORDS_MAX; words++) {
      types.forEach((type, i) => {
        const flag = i & 1 ? MORE_FLAG : 0
        ok(producer.offer(headOf(type, words) | flag, Int32Array.from(ints), null, 0, 0))
        producer.publish()
        ok(consumer.next())
        const { frame } = consumer
        deepStrictEqual([frame.type, frame.more, frame.count], [type, flag !== 0, words])
        deepStrictEqual(
          Array.from({ length: words }, (_, word) => frame.int(word)),
          ints.slice(0, words),
        )
        strictEqual(frame.end - frame.start, 0)
        consumer.release()
      })
    }
  })

  test('a field as a flag and as a zxid', () => {
    const { producer, consumer } = ringAt(0)
    const words: [high: number, low: number][] = [
      [-1, -1],
      [0, 0],
      [EPOCH_MAX, -1],
      [1, 0],
    ]
    for (const [high, low] of words) {
      producer.offer(headOf(1, 2), Int32Array.of(high, low), null, 0, 0)
      producer.publish()
      ok(consumer.next())
      const { frame } = consumer
      deepStrictEqual(frame.zxid(0), zxidOf(high, low))
      deepStrictEqual([frame.flag(0), frame.flag(1)], [high !== 0, low !== 0])
      consumer.release()
    }
  })

  test('payloads of every length, whole buffers and ranges', () => {
    const { producer, consumer } = ringAt(0)
    for (let length = 0; length <= PAYLOAD_MAX; length++) {
      const bytes = payload(length, length)
      ok(producer.offer(headOf(7, WORDS), fieldsOf(length), bytes, 0, length))
      ok(offer(producer, length, length))
      producer.publish()
      deepStrictEqual(take(consumer), [length, [...bytes]])
      deepStrictEqual(take(consumer), [length, [...bytes]])
      consumer.release()
    }
  })

  test('nothing is visible before it is published, all of it after', () => {
    const { producer, consumer } = ringAt(0)
    offer(producer, 1, 5)
    offer(producer, 2, 5)
    strictEqual(consumer.next(), false)
    strictEqual(producer.publish(), true)
    strictEqual(producer.publish(), false)
    deepStrictEqual([take(consumer)?.[0], take(consumer)?.[0], take(consumer)], [1, 2, null])
  })

  test('too large a frame is a programming error', () => {
    const { producer } = ringAt(0)
    ok(offer(producer, 1, PAYLOAD_MAX))
    throws(() => offer(producer, 2, PAYLOAD_MAX + 1), /too large/)
  })

  test('a capacity is a power of two', () => {
    for (const capacity of [0, 512, 1025, 3000]) throws(() => ringMemory(capacity), /power of two/)
  })
})

describe('wrap', () => {
  // Each row: where the frame would begin, what it takes, and where it begins instead.
  const rows: [at: number, length: number, begins: number][] = [
    [CAPACITY - 128, PAYLOAD_MAX, CAPACITY - 128],
    [CAPACITY - 120, PAYLOAD_MAX, 0],
    [CAPACITY - 32, 0, CAPACITY - 32],
    [CAPACITY - 32, 1, 0],
    [CAPACITY - 8, 0, 0],
    [0, 8, 0],
  ]
  for (const [at, length, begins] of rows) {
    test(`a frame of ${length} bytes at ${at} begins at ${begins}`, () => {
      const { memory, producer, consumer } = ringAt(at)
      ok(offer(producer, 9, length))
      const padding = begins === at ? 0 : CAPACITY - at
      strictEqual(producer.occupancy(), padding + frameBytes(WORDS, length))
      producer.publish()
      if (padding > 0) {
        const words = new Int32Array(memory, DATA_BYTE + at)
        deepStrictEqual([words[LENGTH], words[TYPE]], [padding, 0])
      }
      deepStrictEqual(take(consumer), [9, [...payload(length, 9)]])
      strictEqual(consumer.frame.start, begins + EMPTY_FRAME)
      consumer.release()
      strictEqual(producer.occupancy(), 0)
    })
  }

  test('positions pass the end of an int32 and of an uint32', () => {
    for (const position of [2 ** 31 - 64, -64]) {
      const { producer, consumer } = ringAt(position)
      for (let i = 0; i < 50; i++) {
        ok(offer(producer, i, i))
        producer.publish()
        deepStrictEqual(take(consumer), [i, [...payload(i, i)]])
        consumer.release()
        strictEqual(producer.occupancy(), 0)
      }
    }
  })
})

describe('full', () => {
  test('refuses and writes nothing, until space is given back', () => {
    const { memory, producer, consumer } = ringAt(0)
    let count = 0
    while (offer(producer, count, PAYLOAD_MAX)) count++
    strictEqual(count, 8)
    strictEqual(producer.occupancy(), CAPACITY)
    producer.publish()
    const before = new Uint8Array(memory).slice()
    strictEqual(offer(producer, 99, 0), false)
    deepStrictEqual(new Uint8Array(memory).slice(), before)

    take(consumer)
    strictEqual(offer(producer, 99, 0), false)
    consumer.release()
    strictEqual(offer(producer, 99, 0), true)
    for (let i = 1; i < 8; i++) strictEqual(take(consumer)?.[0], i)
    strictEqual(take(consumer), null)
    producer.publish()
    strictEqual(take(consumer)?.[0], 99)
  })

  test('padding counts: a frame that fits but for the wrap is refused', () => {
    const { producer, consumer } = ringAt(CAPACITY - 64)
    // 64 at the end are free and 1024 - 64 before; seven frames of 128 leave 64 and 64.
    strictEqual(offer(producer, 0, 0), true)
    for (let i = 1; i <= 7; i++) strictEqual(offer(producer, i, PAYLOAD_MAX), true)
    strictEqual(offer(producer, 8, PAYLOAD_MAX), false)
    producer.publish()
    while (consumer.next());
    consumer.release()
    strictEqual(offer(producer, 8, PAYLOAD_MAX), true)
  })

  test('a starving producer is rung for once', () => {
    const { producer, consumer } = ringAt(0)
    offer(producer, 1, 0)
    offer(producer, 2, 0)
    producer.publish()
    take(consumer)
    strictEqual(consumer.release(), false)
    producer.starve()
    strictEqual(consumer.release(), false)
    take(consumer)
    strictEqual(consumer.release(), true)
    offer(producer, 3, 0)
    producer.publish()
    take(consumer)
    strictEqual(consumer.release(), false)
  })
})

describe('counters', () => {
  test('frames, batches, and the most bytes at once', () => {
    const { memory, producer, consumer } = ringAt(0)
    offer(producer, 1, 0)
    offer(producer, 2, 0)
    strictEqual(ringCounters(memory).frames, 0)
    producer.publish()
    producer.publish()
    take(consumer)
    take(consumer)
    consumer.release()
    offer(producer, 3, 0)
    producer.publish()
    const { frames, batches, occupancy, occupancyMax } = ringCounters(memory)
    deepStrictEqual(
      { frames, batches, occupancy, occupancyMax },
      { frames: 3, batches: 2, occupancy: EMPTY_FRAME, occupancyMax: 2 * EMPTY_FRAME },
    )
  })

  /** What was measured of the waits so far. */
  const waitsOf = (memory: SharedArrayBuffer): number[] => {
    const { waits, waitSumMs, waitMaxMs } = ringCounters(memory)
    return [waits, waitSumMs, waitMaxMs]
  }

  for (const position of [0, 2 ** 31 - EMPTY_FRAME]) {
    test(`the wait of a probed batch, from publishing to reading, at ${position}`, () => {
      const { memory, producer, consumer } = ringAt(position)
      offer(producer, 1, 0)
      producer.publish()
      offer(producer, 2, 0)
      producer.probe(100)
      producer.publish()
      // Another is not begun while one is measured.
      offer(producer, 3, 0)
      producer.probe(500)
      producer.publish()
      take(consumer)
      consumer.observe(101)
      deepStrictEqual(waitsOf(memory), [0, 0, 0])
      take(consumer)
      consumer.observe(103)
      consumer.observe(104)
      deepStrictEqual(waitsOf(memory), [1, 3, 3])
      offer(producer, 4, 0)
      producer.probe(600)
      producer.publish()
      take(consumer)
      consumer.observe(601)
      take(consumer)
      consumer.observe(601)
      deepStrictEqual(waitsOf(memory), [2, 4, 3])
    })
  }

  test('nothing to publish, nothing to measure; a batch that comes while reading has not waited', () => {
    const { memory, producer, consumer } = ringAt(0)
    producer.probe(100)
    offer(producer, 1, 0)
    producer.probe(200)
    producer.publish()
    take(consumer)
    consumer.observe(199)
    deepStrictEqual(waitsOf(memory), [1, 0, 0])
  })
})

test('the same frames as from a queue, in any order of steps', () => {
  const step = fc.tuple(
    fc.constantFrom('offer', 'offer', 'publish', 'take', 'take', 'release'),
    fc.nat(PAYLOAD_MAX),
  )
  const positions = fc.integer({ min: -(2 ** 28), max: 2 ** 28 - 1 }).map((n) => n * 8)
  const property = fc.property(positions, fc.array(step, { maxLength: 400 }), (position, steps) => {
    const { producer, consumer } = ringAt(position)
    const offered: [number, number[]][] = []
    let visible = 0
    let taken = 0
    let n = 0
    for (const [what, length] of steps) {
      if (what === 'offer') {
        const fits = producer.occupancy() + 2 * frameBytes(WORDS, length) <= CAPACITY
        if (offer(producer, n, length)) offered.push([n, [...payload(length, n)]])
        else strictEqual(fits, false)
        n++
      } else if (what === 'publish') {
        strictEqual(producer.publish(), visible < offered.length)
        visible = offered.length
      } else if (what === 'take') {
        const expected = taken < visible ? offered[taken++]! : null
        deepStrictEqual(take(consumer), expected)
      } else {
        consumer.release()
      }
    }
  })
  fc.assert(property, { numRuns: 200 })
})
