// The links of a simulated server's zab, over the simulated network: what is sent is checked and noted,
// and it is known how much waits.

import type { Link, ZabLinks } from '../../../../actors/zab/neighbours.ts'
import { PacketType } from '../../../../protocol/quorum/packet.ts'
import { snapshotSignature } from '../../../../protocol/quorum/snapshot-stream.ts'
import { formatZxid, type Zxid } from '../../../../protocol/zxid.ts'
import type { Node } from './ensemble-mesh.ts'
import type { End, Item } from './ensemble-net.ts'

const SIGNATURE = snapshotSignature()
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PacketType).map(([name, type]) => [type, name]),
)

export class Links {
  readonly roomBytes: number
  readonly #node: Node
  readonly #greeted: Set<Link> = new Set()
  readonly #overfull: Link[] = []

  constructor(node: Node, roomBytes: number) {
    this.#node = node
    this.roomBytes = roomBytes
  }

  get all(): ZabLinks {
    const node = this.#node
    const { net } = node.mesh
    const sendAll: ZabLinks['broadcast'] = (links, type, zxid, data) => {
      for (const link of links) this.#packet(link, type, zxid, data)
    }
    return {
      configured: () => undefined,
      connect: (leader) => net.connect(node, leader),
      listen: (open) => {
        node.listening = open
      },
      send: (link, type, zxid, data) => this.#packet(link, type, zxid, data),
      broadcast: sendAll,
      broadcastSoon: sendAll,
      sendRaw: (link, bytes, start, end) => {
        if (Buffer.from(bytes).equals(SIGNATURE)) this.#send(link, 'snapshot-end')
        else if (end > start) this.#send(link, bytes.slice(start, end))
      },
      unsent: (link) => net.end(link)?.waiting ?? 0,
      report: () => null,
      recount: () => undefined,
      awaitRoom: (link) => {
        const end = net.end(link)
        if (end !== undefined) end.isAwaited = true
      },
      takeOverfull: () => this.#overfull.splice(0),
      hold: (link, on) => net.hold(link, on),
      close: (link) => net.close(link),
    }
  }

  /** Whether somebody waits to hear that there is. */
  hasRoomAgain(end: End): boolean {
    if (end.waiting > this.roomBytes / 2) return false
    end.isOverfull = false
    if (!end.isAwaited) return false
    end.isAwaited = false
    return true
  }

  #packet(link: Link, type: PacketType, zxid: Zxid, data: Uint8Array | null): void {
    const { net } = this.#node.mesh
    if (net.end(link) === undefined) return
    this.#check(link, type, zxid)
    const text = type === PacketType.ping ? null : `${NAMES.get(type)} ${formatZxid(zxid)}`
    if (text !== null) this.#node.note(() => `sends ${text} to ${net.end(link)?.peer?.node.id}`)
    this.#send(link, { type, zxid, data: data?.slice() ?? null, authinfo: null })
  }

  #send(link: Link, item: Item): void {
    const { net } = this.#node.mesh
    net.send(link, item)
    const end = net.end(link)
    if (end === undefined || end.waiting <= 4 * this.roomBytes || end.isOverfull) return
    end.isOverfull = true
    this.#overfull.push(link)
  }

  #check(link: Link, type: PacketType, zxid: Zxid): void {
    const { disk, mesh, acceptedEpoch } = this.#node
    if (type === PacketType.ack) {
      mesh.checker.acknowledges(zxid, disk, !this.#greeted.has(link))
      this.#greeted.add(link)
    } else if (type === PacketType.ackEpoch) {
      mesh.checker.promises(acceptedEpoch, disk)
    }
  }
}
