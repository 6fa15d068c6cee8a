// The network between the members: connections of two pipes each, which delay, hold back and lose,
// but never reorder, and some of which are slow; ports that refuse; partitions of one direction or
// both.

import type { Socket } from 'node:net'
import type { PeerAddress } from '../../../../runtime/peer/dial.ts'
import type { Transport } from '../../../../runtime/peer/transport.ts'
import type { Dice } from '../../world/dice.ts'
import type { Agenda } from './agenda.ts'
import { type Pipe, SimulatedSocket, type SocketHost } from './socket.ts'

/** A process that has sockets. */
export interface Station {
  readonly id: number
  readonly alive: boolean
  /** How many of its milliseconds go into one of the world's. */
  readonly rate: number
  /** Runs it now, or when the process goes on; never if it is gone by then. */
  perform(run: () => void): void
}

const DIAL_AGAIN_MS = 100
/** Of segments a write is split into. */
const SEGMENTS_MAX = 3
const SPLITS_EVERY = 4
/** What a slow connection takes before its sender has to wait; any other takes no less. */
const WINDOW_BYTES_MIN = 2048

/** More than any id. */
const IDS_MAX = 1 << 20

interface Port {
  readonly station: Station
  readonly accept: (socket: Socket) => void
}

export class Wires {
  /** How long a segment takes, at most. */
  delayMsMax = 2
  /** What the kernels take of what does not arrive. In life it is as much as waits in front of them. */
  windowBytes: number = WINDOW_BYTES_MIN
  readonly #agenda: Agenda
  readonly #dice: Dice
  readonly #ports: Map<string, Port> = new Map()
  readonly #pipes: Set<Flow> = new Set()
  readonly #blocked: Set<number> = new Set()
  readonly #rounds: WeakMap<Station, Rounds> = new WeakMap()
  /** Bytes a millisecond, to whom. */
  readonly #slow: Map<number, number> = new Map()

  constructor(agenda: Agenda, dice: Dice) {
    this.#agenda = agenda
    this.#dice = dice
  }

  isBlocked(from: number, to: number): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(direction(from, to))
  }

  /** Nothing arrives in this direction until it is healed; it waits as TCP lets it. */
  block(from: number, to: number): void {
    this.#blocked.add(direction(from, to))
  }

  /** Whatever is sent to this server takes its time, until it is healed. */
  slow(to: number, bytesPerMs: number): void {
    this.#slow.set(to, bytesPerMs)
  }

  bytesPerMs(to: number): number {
    return this.#slow.get(to) ?? Number.POSITIVE_INFINITY
  }

  quicken(): void {
    this.#slow.clear()
  }

  /** Both directions again. */
  unblock(pairs: readonly (readonly [number, number])[]): void {
    for (const [a, b] of pairs) {
      this.#blocked.delete(direction(a, b))
      this.#blocked.delete(direction(b, a))
      for (const pipe of this.#pipes) if (pipe.joins(a, b)) pipe.goOn()
    }
  }

  healAll(): void {
    this.#blocked.clear()
    for (const pipe of this.#pipes) pipe.goOn()
  }

  /** Every connection between the two is lost with what is on its way. */
  cut(a: number, b: number): void {
    for (const pipe of [...this.#pipes]) if (pipe.joins(a, b)) pipe.lose()
  }

  /** The process has ended. Its machine says so, or is silent for a while itself. */
  died(station: Station, silentMs: number): void {
    for (const [name, port] of this.#ports) if (port.station === station) this.#ports.delete(name)
    for (const pipe of [...this.#pipes]) pipe.died(station, silentMs)
  }

  transport(station: Station): Transport {
    return {
      dial: (addresses, timeoutMs, done) => this.#dial(station, addresses, timeoutMs, done),
      listener: ({ port }, _retries, { accept }) => {
        const name = `${station.id}:${port}`
        return {
          port,
          open: () => {
            this.#ports.set(name, { station, accept })
            return Promise.resolve()
          },
          close: () => {
            if (this.#ports.get(name)?.station === station) this.#ports.delete(name)
          },
        }
      },
      after: (ms, run) => {
        const entry = this.#agenda.after(ms / station.rate, () => station.perform(run))
        return () => {
          entry.cancelled = true
        }
      },
      soon: (run) => this.#soon(station, run),
    }
  }

  delayMs(): number {
    return (this.#dice.below(1000) / 1000) * this.delayMsMax
  }

  /** In the process's next round of its event loop, which is soon, with all else that waits for it. */
  #soon(station: Station, run: () => void): void {
    this.#inRound(this.#roundsOf(station), run)
  }

  #inRound(rounds: Rounds, run: () => void): void {
    if (rounds.add(run)) this.#agenda.after(this.#dice.below(100) / 1000, rounds.next)
  }

  #roundsOf(station: Station): Rounds {
    let rounds = this.#rounds.get(station)
    if (rounds === undefined) {
      rounds = new Rounds(station)
      this.#rounds.set(station, rounds)
    }
    return rounds
  }

  #dial(
    from: Station,
    addresses: readonly PeerAddress[],
    timeoutMs: number,
    done: (socket: Socket | null) => void,
  ): () => void {
    let over = false
    const [address] = addresses
    const deadlineMs = this.#agenda.nowMs + timeoutMs / from.rate
    const settle = (socket: SimulatedSocket | null): void => {
      if (over || !from.alive) {
        socket?.destroy()
        return
      }
      over = true
      done(socket as unknown as Socket | null)
    }
    const answer = (socket: SimulatedSocket | null): void => {
      this.#agenda.after(this.delayMs(), () => from.perform(() => settle(socket)))
    }
    const attempt = (): void => {
      if (over || !from.alive) return
      if (address === undefined || this.#agenda.nowMs >= deadlineMs) {
        from.perform(() => settle(null))
        return
      }
      const to = stationOf(address)
      if (this.isBlocked(from.id, to) || this.isBlocked(to, from.id)) {
        this.#agenda.after(DIAL_AGAIN_MS, attempt)
        return
      }
      const port = this.#ports.get(`${to}:${address.port}`)
      if (port === undefined) answer(null)
      else answer(this.#connect(from, port))
    }
    this.#agenda.after(this.delayMs(), attempt)
    return () => {
      over = true
    }
  }

  /** The dialler's end; the other is given to the port's owner. */
  #connect(from: Station, port: Port): SimulatedSocket {
    const there = new Flow(this.#agenda, this, this.#dice, from, port.station)
    const back = new Flow(this.#agenda, this, this.#dice, port.station, from)
    const near = new SimulatedSocket(this.#host(from), there)
    const far = new SimulatedSocket(this.#host(port.station), back)
    there.open(near, far, this.#pipes)
    back.open(far, near, this.#pipes)
    // What the other side says first comes after the connection does.
    back.delay(this.delayMsMax)
    port.station.perform(() => port.accept(far as unknown as Socket))
    return near
  }

  #host(station: Station): SocketHost {
    const rounds = this.#roundsOf(station)
    return {
      soon: (run) => this.#inRound(rounds, run),
      takesAtOnce: () => !this.#dice.oneIn(4),
    }
  }
}

/** Of the event loop of a process: what waits for the next. */
class Rounds {
  readonly next: () => void
  #waiting: (() => void)[] = []

  constructor(station: Station) {
    this.next = () => {
      const round = this.#waiting
      this.#waiting = []
      for (const run of round) station.perform(run)
    }
  }

  /** True for the first. */
  add(run: () => void): boolean {
    return this.#waiting.push(run) === 1
  }
}

/** One direction of a connection. */
class Flow implements Pipe {
  readonly #agenda: Agenda
  readonly #wires: Wires
  readonly #dice: Dice
  readonly #from: Station
  readonly #to: Station
  #near!: SimulatedSocket
  #far!: SimulatedSocket
  #all!: Set<Flow>
  /** On the way; null is the end of the stream. */
  readonly #segments: { readonly atMs: number; readonly bytes: Uint8Array | null }[] = []
  #armed = false
  #lastMs = 0
  /** Bytes on the way. */
  #queued = 0
  #ended = false
  readonly #due: () => void
  readonly #roomy: () => void

  constructor(agenda: Agenda, wires: Wires, dice: Dice, from: Station, to: Station) {
    const arrive = (): void => this.#arrive()
    this.#due = () => {
      // A station that stands still lets its kernel wait.
      if (to.alive) to.perform(arrive)
      else this.#armed = false
    }
    this.#roomy = () => this.#near.roomy()
    this.#agenda = agenda
    this.#wires = wires
    this.#dice = dice
    this.#from = from
    this.#to = to
  }

  open(near: SimulatedSocket, far: SimulatedSocket, all: Set<Flow>): void {
    this.#near = near
    this.#far = far
    this.#all = all
    all.add(this)
  }

  joins(a: number, b: number): boolean {
    const [from, to] = [this.#from.id, this.#to.id]
    return (from === a && to === b) || (from === b && to === a)
  }

  /** Nothing arrives sooner than this. */
  delay(ms: number): void {
    this.#lastMs = this.#agenda.nowMs + ms
  }

  get isFull(): boolean {
    const isSlow = this.#wires.bytesPerMs(this.#to.id) < Infinity
    return this.#queued > (isSlow ? WINDOW_BYTES_MIN : this.#wires.windowBytes)
  }

  push(bytes: Uint8Array): void {
    this.#queued += bytes.length
    if (this.#ended) return
    let start = 0
    let left = this.#dice.oneIn(SPLITS_EVERY) ? this.#dice.below(SEGMENTS_MAX) : 0
    for (; left > 0 && bytes.length - start > 1; left--) {
      const end = start + 1 + this.#dice.below(bytes.length - start - 1)
      this.#send(bytes.subarray(start, end))
      start = end
    }
    this.#send(start === 0 ? bytes : bytes.subarray(start))
  }

  end(orderly: boolean): void {
    if (this.#ended) return
    this.#ended = true
    if (!orderly) this.#segments.length = 0
    this.#send(null)
  }

  lose(): void {
    this.#segments.length = 0
    this.#ended = true
    this.#all.delete(this)
    this.#from.perform(() => this.#near.reset())
    this.#agenda.after(this.#wires.delayMs(), () => this.#to.perform(() => this.#far.reset()))
  }

  died(station: Station, silentMs: number): void {
    if (station === this.#from) {
      this.#near.forget()
      if (silentMs > 0) {
        this.#segments.length = 0
        this.#lastMs = this.#agenda.nowMs + silentMs
      }
      this.end(silentMs === 0 && this.#dice.oneIn(2))
    } else if (station === this.#to) {
      this.#far.forget()
      this.#segments.length = 0
      this.#ended = true
      this.#all.delete(this)
    }
  }

  goOn(): void {
    if (!this.#armed && this.#segments.length > 0) this.#arm(this.#wires.delayMs())
  }

  #send(bytes: Uint8Array | null): void {
    const takesMs = (bytes?.length ?? 0) / this.#wires.bytesPerMs(this.#to.id)
    const atMs = Math.max(this.#lastMs, this.#agenda.nowMs + this.#wires.delayMs()) + takesMs
    this.#lastMs = atMs
    this.#segments.push({ atMs, bytes })
    if (!this.#armed) this.#arm(atMs - this.#agenda.nowMs)
  }

  #arm(ms: number): void {
    this.#armed = true
    this.#agenda.after(ms, this.#due)
  }

  #arrive(): void {
    this.#armed = false
    if (this.#wires.isBlocked(this.#from.id, this.#to.id)) return
    const segment = this.#segments.shift()
    if (segment === undefined) return
    const next = this.#segments[0]
    if (next !== undefined) this.#arm(Math.max(0, next.atMs - this.#agenda.nowMs))
    if (segment.bytes === null) {
      this.#all.delete(this)
      if (this.#dice.oneIn(2)) this.#far.reset()
      else this.#far.receive(null)
    } else {
      this.#queued -= segment.bytes.length
      if (!this.isFull) this.#from.perform(this.#roomy)
      this.#far.receive(segment.bytes)
    }
  }
}

function direction(from: number, to: number): number {
  return from * IDS_MAX + to
}

export function hostOf(id: number): string {
  return `s${id}`
}

function stationOf({ host }: PeerAddress): number {
  return Number(host.slice(1))
}
