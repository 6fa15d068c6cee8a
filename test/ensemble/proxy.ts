// The network between servers, held in the hand of a test: each server reaches each other one
// through a wire of its own, which can be cut, or fall silent in one direction or both.
//
// Cut: connections break, and new ones are refused. Silent: nothing passes and nobody is told; what
// was sent arrives when the silence ends, as TCP would send it again. Slow: so many bytes a second pass
// to whoever dialled.

import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import type { PeerPorts } from '../../perf/ensemble/ensemble.ts'

/** Towards the server that was dialled, or back from it. */
type Direction = 'there' | 'back'

interface Pair {
  readonly near: Socket
  /** Null until the silence in which the connection was asked for has ended. */
  far: Socket | null
  nearGone: boolean
  farGone: boolean
}

const HOST = '127.0.0.1'

class Wire {
  readonly from: number
  readonly to: number
  readonly #server: Server
  readonly #target: number
  readonly #pairs: Set<Pair> = new Set()
  readonly #silent: Set<Direction> = new Set()
  #cut = false
  #bytesPerMs = Number.POSITIVE_INFINITY

  constructor(from: number, to: number, target: number) {
    this.from = from
    this.to = to
    this.#target = target
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (near) =>
      this.#accept(near),
    )
  }

  async open(): Promise<number> {
    this.#server.listen(0, HOST)
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  close(): void {
    this.#server.close()
    this.#break()
  }

  cut(): void {
    this.#cut = true
    this.#break()
  }

  silence(direction: Direction): void {
    this.#silent.add(direction)
    for (const pair of this.#pairs) this.#apply(pair)
  }

  slow(bytesPerMs: number): void {
    this.#bytesPerMs = bytesPerMs
  }

  heal(): void {
    this.#cut = false
    this.#bytesPerMs = Number.POSITIVE_INFINITY
    this.#silent.clear()
    for (const pair of [...this.#pairs]) this.#apply(pair)
  }

  #break(): void {
    for (const { near, far } of this.#pairs) {
      near.destroy()
      far?.destroy()
    }
    this.#pairs.clear()
  }

  #accept(near: Socket): void {
    near.on('error', () => {})
    if (this.#cut) {
      near.destroy()
      return
    }
    const pair: Pair = { near, far: null, nearGone: false, farGone: false }
    this.#pairs.add(pair)
    near.on('close', () => {
      pair.nearGone = true
      this.#apply(pair)
    })
    this.#apply(pair)
  }

  /** Brings a pair to what the wire lets pass. */
  #apply(pair: Pair): void {
    const there = !this.#silent.has('there')
    const back = !this.#silent.has('back')
    if (pair.far === null) {
      if (pair.nearGone) this.#pairs.delete(pair)
      else if (there && back) this.#dial(pair)
      return
    }
    if (pair.nearGone && there) pair.far.destroy()
    if (pair.farGone && back) pair.near.destroy()
    if (pair.nearGone && pair.farGone) this.#pairs.delete(pair)
    if (there) pair.near.resume()
    else pair.near.pause()
    if (back) pair.far.resume()
    else pair.far.pause()
  }

  /** It takes so long until the link takes more. */
  #rest(pair: Pair, ms: number): void {
    pair.far?.pause()
    setTimeout(() => this.#apply(pair), ms)
  }

  #dial(pair: Pair): void {
    const { near } = pair
    const far = createConnection({ host: HOST, port: this.#target, noDelay: true })
    pair.far = far
    far.on('error', () => {})
    far.on('close', () => {
      pair.farGone = true
      this.#apply(pair)
    })
    near.on('data', (chunk) => far.write(chunk))
    far.on('data', (chunk) => {
      near.write(chunk)
      const ms = chunk.length / this.#bytesPerMs
      if (ms > 0) this.#rest(pair, ms)
    })
    this.#apply(pair)
  }
}

export class Network {
  readonly #wires: Wire[] = []

  /** For Ensemble.prepare. */
  async route(from: number, to: number, own: PeerPorts): Promise<PeerPorts> {
    const wires = [new Wire(from, to, own.quorum), new Wire(from, to, own.election)] as const
    this.#wires.push(...wires)
    return { quorum: await wires[0].open(), election: await wires[1].open() }
  }

  /** Between this server and all others. */
  cut(id: number): void {
    for (const wire of this.#wires) if (wire.from === id || wire.to === id) wire.cut()
  }

  /** What this server is sent by those that it dials comes slowly. */
  slow(id: number, bytesPerMs: number): void {
    for (const wire of this.#wires) if (wire.from === id) wire.slow(bytesPerMs)
  }

  /** The server hears nobody, or nobody hears it; or both. */
  silence(id: number, what: 'hears nobody' | 'is not heard' | 'both'): void {
    for (const wire of this.#wires) {
      if (wire.from !== id && wire.to !== id) continue
      const outwards = wire.from === id ? 'there' : 'back'
      const inwards = wire.from === id ? 'back' : 'there'
      if (what !== 'hears nobody') wire.silence(outwards)
      if (what !== 'is not heard') wire.silence(inwards)
    }
  }

  heal(): void {
    for (const wire of this.#wires) wire.heal()
  }

  close(): void {
    for (const wire of this.#wires) wire.close()
  }
}
