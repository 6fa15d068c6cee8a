// Every message of every edge, by its table: with extreme values, through a ring so small that most
// payloads travel in pieces and many frames spill, by what is made from the table and by what is
// written by hand, in all four combinations. A message that is added is tested here without a line.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { SERVER_ID } from '../../../protocol/quorum/ranges.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import { EPOCH_MAX, zxidOf } from '../../../protocol/zxid.ts'
import { Edge, type SenderClass } from '../../../runtime/edges/edge.ts'
import { ELECTION, ElectionSender } from '../../../runtime/edges/election-edge.ts'
import {
  bytes,
  type Field,
  flag,
  int,
  link,
  server,
  session,
  slot,
  text,
  zxid,
} from '../../../runtime/edges/field.ts'
import { deliverToLog, LOG, LogSender } from '../../../runtime/edges/log-edge.ts'
import { deliverToNetwork, NETWORK, NetworkSender } from '../../../runtime/edges/network-edge.ts'
import { SESSIONS, SessionsSender } from '../../../runtime/edges/sessions-edge.ts'
import { deliverToTree, TREE, TreeSender } from '../../../runtime/edges/tree-edge.ts'
import { WATCHES, WatchesSender } from '../../../runtime/edges/watches-edge.ts'
import { deliverToZab, STANDALONE, ZAB, ZabSender } from '../../../runtime/edges/zab-edge.ts'
import { Doorbell } from '../../../runtime/ring/doorbell.ts'
import { Inbox, Outbox } from '../../../runtime/ring/mailbox.ts'
import { type FrameView, RingConsumer, RingProducer } from '../../../runtime/ring/ring.ts'
import { ringMemory } from '../../../runtime/ring/ring-layout.ts'
import type { Endpoint } from '../../../runtime/topology.ts'

/** A receiver with its table, and what the server sends and delivers with. */
interface Ends {
  readonly edge: Edge<object>
  readonly Sender: SenderClass<object>
  readonly deliver: (frame: FrameView, receiver: object) => void
}

function endsOf<M extends object>(
  edge: Edge<M>,
  Sender: SenderClass<M>,
  deliver: (frame: FrameView, receiver: M) => void = (frame, receiver) =>
    edge.deliver(frame, receiver),
): Ends {
  return { edge, Sender, deliver } as unknown as Ends
}

/** Nobody is missing: the compiler sees to it. */
const ENDS: Readonly<Record<Endpoint, Ends>> = {
  network: endsOf(NETWORK, NetworkSender, deliverToNetwork),
  sessions: endsOf(SESSIONS, SessionsSender),
  tree: endsOf(TREE, TreeSender, deliverToTree),
  watches: endsOf(WATCHES, WatchesSender),
  zab: endsOf(ZAB, ZabSender, deliverToZab),
  log: endsOf(LOG, LogSender, deliverToLog),
  election: endsOf(ELECTION, ElectionSender),
}

const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1
const words = fc.oneof(fc.constantFrom(INT_MIN, -1, 0, 1, INT_MAX), fc.integer())
const ranges = fc.oneof(fc.nat(40), fc.nat(2000)).map((length) => {
  // Off the start of its buffer, as most are.
  const whole = Uint8Array.from({ length: length + 12 }, (_, i) => (i * 7 + length) & 0xff)
  return [whole, 5, 5 + length]
})
const values = new Map<unknown, fc.Arbitrary<unknown>>([
  [int, words],
  [slot, words],
  [link, words],
  [flag, fc.boolean()],
  [
    zxid,
    fc.oneof(
      fc.constantFrom(zxidOf(-1, -1), zxidOf(0, 0), zxidOf(EPOCH_MAX, -1), zxidOf(1, 0)),
      fc.tuple(fc.nat(EPOCH_MAX), words).map(([high, low]) => zxidOf(high, low)),
    ),
  ],
  [
    session,
    fc
      .oneof(
        fc.constantFrom(-(2n ** 63n), -1n, 0n, 1n, 2n ** 63n - 1n, 2n ** 31n, -(2n ** 32n)),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      )
      .map(sessionIdOf),
  ],
  [server, fc.oneof(fc.constantFrom(-1, 0, 1, SERVER_ID.max), fc.nat({ max: SERVER_ID.max }))],
  [
    text,
    fc.oneof(fc.constantFrom('', 'a', 'ä€😀'), fc.string({ unit: 'grapheme', maxLength: 300 })),
  ],
])

/** Any arguments of a message; of one that has a few values, all that a word may bring to them. */
function argumentsOf(row: readonly unknown[]): fc.Arbitrary<unknown[]> {
  const each = row
    .filter((field) => field !== bytes)
    .map((field) => values.get(field) ?? fc.constantFrom(...valuesOf(field as Field<unknown>)))
  return row.at(-1) === bytes
    ? fc.tuple(fc.tuple(...each), ranges).map(([head, range]) => [...head, ...range])
    : fc.tuple(...each).map((all) => [...all])
}

/** The values of a `oneOf`, read back. */
function valuesOf(field: Field<unknown>): unknown[] {
  const found: unknown[] = []
  for (let i = 0; ; i++) {
    try {
      found.push(field.get({ int: () => i } as unknown as FrameView, 0))
    } catch {
      return found
    }
  }
}

/** Arguments with the range of bytes as it is read: an array of its own. */
function readable(all: readonly unknown[]): unknown[] {
  const at = all.findIndex((one) => one instanceof Uint8Array)
  if (at < 0) return [...all]
  const [range, start, end] = all.slice(at) as [Uint8Array, number, number]
  return [...all.slice(0, at), [...range.subarray(start, end)]]
}

type Told = [name: string, values: unknown[]]

/** Notes what it is told. */
function recorder(names: readonly string[], told: Told[]): object {
  return Object.fromEntries(
    names.map((name) => [name, (...all: unknown[]) => void told.push([name, readable(all)])]),
  )
}

function wire(capacity: number): { outbox: Outbox; inbox: Inbox } {
  const memory = ringMemory(capacity)
  const outbox = new Outbox('test', new RingProducer(memory), new Doorbell())
  const inbox = new Inbox('test', new RingConsumer(memory), new Doorbell(), false)
  return { outbox, inbox }
}

for (const [receiver, { edge, Sender, deliver }] of Object.entries(ENDS)) {
  const names = Object.keys(edge.rows)
  const rows = edge.rows as Readonly<Record<string, readonly unknown[]>>
  // Without what is written by hand.
  const table = new Edge<object>(receiver as Endpoint, edge.rows)
  const senders: [string, SenderClass<object>][] = [
    ['the sender', Sender],
    ['the table', table.sender()],
  ]
  const deliveries: [string, Ends['deliver']][] = [
    ['the dispatch', deliver],
    ['the table', (frame, actor) => table.deliver(frame, actor)],
  ]
  const messages = fc.oneof(
    ...names.map((name) => argumentsOf(rows[name]!).map((all): [string, unknown[]] => [name, all])),
  )

  describe(`what ${receiver} is told`, () => {
    for (const [by, Class] of senders) {
      for (const [via, dispatch] of deliveries) {
        test(`arrives as it was sent, by ${by} and ${via}`, () => {
          const all = fc.array(messages, { minLength: 1, maxLength: 40 })
          const property = fc.property(all, (sent) => {
            const { outbox, inbox } = wire(1024)
            const sender = new Class(outbox) as unknown as Record<string, (...a: unknown[]) => void>
            for (const [name, values] of sent) sender[name]!(...values)
            const told: Told[] = []
            const actor = recorder(names, told)
            do {
              outbox.flush()
              for (let f = inbox.next(); f !== null; f = inbox.next()) dispatch(f, actor)
              inbox.release()
            } while (outbox.spilling)
            deepStrictEqual(
              told,
              sent.map(([name, values]) => [name, readable(values)]),
            )
          })
          fc.assert(property, { numRuns: 100 })
        })
      }
    }

    test('each message has a number', () => {
      const numbers = Object.values(edge.type as Record<string, number>)
      strictEqual(new Set(numbers).size, names.length)
      ok(numbers.every((number) => number > 0 && number <= 0xffff))
    })
  })
}

test('every message is in the glossary', () => {
  const glossary = readFileSync(new URL('../../../../docs/glossary.md', import.meta.url), 'utf8')
  const names = Object.values(ENDS).flatMap(({ edge }) => Object.keys(edge.rows))
  deepStrictEqual(
    names.filter((name) => !glossary.includes(`\`${name}\``)),
    [],
  )
})

test('no two receivers share a number', () => {
  const numbers = Object.values(ENDS).flatMap(({ edge }) =>
    Object.values(edge.type as Record<string, number>),
  )
  strictEqual(new Set(numbers).size, numbers.length)
})

test('a standalone zab hears a part of the ensemble, by the same numbers', () => {
  const { loaded, propose, synced } = ZAB.type
  deepStrictEqual(STANDALONE.type, { loaded, propose, synced })
})

test('a frame of another receiver, or of no message, is a programming error', () => {
  const { outbox, inbox } = wire(1024)
  new ElectionSender(outbox).rest()
  outbox.send(ELECTION.type.rest + 1000, 0)
  outbox.flush()
  for (let f = inbox.next(); f !== null; f = inbox.next()) {
    const frame = f
    throws(() => LOG.deliver(frame, {} as never), /a frame of type \d+ for log/)
  }
})

test('a value that its field does not have is a programming error, at either end', () => {
  const { outbox, inbox } = wire(1024)
  throws(() => new LogSender(outbox).saveEpoch('none' as never, 1), /does not have/)
  outbox.fields[0] = 9
  outbox.send(LOG.type.saveEpoch, 2)
  outbox.flush()
  const frame = inbox.next()
  ok(frame !== null)
  throws(() => LOG.deliver(frame, {} as never), /a field of no value/)
})
