// Leader and learners' links over loopback: what each hears, as text.

import { strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import type { Link } from '../../../actors/zab/neighbours.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { type PacketType, writePacket } from '../../../protocol/quorum/packet.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { formatZxid, type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import type { PeerAddress } from '../../../runtime/peer/dial.ts'
import { LearnerLinks } from '../../../runtime/peer/learner-links.ts'
import type { LearnerLinksOptions } from '../../../runtime/peer/learner-links-options.ts'
import { TCP } from '../../../runtime/peer/transport.ts'
import { until, within } from '../../support/until.ts'

export const BOUND_MS = 10_000
const HOST = '127.0.0.1'

export class Host {
  readonly links: LearnerLinks
  readonly members: Map<ServerId, PeerAddress[]> = new Map()
  readonly opened: Link[] = []
  readonly closed: Link[] = []
  /** Links that have room again. */
  readonly ready: Link[] = []
  /** In order: packets, pieces, ends of snapshots. */
  readonly heard: string[] = []
  readonly pieces: Uint8Array[] = []
  activities = 0
  /** Timers of the links' own: run by the test. */
  readonly later: (() => void)[] = []
  readonly progressed: Link[] = []
  /** Runs within the event. */
  onHeard: (link: Link) => void = () => {}

  constructor(options: Partial<LearnerLinksOptions> = {}) {
    this.links = new LearnerLinks(
      {
        members: this.members,
        listen: { host: HOST, port: 0 },
        connectTimeoutMs: 5000,
        fieldBytesMax: 1 << 20,
        backlogBytesMax: options.unsentBytesMax ?? 4 << 20,
        unsentBytesMax: 64 << 20,
        acceptedMax: 100,
        ...options,
      },
      {
        linkOpened: (link) => this.opened.push(link),
        linkClosed: (link) => this.closed.push(link),
        packet: (link, { type, zxid, data, authinfo }) => {
          strictEqual(Buffer.isBuffer(data) || Buffer.isBuffer(authinfo), false)
          const bytes = data === null ? 'null' : data.length > 40 ? data.length : `[${data}]`
          const ids = authinfo === null ? '' : ` by ${authinfo.length}`
          this.heard.push(`${link}: ${type} ${formatZxid(zxid)} ${bytes}${ids}`)
          this.onHeard(link)
        },
        snapshotPiece: (link, bytes, start, end) => {
          this.pieces.push(bytes.slice(start, end))
          this.heard.push(`${link}: piece`)
          this.onHeard(link)
        },
        progress: (link) => this.progressed.push(link),
        snapshotEnd: (link) => {
          this.heard.push(`${link}: snapshot end`)
          this.onHeard(link)
        },
        linkReady: (link) => this.ready.push(link),
        onActivity: () => {
          this.activities++
        },
        bindFailed: (error) => this.heard.push(error.message),
      },
      { ...TCP, after: (_ms, run) => later(this.later, run) },
    )
  }

  async listening(): Promise<number> {
    this.links.listen(true)
    await until('it listens', BOUND_MS, () => this.links.port !== 0)
    return this.links.port
  }

  /** Sends one packet in a turn of its own. */
  send(link: Link, type: PacketType, zxid: Zxid, data: Uint8Array | null = null): void {
    this.links.send(link, type, zxid, data)
    this.links.endTurn()
  }

  async hears(count: number): Promise<void> {
    await until(`${count} are heard`, BOUND_MS, () => this.heard.length >= count)
  }
}

function later(timers: (() => void)[], run: () => void): () => void {
  timers.push(run)
  return () => timers.splice(timers.indexOf(run), 1)
}

/** A leader, and a learner that is linked to it; with their numbers for the link. */
export async function pair(
  options: Partial<LearnerLinksOptions> = {},
): Promise<{ leader: Host; learner: Host; up: Link; down: Link }> {
  const leader = new Host(options)
  const learner = new Host(options)
  const port = await leader.listening()
  learner.members.set(1, [{ host: HOST, port }])
  const up = learner.links.connect(1)
  await until('the link stands', BOUND_MS, () => leader.opened.length * learner.opened.length > 0)
  return { leader, learner, up, down: leader.opened[0]! }
}

export async function rawLearner(leader: Host): Promise<Socket> {
  const before = leader.opened.length
  const socket = createConnection(leader.links.port, HOST)
  socket.on('error', () => {})
  await within('a connection', BOUND_MS, once(socket, 'connect'))
  await until('it is opened', BOUND_MS, () => leader.opened.length > before)
  return socket
}

export function packetBytes(type: PacketType, zxid: Zxid, data: Uint8Array | null): Uint8Array {
  const writer = new JuteWriter()
  writePacket(writer, type, zxid, data)
  return writer.finish()
}

export function z(counter: number): Zxid {
  return zxidOf(1, counter)
}

/** A learner whose leader is sockets, in the order of their links. They go with the learner's. */
export async function rawLeader(
  options: Partial<LearnerLinksOptions> = {},
): Promise<{ learner: Host; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume()
    sockets.push(socket)
  })
  server.listen(0, HOST).unref()
  await within('a port', BOUND_MS, once(server, 'listening'))
  const learner = new Host(options)
  const { port } = server.address() as { port: number }
  learner.members.set(1, [{ host: HOST, port }])
  return { learner, sockets }
}
