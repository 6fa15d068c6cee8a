// Outbox and Inbox on one thread: pieces, spilling in order, and the bell that ends a stall.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Doorbell } from '../../../runtime/ring/doorbell.ts'
import { Inbox, Outbox } from '../../../runtime/ring/mailbox.ts'
import { RingConsumer, RingProducer } from '../../../runtime/ring/ring.ts'
import { ringCounters } from '../../../runtime/ring/ring-counters.ts'
import { pieceBytesMax, ringMemory } from '../../../runtime/ring/ring-layout.ts'

const CAPACITY = 1024
const WORDS = 6
const PIECE = pieceBytesMax(CAPACITY, WORDS)

interface Edge {
  memory: SharedArrayBuffer
  outbox: Outbox
  inbox: Inbox
  producerBell: Doorbell
  consumerBell: Doorbell
}

function edge(): Edge {
  const memory = ringMemory(CAPACITY)
  const producerBell = new Doorbell()
  const consumerBell = new Doorbell()
  const outbox = new Outbox('test', new RingProducer(memory), consumerBell)
  const inbox = new Inbox('test', new RingConsumer(memory), producerBell, false)
  return { memory, outbox, inbox, producerBell, consumerBell }
}

function payload(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7 + (i >> 8)) & 0xff)
}

function fieldsOf(n: number): number[] {
  return [1, n, n * 2, 0, n + 1, ~n]
}

function send(outbox: Outbox, n: number, length: number): void {
  const bytes = new Uint8Array(length + 6)
  bytes.set(payload(length, n), 5)
  outbox.fields.set(fieldsOf(n))
  outbox.send(9, WORDS, bytes, 5, 5 + length)
  // Both are the caller's again: nothing may depend on them.
  bytes.fill(0xee)
  outbox.fields.fill(0xee)
}

/** Checks every field against the number; the payload's length. */
function receive(inbox: Inbox): [n: number, length: number] | null {
  const frame = inbox.next()
  if (frame === null) return null
  const { type, bytes, start, end } = frame
  const n = frame.int(1)
  const fields = fieldsOf(n).map((_, word) => frame.int(word))
  deepStrictEqual([type, fields], [9, fieldsOf(n)])
  deepStrictEqual(bytes.slice(start, end), payload(end - start, n))
  return [n, end - start]
}

/** Turns of both ends until nothing is left; what arrived. */
function drain({ outbox, inbox }: Edge): [n: number, length: number][] {
  const received: [number, number][] = []
  for (let turns = 0; turns < 10_000; turns++) {
    outbox.flush()
    let next = receive(inbox)
    if (next === null && !outbox.spilling) return received
    for (; next !== null; next = receive(inbox)) received.push(next)
    inbox.release()
  }
  throw new Error('stuck')
}

describe('pieces', () => {
  for (const length of [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1, 700]) {
    test(`a message of ${length} bytes arrives whole`, () => {
      const both = edge()
      send(both.outbox, 1, length)
      send(both.outbox, 2, 3)
      deepStrictEqual(drain(both), [
        [1, length],
        [2, 3],
      ])
    })
  }

  test('a message many times the ring keeps its place', () => {
    const both = edge()
    const lengths = [5, 100 * CAPACITY + 3, 0, 5 * CAPACITY, 7]
    lengths.forEach((length, i) => {
      send(both.outbox, i, length)
    })
    ok(both.outbox.spilling)
    deepStrictEqual(
      drain(both),
      lengths.map((length, i) => [i, length]),
    )
    strictEqual(both.outbox.occupancy(), 0)
  })

  test('a message without a payload', () => {
    const { outbox, inbox } = edge()
    outbox.fields.set(fieldsOf(0))
    outbox.send(9, WORDS)
    outbox.flush()
    deepStrictEqual(receive(inbox), [0, 0])
  })

  test('a type of 0 would be read as padding, one above 16 bits as a flag', () => {
    const { outbox } = edge()
    for (const type of [0, -1, 0x10000]) {
      throws(() => outbox.send(type, 0), /message type/)
    }
  })
})

describe('spilling', () => {
  test('holds its producer up at once, or beyond what may wait outside', () => {
    const both = edge()
    const memory = ringMemory(CAPACITY)
    const elastic = new Outbox('test', new RingProducer(memory), new Doorbell(), 2 * (256 + PIECE))
    const blocked: [boolean, boolean][] = []
    for (let i = 0; i < 11; i++) {
      send(both.outbox, i, PIECE)
      send(elastic, i, PIECE)
      blocked.push([both.outbox.blocked, elastic.blocked])
    }
    deepStrictEqual(blocked.slice(7), [
      [false, false],
      [true, false],
      [true, false],
      [true, true],
    ])
    const inbox = new Inbox('test', new RingConsumer(memory), new Doorbell(), false)
    const received = drain({ ...both, memory, outbox: elastic, inbox })
    deepStrictEqual(
      received,
      Array.from({ length: 11 }, (_, i) => [i, PIECE]),
    )
    strictEqual(elastic.blocked, false)
  })

  test('what follows a spilled message waits behind it, though it would fit', () => {
    const both = edge()
    for (let i = 0; i < 8; i++) send(both.outbox, i, PIECE)
    send(both.outbox, 8, PIECE)
    strictEqual(ringCounters(both.memory).stalls, 1)
    both.outbox.flush()
    receive(both.inbox)
    both.inbox.release()
    send(both.outbox, 9, 0)
    ok(both.outbox.spilling)
    strictEqual(ringCounters(both.memory).stalls, 2)
    deepStrictEqual(
      drain(both).map(([n]) => n),
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    )
    strictEqual(both.outbox.spilling, false)
  })

  test('the consumer rings the producer once it has given space back, and only then', () => {
    const both = edge()
    const { outbox, inbox, producerBell, consumerBell } = both
    send(outbox, 0, 0)
    outbox.flush()
    strictEqual(consumerBell.read(), 1)
    outbox.flush()
    strictEqual(consumerBell.read(), 1)
    receive(inbox)
    inbox.release()
    strictEqual(producerBell.read(), 0)

    for (let i = 1; i < 20; i++) send(outbox, i, PIECE)
    outbox.flush()
    ok(outbox.spilling)
    strictEqual(consumerBell.read(), 2)
    strictEqual(producerBell.read(), 0)
    receive(inbox)
    strictEqual(producerBell.read(), 0)
    inbox.release()
    strictEqual(producerBell.read(), 1)
    // Not starving any more until it has failed again.
    receive(inbox)
    inbox.release()
    strictEqual(producerBell.read(), 1)
    outbox.flush()
    ok(outbox.spilling)
    strictEqual(consumerBell.read(), 3)
    receive(inbox)
    inbox.release()
    strictEqual(producerBell.read(), 2)
    strictEqual(drain(both).at(-1)?.[0], 19)
  })

  test('space given back just before the producer asks for the bell is not overlooked', () => {
    const memory = ringMemory(CAPACITY)
    const inbox = new Inbox('test', new RingConsumer(memory), new Doorbell(), false)
    const received: number[] = []
    const empty = () => {
      for (let next = receive(inbox); next !== null; next = receive(inbox)) received.push(next[0])
      inbox.release()
    }
    // The consumer's turn falls between the refusal and the flag: no bell will come for it.
    class Racing extends RingProducer {
      override starve(): void {
        empty()
        super.starve()
      }
    }
    const outbox = new Outbox('test', new Racing(memory), new Doorbell())
    for (let i = 0; i < 8; i++) send(outbox, i, PIECE)
    outbox.flush()
    send(outbox, 8, PIECE)
    outbox.flush()
    strictEqual(outbox.spilling, false)
    empty()
    deepStrictEqual(received, [0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('a long message gives its space back while it is read', () => {
    const both = edge()
    const { outbox, inbox, producerBell } = both
    send(outbox, 1, 3 * CAPACITY)
    outbox.flush()
    ok(outbox.spilling)
    strictEqual(inbox.next(), null)
    ok(producerBell.read() > 0)
    deepStrictEqual(drain(both), [[1, 3 * CAPACITY]])
  })
})

test('any messages arrive whole and in order, whenever either side takes its turn', () => {
  const lengths = fc.oneof(fc.nat(40), fc.nat(2 * PIECE), fc.nat(4 * CAPACITY))
  const steps = fc.array(
    fc.oneof(
      fc.tuple(fc.constant('send' as const), lengths),
      fc.tuple(fc.constantFrom('flush' as const, 'release' as const), fc.nat(1)),
      fc.tuple(fc.constant('receive' as const), fc.nat(9)),
    ),
    { maxLength: 200 },
  )
  const property = fc.property(steps, (script) => {
    const both = edge()
    const sent: [number, number][] = []
    const received: [number, number][] = []
    for (const [what, n] of script) {
      if (what === 'send') {
        send(both.outbox, sent.length, n)
        sent.push([sent.length, n])
      } else if (what === 'flush') {
        both.outbox.flush()
      } else if (what === 'release') {
        both.inbox.release()
      } else {
        for (let i = 0; i <= n; i++) {
          const next = receive(both.inbox)
          if (next !== null) received.push(next)
        }
      }
    }
    received.push(...drain(both))
    deepStrictEqual(received, sent)
  })
  fc.assert(property, { numRuns: 200 })
})

test('a producer that goes on sending while its messages wait is found out', () => {
  const bell = new Doorbell()
  const ring = new RingProducer(ringMemory(CAPACITY))
  const outbox = new Outbox('test', ring, bell, 500, 3000)
  throws(() => {
    for (let xid = 0; xid < 100; xid++) send(outbox, xid, 100)
  }, /producer stops/)
  ok(outbox.blocked)
})
