// Links between simulated servers: election messages, and the streams of port 2888. Both keep
// order, stall while a direction is cut, and break.

import type { Link } from '../../../../actors/zab/neighbours.ts'
import type { Packet } from '../../../../protocol/quorum/packet.ts'
import type { ServerId } from '../../../../protocol/quorum/server-id.ts'
import { Wire, type World } from './ensemble-world.ts'

/** What travels on a learner's link: packets, and the body of a tree in pieces. */
export type Item = Packet | Uint8Array | 'snapshot-end'

export interface NetNode {
  readonly id: ServerId
  readonly alive: boolean
  readonly pausedUntilMs: number
  readonly listening: boolean
  notified(from: ServerId, bytes: Uint8Array): void
  electionLink(peer: ServerId, up: boolean): void
  opened(link: Link): void
  closed(link: Link): void
  arrived(link: Link, item: Item): void
  hasTaken(end: End): void
}

function bytesOf(item: Item): number {
  if (item === 'snapshot-end') return 14
  return item instanceof Uint8Array ? item.length : 20 + (item.data?.length ?? 0)
}

export class End {
  readonly link: Link
  readonly node: NetNode
  peer: End | null = null
  wire: Wire | null = null
  isClosed = false
  sent = 0
  /** Bytes on their way. */
  waiting = 0
  isAwaited = false
  isOverfull = false
  /** Its node does not read from it; what has come is kept. */
  isHeld = false
  readonly kept: (() => void)[] = []

  constructor(node: NetNode, link: Link) {
    this.node = node
    this.link = link
  }
}

export class Net {
  readonly #world: World
  readonly #nodes: Map<ServerId, NetNode> = new Map()
  readonly #cuts: Set<string> = new Set()
  readonly #ends: Map<Link, End> = new Map()
  readonly #elections: Map<string, Wire> = new Map()
  readonly #wires: Set<Wire> = new Set()
  #lastLink = 0
  delayMsMax = 10

  constructor(world: World) {
    this.#world = world
  }

  // ---- servers and cuts

  join(node: NetNode): void {
    this.#nodes.set(node.id, node)
    for (const id of this.#nodes.keys()) this.#linkElection(node.id, id)
  }

  leave(node: NetNode): void {
    this.#nodes.delete(node.id)
    for (const id of this.#nodes.keys()) this.#unlinkElection(node.id, id)
    for (const end of [...this.#ends.values()]) {
      if (end.node !== node) continue
      end.isClosed = true
      this.#ends.delete(end.link)
      this.#hangUp(end)
    }
  }

  cut(from: ServerId, to: ServerId): void {
    this.#cuts.add(`${from}>${to}`)
  }

  isCut(from: ServerId, to: ServerId): boolean {
    return this.#cuts.has(`${from}>${to}`)
  }

  /** The kernel has noticed that the peer does not answer. */
  breakLinks(a: ServerId, b: ServerId): void {
    this.#unlinkElection(a, b)
    for (const end of [...this.#ends.values()]) {
      const other = end.peer?.node.id
      if ((end.node.id === a && other === b) || (end.node.id === b && other === a))
        this.#cutOff(end)
    }
  }

  heal(from: ServerId, to: ServerId): void {
    this.#cuts.delete(`${from}>${to}`)
    for (const wire of this.#wires) wire.kick()
    if (!this.isCut(to, from)) this.#linkElection(from, to)
  }

  healAll(): void {
    for (const cut of [...this.#cuts]) {
      const [from, to] = cut.split('>').map(Number)
      this.heal(from!, to!)
    }
    for (const a of this.#nodes.keys()) for (const b of this.#nodes.keys()) this.#linkElection(a, b)
  }

  // ---- elections

  sendVote(from: ServerId, to: ServerId, bytes: Uint8Array): void {
    const wire = this.#elections.get(`${from}>${to}`)
    const target = this.#nodes.get(to)
    if (wire === undefined || target === undefined) return
    wire.send(() => {
      if (target.alive) target.notified(from, bytes)
    })
  }

  dial(from: ServerId): void {
    for (const id of this.#nodes.keys()) this.#linkElection(from, id)
  }

  #linkElection(a: ServerId, b: ServerId): void {
    const [from, to] = [this.#nodes.get(a), this.#nodes.get(b)]
    if (a === b || from === undefined || to === undefined) return
    if (this.#elections.has(`${a}>${b}`) || this.isCut(a, b) || this.isCut(b, a)) return
    this.#elections.set(`${a}>${b}`, this.#wire(from, to))
    this.#elections.set(`${b}>${a}`, this.#wire(to, from))
    this.#world.after(this.#world.between(1, 5), () => {
      if (!this.#elections.has(`${a}>${b}`)) return
      if (from.alive) from.electionLink(b, true)
      if (to.alive) to.electionLink(a, true)
    })
  }

  #unlinkElection(a: ServerId, b: ServerId): void {
    if (!this.#elections.has(`${a}>${b}`)) return
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#elections.get(`${from}>${to}`)?.lose()
      this.#elections.delete(`${from}>${to}`)
      const node = this.#nodes.get(from)
      if (node?.alive) node.electionLink(to, false)
    }
  }

  // ---- learners

  connect(node: NetNode, to: ServerId): Link {
    const end = this.#end(node)
    const { between } = this.#world
    const cut = this.isCut(node.id, to) || this.isCut(to, node.id)
    const delayMs = cut ? between.call(this.#world, 200, 900) : between.call(this.#world, 1, 8)
    this.#world.after(delayMs, () => this.#connected(end, to))
    return end.link
  }

  #connected(end: End, to: ServerId): void {
    const target = this.#nodes.get(to)
    if (end.isClosed || !end.node.alive) return
    const cut = this.isCut(end.node.id, to) || this.isCut(to, end.node.id)
    if (target === undefined || !target.alive || !target.listening || cut) {
      this.#cutOff(end)
      return
    }
    const far = this.#end(target)
    end.peer = far
    far.peer = end
    end.wire = this.#wire(end.node, target)
    far.wire = this.#wire(target, end.node)
    // The dialler's first packet may be there before the listener has looked: it looks first.
    end.wire.send(() => {
      if (!far.isClosed && target.alive) target.opened(far.link)
    })
    far.wire.send(() => {
      if (!end.isClosed && end.node.alive) end.node.opened(end.link)
    })
  }

  send(link: Link, item: Item): void {
    const end = this.#ends.get(link)
    if (end === undefined || end.isClosed || end.wire === null) return
    end.sent++
    const bytes = bytesOf(item)
    end.waiting += bytes
    const far = end.peer!
    // A tree takes its time, so that it can be cut in the middle.
    const spacingMs = item instanceof Uint8Array ? this.#world.random(this.delayMsMax) : 0
    const arrive = (): void => {
      end.waiting -= bytes
      if (!far.isClosed && far.node.alive) far.node.arrived(far.link, item)
      if (!end.isClosed && end.node.alive) end.node.hasTaken(end)
    }
    end.wire.send(() => {
      if (far.isHeld || far.kept.length > 0) far.kept.push(arrive)
      else arrive()
    }, spacingMs)
  }

  /** Nothing arrives there while it is held; then, in order, what has come. */
  hold(link: Link, on: boolean): void {
    const end = this.#ends.get(link)
    if (end === undefined) return
    end.isHeld = on
    if (on) return
    this.#world.after(0, () => {
      while (!end.isHeld && end.kept.length > 0) end.kept.shift()!()
    })
  }

  end(link: Link): End | undefined {
    return this.#ends.get(link)
  }

  close(link: Link): void {
    const end = this.#ends.get(link)
    if (end === undefined) return
    end.isClosed = true
    this.#ends.delete(link)
    this.#hangUp(end)
  }

  /** The other side learns of the end of the stream, perhaps without its last packets. */
  #hangUp(end: End): void {
    const far = end.peer
    if (far === null || end.wire === null || far.isClosed) return
    if (this.#world.chance(50)) end.wire.lose()
    end.wire.send(() => this.#cutOff(far))
  }

  #cutOff(end: End): void {
    if (end.isClosed) return
    end.isClosed = true
    this.#ends.delete(end.link)
    if (end.node.alive) end.node.closed(end.link)
  }

  #end(node: NetNode): End {
    const end = new End(node, ++this.#lastLink)
    this.#ends.set(end.link, end)
    return end
  }

  #wire(from: NetNode, to: NetNode): Wire {
    const wire = new Wire(
      this.#world,
      () => this.#world.between(1, this.delayMsMax),
      () => (this.isCut(from.id, to.id) ? Number.POSITIVE_INFINITY : to.pausedUntilMs),
    )
    this.#wires.add(wire)
    return wire
  }
}
