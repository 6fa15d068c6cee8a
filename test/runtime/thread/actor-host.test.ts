// The duty cycle by hand: what a turn does, and what it leaves while a consumer has no room.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Doorbell } from '../../../runtime/ring/doorbell.ts'
import { Inbox, Outbox } from '../../../runtime/ring/mailbox.ts'
import { RingConsumer, RingProducer } from '../../../runtime/ring/ring.ts'
import { ringCounters } from '../../../runtime/ring/ring-counters.ts'
import { pieceBytesMax, ringMemory } from '../../../runtime/ring/ring-layout.ts'
import { ActorHost } from '../../../runtime/thread/actor-host.ts'
import { TurnCounters } from '../../../runtime/thread/turn-counters.ts'

const LARGE = new Uint8Array(3000)

/** An actor that sends a large message for each it gets, between two edges; ticks every 10 ms. */
function relay() {
  const bell = new Doorbell()
  const inRing = ringMemory(1024)
  const outRing = ringMemory(1024)
  const source = new Outbox('in', new RingProducer(inRing), bell)
  const outbox = new Outbox('out', new RingProducer(outRing), new Doorbell())
  const inbox = new Inbox('in', new RingConsumer(inRing), new Doorbell(), false)
  const sink = new Inbox('out', new RingConsumer(outRing), bell, true)
  const log: string[] = []
  let tickMs = 10
  const actor = {
    name: 'relay',
    tick: () => {
      tickMs += 10
      log.push('tick')
    },
    nextTickMs: () => tickMs,
    endTurn: () => {
      log.push('endTurn')
      return false
    },
    describe: () => 'relay',
  }
  const clock = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => clock.nowMs }
  const deliver = () => {
    log.push('message')
    outbox.send(1, 0, LARGE)
  }
  const host = new ActorHost(actor, clock, [{ inbox, deliver }], [outbox])
  const send = () => {
    source.send(1, 0)
    source.flush()
  }
  return { bell, host, clock, send, sink, log: () => log.splice(0).join(' ') }
}

test('messages, then a tick that is due, then the end of the turn', () => {
  const { host, clock, send, log } = relay()
  strictEqual(host.turn(), false)
  strictEqual(log(), 'endTurn')
  strictEqual(host.parkMs(), 10)
  send()
  clock.nowMs = 12
  strictEqual(host.turn(), true)
  // The message has filled the outbox: the rest of the turn waits.
  strictEqual(log(), 'message')
})

test('what an actor holds off waits in its ring, and what comes by others does not', () => {
  const delivered: string[] = []
  let isHeld = false
  const inlet = (name: string, holds: boolean) => {
    const ring = ringMemory(1 << 12)
    const source = new Outbox(name, new RingProducer(ring), new Doorbell())
    for (let i = 0; i < 3; i++) source.send(1, 0)
    source.flush()
    const inbox = new Inbox(name, new RingConsumer(ring), new Doorbell(), false)
    const deliver = () => {
      delivered.push(name)
      if (holds) isHeld = true
    }
    return { inbox, deliver, ...(holds && { isHeld: () => isHeld }) }
  }
  const actor = {
    name: 'reader',
    tick: () => {},
    nextTickMs: () => Number.POSITIVE_INFINITY,
    endTurn: () => false,
    describe: () => 'reader',
  }
  const clock = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => 0 }
  const host = new ActorHost(actor, clock, [inlet('commit', true), inlet('read', false)], [])
  strictEqual(host.turn(), true, 'it does not park')
  deepStrictEqual(delivered, ['commit', 'read', 'read', 'read'])
  isHeld = false
  host.turn()
  deepStrictEqual(delivered.slice(4), ['commit'])
})

test('of a costly type some are delivered in a turn, and the rest when others had theirs', () => {
  const [COSTLY, CHEAP] = [7, 8]
  const count = { [COSTLY]: 0, [CHEAP]: 0 }
  const inlet = (type: number, costlyType: number) => {
    const ring = ringMemory(1 << 14)
    const source = new Outbox('in', new RingProducer(ring), new Doorbell())
    for (let i = 0; i < 100; i++) source.send(type, 0)
    source.flush()
    const inbox = new Inbox('in', new RingConsumer(ring), new Doorbell(), false)
    return { inbox, deliver: ({ type }: { type: number }) => void count[type]!++, costlyType }
  }
  const actor = {
    name: 'sink',
    tick: () => {},
    nextTickMs: () => Number.POSITIVE_INFINITY,
    endTurn: () => false,
    describe: () => 'sink',
  }
  const clock = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => 0 }
  const host = new ActorHost(actor, clock, [inlet(COSTLY, COSTLY), inlet(CHEAP, COSTLY)], [])
  deepStrictEqual([host.turn(), { ...count }], [true, { [COSTLY]: 64, [CHEAP]: 100 }])
  deepStrictEqual([host.turn(), { ...count }], [false, { [COSTLY]: 100, [CHEAP]: 100 }])
})

test('while blocked: no message, no tick, no end of a turn, no spinning on an overdue tick', () => {
  const { bell, host, clock, send, sink, log } = relay()
  send()
  send()
  strictEqual(host.turn(), true)
  log()
  clock.nowMs = 25
  const seen = bell.read()
  strictEqual(host.turn(), false)
  deepStrictEqual([log(), host.blocked], ['', true])
  strictEqual(host.parkMs(), Number.POSITIVE_INFINITY)
  strictEqual(bell.read(), seen)

  // The consumer gives space back, which rings us; the tick and the second message follow.
  for (let i = 0; i < 10 && host.blocked; i++) {
    strictEqual(sink.next() === null || i > 0, true)
    sink.release()
    strictEqual(bell.read() > seen, true)
    host.turn()
  }
  strictEqual(log().startsWith('tick endTurn message'), true)
})

test('who fills a ring in each turn leaves others, the tick and the end of the turn their share', () => {
  const outRing = ringMemory(1024)
  const outbox = new Outbox('out', new RingProducer(outRing), new Doorbell())
  const sink = new Inbox('out', new RingConsumer(outRing), new Doorbell(), true)
  const log: string[] = []
  const inlet = (name: string) => {
    const ring = ringMemory(1024)
    const source = new Outbox(name, new RingProducer(ring), new Doorbell())
    const inbox = new Inbox(name, new RingConsumer(ring), new Doorbell(), false)
    const deliver = () => {
      log.push(name)
      outbox.send(1, 0, LARGE)
    }
    return { inbox, deliver, send: () => source.send(1, 0), flush: () => source.flush() }
  }
  const actor = {
    name: 'busy',
    tick: () => void log.push('tick'),
    nextTickMs: () => 0,
    endTurn: () => {
      log.push('end')
      return false
    },
    describe: () => 'busy',
  }
  const clock = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => 0 }
  const [flood, other] = [inlet('flood'), inlet('other')]
  const host = new ActorHost(actor, clock, [flood, other], [outbox])
  other.send()
  other.flush()
  for (let turn = 0; turn < 20; turn++) {
    flood.send()
    flood.flush()
    host.turn()
    sink.next()
    sink.release()
  }
  deepStrictEqual(log.slice(0, 6), ['flood', 'other', 'tick', 'end', 'flood', 'tick'])
})

test('room that comes while a turn ends is no reason to park: nobody rings again for what waited', () => {
  const PIECE = new Uint8Array(pieceBytesMax(1024, 0))
  const bell = new Doorbell()
  const [inRing, outRing] = [ringMemory(1024), ringMemory(1024)]
  const source = new Outbox('in', new RingProducer(inRing), bell)
  const outbox = new Outbox('out', new RingProducer(outRing), new Doorbell())
  const inbox = new Inbox('in', new RingConsumer(inRing), new Doorbell(), false)
  const sink = new Inbox('out', new RingConsumer(outRing), bell, true)
  const send = () => outbox.send(1, 0, PIECE)
  const actor = { name: 'relay', tick() {}, nextTickMs: () => Number.POSITIVE_INFINITY }
  let paused = false
  const sockets = {
    get paused() {
      return paused
    },
    // A packet had come while nothing was read; what it brings is a message too many.
    set paused(value: boolean) {
      if (paused && !value) send()
      paused = value
    },
    // Meanwhile the consumer takes what it has been told of.
    endTurn() {
      while (!paused && sink.next() !== null);
      sink.release()
    },
    shutdown() {},
  }
  let delivered = 0
  const clock = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => clock.nowMs }
  const inlet = { inbox, deliver: () => delivered++ }
  const whole = { ...actor, endTurn: () => false, describe: () => 'relay' }
  const host = new ActorHost(whole, clock, [inlet], [outbox], sockets)
  for (let i = 0; i < 9; i++) send()
  strictEqual(host.turn(), false)
  deepStrictEqual([host.blocked, paused], [true, true])
  sink.next()
  sink.release()
  source.send(1, 0)
  source.flush()

  // As a thread does: a turn after the other until one leaves nothing while nobody has rung.
  let seen = bell.read()
  while (host.turn() || bell.read() !== seen) seen = bell.read()
  deepStrictEqual([host.blocked, delivered], [false, 1])
})

test('what is counted of turns, and the wait of messages now and then', () => {
  const counters = new TurnCounters()
  const ring = ringMemory(1024)
  const outbox = new Outbox('out', new RingProducer(ring), new Doorbell())
  const inbox = new Inbox('out', new RingConsumer(ring), new Doorbell(), false)
  // Each turn begins at a full second and takes 5 ms.
  const clock = {
    nowMs: 0,
    wallMs: 0,
    advance: () => {
      clock.nowMs += 1000
    },
    read: () => clock.nowMs + 5,
  }
  const idle = {
    name: 'idle',
    tick: () => {},
    nextTickMs: () => Number.POSITIVE_INFINITY,
    endTurn: () => false,
    describe: () => 'idle',
  }
  let sends = 2
  const producer = {
    ...idle,
    endTurn: () => {
      for (let i = 0; i < sends; i++) outbox.send(1, 0)
      return false
    },
  }
  const source = new ActorHost(producer, clock, [], [outbox], null, new TurnCounters())
  const sink = new ActorHost(idle, clock, [{ inbox, deliver: () => {} }], [], null, counters)
  for (let i = 0; i < 100; i++) {
    source.turn()
    sink.turn()
    sends = 1
  }
  sink.turn()
  const { turns, idleTurns, messages, messagesMax } = counters
  deepStrictEqual(
    { turns, idleTurns, messages, messagesMax },
    { turns: 101, idleTurns: 1, messages: 101, messagesMax: 2 },
  )
  const { timedTurns, timedSumMs, timedMaxMs } = counters
  deepStrictEqual(
    { timedTurns, timedSumMs, timedMaxMs },
    { timedTurns: 1, timedSumMs: 5, timedMaxMs: 5 },
  )
  // Sent 5 ms after a turn began, read at the beginning of the next.
  const { waits, waitSumMs, waitMaxMs } = ringCounters(ring)
  deepStrictEqual({ waits, waitSumMs, waitMaxMs }, { waits: 1, waitSumMs: 995, waitMaxMs: 995 })
})
