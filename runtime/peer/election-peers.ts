// The mesh on the election port (QuorumCnxManager): one link to every other server.
//
// A server that the configuration does not name is answered too, as long as its link stands: it has
// yet to learn the configuration, or observes. Their number is bounded, as is that of connections
// that have not said who they are; of those the oldest makes room, so that silent ones keep nobody
// out. Whoever introduces itself with an id that is linked replaces that link and touches no other.

import type { Socket } from 'node:net'
import { assert } from '../../protocol/assert.ts'
import { MalformedError } from '../../protocol/bytes/jute-reader.ts'
import type { ElectionLinks } from '../../protocol/messages/election.ts'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import { PULSE } from '../../protocol/quorum/pulse.ts'
import { isWithin, VOTE_BYTES } from '../../protocol/quorum/ranges.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import { type PeerLimits, STRANGER_ADDRESSES_MAX } from '../process/descriptors.ts'
import { InputBuffer } from '../socket/input-buffer.ts'
import type { PeerAddress } from './dial.ts'
import { type Introduction, introductionBytes, readIntroduction } from './election-handshake.ts'
import { ElectionPeer, type ElectionPeerHost } from './election-peer.ts'
import { addressesOf, type MemberAddresses } from './member-addresses.ts'
import type { BindRetries, ListenAddress } from './port-listener.ts'
import { type Listener, TCP, type Transport } from './transport.ts'

/** Where ids for observers that have none begin, downwards. */
const ANONYMOUS_FIRST: ServerId = -2

export interface ElectionPeersOptions extends Pick<PeerLimits, 'strangersMax' | 'handshakesMax'> {
  readonly serverId: ServerId
  /** Where each listens for votes, this server among them; as it starts. */
  readonly members: MemberAddresses
  readonly listen: ListenAddress
  /** electionPortBindRetry, and the second that ZooKeeper waits. */
  readonly bind: BindRetries
  /** cnxTimeout. */
  readonly connectTimeoutMs: number
  /** How long a connection may take to say who it is: syncLimit ticks. */
  readonly headerTimeoutMs: number
}

export interface ElectionPeersListener {
  /** Bytes are valid during the call. */
  notified(from: ServerId, bytes: Uint8Array, start: number, end: number): void
  /** Also of a link that replaces another, without a linkDown between them. */
  linkUp(peer: ServerId): void
  linkDown(peer: ServerId): void
  /** A try to bind the port failed; after the last one `listen` rejects. */
  bindFailed(error: Error): void
}

interface Handshake {
  readonly socket: Socket
  readonly input: InputBuffer
  /** Leaves the socket to others. */
  readonly release: () => void
}

/** A call of `send` may be made from within the listener. */
export class ElectionPeers implements ElectionLinks {
  readonly #options: ElectionPeersOptions
  readonly #listener: ElectionPeersListener
  readonly #transport: Transport
  readonly #port: Listener
  #addresses: MemberAddresses
  readonly #members: Map<ServerId, ElectionPeer> = new Map()
  readonly #strangers: Map<ServerId, ElectionPeer> = new Map()
  /** Oldest first. */
  readonly #handshakes: Set<Handshake> = new Set()
  #nextAnonymous = ANONYMOUS_FIRST
  #closed = false

  constructor(
    options: ElectionPeersOptions,
    listener: ElectionPeersListener,
    transport: Transport = TCP,
  ) {
    this.#options = options
    this.#listener = listener
    this.#transport = transport
    this.#port = transport.listener(options.listen, options.bind, {
      accept: (socket) => this.#accept(socket),
      bindFailed: (error) => listener.bindFailed(error),
    })
    this.#addresses = options.members
    this.#meet()
  }

  /** A link that stands is kept, whatever the new address: the next dial goes there. Whoever is no
   * member any more is a stranger, and is not dialled again. */
  configured(members: readonly Member[]): void {
    this.#addresses = addressesOf(members, 'electionPort')
    for (const [id, peer] of this.#members) {
      if (this.#addresses.has(id)) continue
      this.#members.delete(id)
      peer.close()
    }
    this.#meet()
    this.dial()
  }

  /** Members that are new. One that was here as a stranger comes again as what it is. */
  #meet(): void {
    const host = this.#host((peer) => peer.redial())
    for (const id of this.#addresses.keys()) {
      if (id === this.#options.serverId || this.#members.has(id)) continue
      this.#strangers.get(id)?.close()
      this.#strangers.delete(id)
      const addresses = (): readonly PeerAddress[] => this.#addresses.get(id) ?? []
      this.#members.set(id, new ElectionPeer(id, addresses, host))
    }
  }

  /** The port that is listened on; 0 while none is. */
  get port(): number {
    return this.#port.port
  }

  /** Rejects when the port cannot be bound; the message names it. */
  listen(): Promise<void> {
    return this.#port.open()
  }

  /** Nothing is heard or dialled any more. */
  close(): void {
    this.#closed = true
    this.#port.close()
    for (const handshake of this.#handshakes) this.#abandon(handshake)
    for (const peer of this.#members.values()) peer.close()
    for (const peer of this.#strangers.values()) peer.close()
    this.#strangers.clear()
  }

  send(to: ServerId, bytes: Uint8Array, start: number, end: number): void {
    assert(isWithin(VOTE_BYTES, end - start), 'election: a message of that size')
    const peer = this.#members.get(to) ?? this.#strangers.get(to)
    if (peer === undefined) return
    const copy = new Uint8Array(end - start)
    copy.set(bytes.subarray(start, end))
    peer.send(copy)
  }

  pulse(to: ServerId): void {
    const peer = this.#members.get(to) ?? this.#strangers.get(to)
    peer?.pulse(PULSE)
  }

  /** Who is not linked is dialled from now on until it is, and again when its link is lost. */
  dial(): void {
    if (this.#closed) return
    for (const peer of this.#members.values()) if (!peer.isLinked) peer.dial()
  }

  #host(idle: ElectionPeerHost['idle']): ElectionPeerHost {
    const { serverId, connectTimeoutMs } = this.#options
    return {
      serverId,
      connectTimeoutMs,
      transport: this.#transport,
      introduction: () => this.#introduction(),
      notified: (from, bytes, start, end) => this.#listener.notified(from, bytes, start, end),
      linkUp: (peer) => this.#listener.linkUp(peer),
      linkDown: (peer) => this.#listener.linkDown(peer),
      idle,
    }
  }

  #introduction(): Uint8Array {
    const { serverId } = this.#options
    const addresses = this.#addresses.get(serverId) ?? []
    return introductionBytes(
      serverId,
      addresses.map(({ host, port }) => ({ host, port: port === 0 ? this.port : port })),
    )
  }

  #accept(socket: Socket): void {
    if (this.#handshakes.size >= this.#options.handshakesMax) {
      const [oldest] = this.#handshakes
      this.#abandon(oldest!)
    }
    const input = new InputBuffer()
    const onData = (chunk: Uint8Array): void => {
      input.append(chunk)
      this.#maybeIntroduced(handshake)
      input.keep()
    }
    const onEnd = (): void => this.#abandon(handshake)
    const cancelTimer = this.#transport.after(this.#options.headerTimeoutMs, onEnd)
    const release = (): void => {
      cancelTimer()
      socket.off('data', onData).off('end', onEnd).off('close', onEnd)
      this.#handshakes.delete(handshake)
    }
    const handshake: Handshake = { socket, input, release }
    this.#handshakes.add(handshake)
    socket.on('data', onData).once('end', onEnd).once('close', onEnd)
  }

  #abandon(handshake: Handshake): void {
    handshake.release()
    handshake.socket.destroy()
  }

  #maybeIntroduced(handshake: Handshake): void {
    const { socket, input } = handshake
    let read: ReturnType<typeof readIntroduction>
    try {
      read = readIntroduction(input.bytes, input.start, input.end)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      this.#abandon(handshake)
      return
    }
    if (read === null) return
    input.consume(read.end)
    handshake.release()
    this.#introduced(read.introduction, socket, input)
  }

  #introduced({ serverId, addresses }: Introduction, socket: Socket, input: InputBuffer): void {
    const own = this.#options.serverId
    const peer = serverId === own ? null : this.#peer(serverId, addresses)
    if (peer === null) {
      socket.destroy()
    } else if (serverId === null || serverId > own) {
      peer.attach(socket, input)
    } else {
      socket.destroy()
      peer.dial()
    }
  }

  /** A stranger is dialled where it says it listens, a member only where it is configured. Null
   * when there are strangers enough. */
  #peer(serverId: ServerId | null, addresses: readonly PeerAddress[]): ElectionPeer | null {
    const id = serverId ?? this.#nextAnonymous
    const known = this.#members.get(id) ?? this.#strangers.get(id)
    if (known !== undefined) return known
    if (this.#strangers.size >= this.#options.strangersMax) return null
    if (serverId === null) this.#nextAnonymous--
    const host = this.#host((peer) => this.#strangers.delete(peer.id))
    const tried = addresses.slice(0, STRANGER_ADDRESSES_MAX)
    const stranger = new ElectionPeer(id, () => tried, host)
    this.#strangers.set(id, stranger)
    return stranger
  }
}
