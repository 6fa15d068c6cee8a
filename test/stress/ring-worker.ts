// One of the two threads of ring.test.ts: an actor host between two rings, on the loop of an actor
// thread, or on that of a thread with an event loop (BellLoop, its regular step taken away, and
// with steps that nobody rang for, as sockets bring them). The sender sends numbered messages with checksums and checks each when it comes back; the
// echo returns what it gets.

import { parentPort, workerData } from 'node:worker_threads'
import type { Actor } from '../../actors/actor.ts'
import { Doorbell } from '../../runtime/ring/doorbell.ts'
import { Inbox, Outbox } from '../../runtime/ring/mailbox.ts'
import { type FrameView, RingConsumer, RingProducer } from '../../runtime/ring/ring.ts'
import { ringCounters } from '../../runtime/ring/ring-counters.ts'
import { nowMs } from '../../runtime/shared/clock.ts'
import { ActorHost, type Inlet } from '../../runtime/thread/actor-host.ts'
import { BellLoop } from '../../runtime/thread/bell-loop.ts'

export interface RingWorkerData {
  role: 'sender' | 'echo'
  loop: 'parks' | 'event loop'
  seed: number
  count: number
  payloadBytesMax: number
  /** Rings this thread reads from and writes to, and the bells of both threads. */
  source: SharedArrayBuffer
  target: SharedArrayBuffer
  ownBell: SharedArrayBuffer
  otherBell: SharedArrayBuffer
}

export interface RingWorkerResult {
  messages: number
  bytes: number
  stalls: number
  parks: number
}

const TYPE_MESSAGE = 1
const TYPE_STOP = 2
const WORDS = 4
const SENDS_A_TURN = 32
/** Nothing here waits for anything but the other thread, which is never this slow. */
const LOST_WAKE_UP_MS = 20_000
const NEVER_MS = 2 ** 31 - 1

/** Mulberry32: a number below 2^32. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
}

/** FNV-1a. */
function checksum(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash | 0
}

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

/** Checks a message by its own fields: its number, that number's complement, checksum, length. */
function checkMessage(frame: FrameView, sequence: number): void {
  const { bytes, start, end } = frame
  const [number, complement, sum, length] = [frame.int(0), frame.int(1), frame.int(2), frame.int(3)]
  check(number === sequence, `message ${number} where ${sequence} was due`)
  check(complement === ~sequence, `fields of ${sequence}`)
  check(end - start === length, `length of ${sequence}: ${end - start}, not ${length}`)
  check(checksum(bytes, start, end) === sum, `checksum of ${sequence}`)
}

class Sender implements Actor {
  readonly name = 'sender'
  finished = false
  bytes = 0
  received = 0
  #sent = 0
  readonly #data: RingWorkerData
  readonly #outbox: Outbox
  readonly #random: () => number
  readonly #noise: Uint8Array

  constructor(data: RingWorkerData, outbox: Outbox) {
    this.#data = data
    this.#outbox = outbox
    this.#random = generator(data.seed)
    this.#noise = Uint8Array.from({ length: data.payloadBytesMax + 251 }, () => this.#random())
  }

  tick(): void {}

  nextTickMs(): number {
    return Number.POSITIVE_INFINITY
  }

  endTurn(): boolean {
    const { count } = this.#data
    // A random number a turn, so that rings are now nearly empty, now full.
    const batch = this.#random() % SENDS_A_TURN
    for (let i = 0; i < batch && this.#sent < count && !this.#outbox.spilling; i++) this.#send()
    if (this.received === count && !this.finished) {
      this.finished = true
      this.#outbox.send(TYPE_STOP, 0)
    }
    return this.#sent < count
  }

  describe(): string {
    return `sent ${this.#sent}, received ${this.received}`
  }

  message(frame: FrameView): void {
    checkMessage(frame, this.received++)
  }

  #send(): void {
    const sequence = this.#sent++
    // Nine in ten are short.
    const limit = this.#random() % 10 === 0 ? this.#data.payloadBytesMax : 120
    const length = this.#random() % (Math.min(limit, this.#data.payloadBytesMax) + 1)
    const start = this.#random() % 251
    const end = start + length
    const sum = checksum(this.#noise, start, end)
    this.bytes += length
    this.#outbox.fields.set([sequence, ~sequence, sum, length])
    this.#outbox.send(TYPE_MESSAGE, WORDS, this.#noise, start, end)
  }
}

class Echo implements Actor {
  readonly name = 'echo'
  finished = false
  bytes = 0
  received = 0
  readonly #outbox: Outbox

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  tick(): void {}

  nextTickMs(): number {
    return Number.POSITIVE_INFINITY
  }

  endTurn(): boolean {
    return false
  }

  describe(): string {
    return `echoed ${this.received}`
  }

  message(frame: FrameView): void {
    if (frame.type === TYPE_STOP) {
      this.finished = true
      return
    }
    checkMessage(frame, this.received++)
    this.bytes += frame.end - frame.start
    const { type, bytes, start, end } = frame
    for (let word = 0; word < WORDS; word++) this.#outbox.fields[word] = frame.int(word)
    this.#outbox.send(type, WORDS, bytes, start, end)
  }
}

interface Parts {
  readonly bell: Doorbell
  readonly host: ActorHost
  readonly actor: Sender | Echo
}

function build(data: RingWorkerData): Parts {
  const bell = new Doorbell(data.ownBell)
  const otherBell = new Doorbell(data.otherBell)
  const outbox = new Outbox('target', new RingProducer(data.target), otherBell)
  // The sender sends nothing on receiving, which is what breaks the cycle of the two edges.
  const absorbing = data.role === 'sender'
  const inbox = new Inbox('source', new RingConsumer(data.source), otherBell, absorbing)
  const actor = absorbing ? new Sender(data, outbox) : new Echo(outbox)
  const clock = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => 0 }
  const inlet: Inlet = { inbox, deliver: (frame) => actor.message(frame) }
  return { bell, host: new ActorHost(actor, clock, [inlet], [outbox]), actor }
}

/** How often it parked. */
function onParks({ bell, host, actor }: Parts): number {
  let parks = 0
  while (!actor.finished) {
    const seen = bell.read()
    if (host.turn() || actor.finished) continue
    parks++
    const rung = bell.park(seen, Math.min(host.parkMs(), LOST_WAKE_UP_MS))
    check(rung, `lost wake-up: ${actor.describe()}, blocked ${host.blocked}`)
  }
  return parks
}

/** The same. */
async function onEventLoop({ bell, host, actor }: Parts, random: () => number): Promise<number> {
  const loop = new BellLoop(bell, nowMs, NEVER_MS)
  let parks = 0
  let progress = ''
  const watchdog = setInterval(() => {
    const now = `${actor.describe()}, blocked ${host.blocked}`
    check(now !== progress, `lost wake-up: ${now}`)
    progress = now
  }, LOST_WAKE_UP_MS)
  await loop.run({
    step: () => {
      // One in 64 is followed by another, and one in 64 asks for it in vain.
      const dice = random() % 64
      if (dice === 0) setImmediate(() => loop.wake())
      if (dice === 1) loop.wake()
      return host.turn()
    },
    parkMs: () => {
      parks++
      return Number.POSITIVE_INFINITY
    },
    ended: () => actor.finished,
  })
  clearInterval(watchdog)
  return parks
}

async function run(data: RingWorkerData): Promise<RingWorkerResult> {
  const parts = build(data)
  const random = generator(data.seed + 1)
  const parks = data.loop === 'parks' ? onParks(parts) : await onEventLoop(parts, random)
  const { actor } = parts
  const { stalls } = ringCounters(data.target)
  return { messages: actor.received, bytes: actor.bytes, stalls, parks }
}

if (parentPort !== null) parentPort.postMessage(await run(workerData as RingWorkerData))
