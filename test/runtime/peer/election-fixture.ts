// Servers that elect over loopback, and sockets that behave as a test wants.

import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { PeerAddress } from '../../../runtime/peer/dial.ts'
import { introductionBytes } from '../../../runtime/peer/election-handshake.ts'
import { ElectionPeers, type ElectionPeersOptions } from '../../../runtime/peer/election-peers.ts'
import { within } from '../../support/until.ts'

export const BOUND_MS = 10_000
const HOST = '127.0.0.1'

export type Members = Map<ServerId, PeerAddress[]>

/** Nobody's address is known yet: `Elector.start` adds each. */
export function membersOf(...ids: ServerId[]): Members {
  return new Map(ids.map((id) => [id, []]))
}

export class Elector {
  readonly id: ServerId
  readonly peers: ElectionPeers
  readonly heard: string[] = []
  /** The last message of each. */
  readonly lastFrom: Map<ServerId, Uint8Array> = new Map()
  readonly linked: Set<ServerId> = new Set()
  readonly events: string[] = []

  private constructor(id: ServerId, members: Members, options: Partial<ElectionPeersOptions>) {
    this.id = id
    this.peers = new ElectionPeers(
      {
        serverId: id,
        members,
        listen: { host: HOST, port: 0 },
        bind: { tries: 1, delayMs: 1 },
        connectTimeoutMs: 5000,
        auth: null,
        headerTimeoutMs: 5000,
        strangersMax: 16,
        handshakesMax: 64,
        ...options,
      },
      {
        notified: (from, bytes, start, end) => {
          this.lastFrom.set(from, bytes.slice(start, end))
          const text = Buffer.from(bytes.subarray(start, end)).toString('latin1')
          this.heard.push(`${from}: ${text.length > 99 ? text.length : text}`)
        },
        linkUp: (peer) => {
          this.linked.add(peer)
          this.events.push(`up ${peer}`)
        },
        linkDown: (peer) => {
          this.linked.delete(peer)
          this.events.push(`down ${peer}`)
        },
        bindFailed: (error) => this.events.push(error.message),
      },
    )
  }

  /** Listens, and is known to the others by that; dials nobody yet. */
  static async start(
    id: ServerId,
    members: Members,
    options: Partial<ElectionPeersOptions> = {},
  ): Promise<Elector> {
    const elector = new Elector(id, members, options)
    await elector.peers.listen()
    members.get(id)?.splice(0, 1, { host: HOST, port: elector.peers.port })
    return elector
  }

  say(to: ServerId, text: string): void {
    const bytes = Buffer.from(`<${text}>`)
    this.peers.send(to, bytes, 1, bytes.length - 1)
  }

  /** Connects to it without a word. */
  async connection(): Promise<RawPeer> {
    const socket = createConnection(this.peers.port, HOST)
    socket.on('error', () => {})
    await within('a connection', BOUND_MS, once(socket, 'connect'))
    return new RawPeer(socket)
  }
}

/** A socket that keeps what it hears. */
export class RawPeer {
  readonly socket: Socket
  heard: Buffer = Buffer.alloc(0)
  closed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      this.heard = Buffer.concat([this.heard, chunk])
    })
    socket.on('close', () => {
      this.closed = true
    })
  }

  introduce(id: ServerId, port = 1): void {
    this.socket.write(introductionBytes(id, [{ host: HOST, port }]))
  }

  say(text: string): void {
    this.socket.write(frame(text))
  }
}

export function frame(text: string): Uint8Array {
  const writer = new JuteWriter()
  writer.string(text)
  return writer.finish()
}
