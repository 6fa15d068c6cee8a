// The mesh on the election port (QuorumCnxManager): one link to every other server.
//
// A server that the configuration does not name is answered, too, as long as its link lasts: it has
// yet to learn the configuration, or is an observer. The number of such strangers is bounded. So is
// the number of connections that have not introduced themselves; the oldest of those makes room, so
// that silent ones keep nobody out. A connection that introduces itself with an id that is linked
// replaces that link, and affects no other.

import type { Socket } from 'node:net'
import { assert } from '../../protocol/assert.ts'
import { MalformedError } from '../../protocol/bytes/jute-reader.ts'
import type { ElectionLinks } from '../../protocol/messages/election.ts'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import { isWithin, VOTE_BYTES } from '../../protocol/quorum/ranges.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import { type PeerLimits, STRANGER_ADDRESSES_MAX } from '../process/descriptors.ts'
import { InputBuffer } from '../socket/input-buffer.ts'
import type { PeerAddress } from './dial.ts'
import { type Introduction, introductionBytes, readIntroduction } from './election-handshake.ts'
import { ElectionPeer, type ElectionPeerHost } from './election-peer.ts'
import { addressesOf, type MemberAddresses } from './member-addresses.ts'
import type { PeerAuth } from './peer-auth.ts'
import type { BindRetries, ListenAddress } from './port-listener.ts'
import { type Listener, TCP, type Transport } from './transport.ts'

/** Where ids begin, downwards, for observers that have none. */
const ANONYMOUS_FIRST: ServerId = -2

export interface ElectionPeersOptions extends Pick<PeerLimits, 'strangersMax' | 'handshakesMax'> {
  readonly serverId: ServerId
  /** Where each member listens for votes, this server included; as at the start. */
  readonly members: MemberAddresses
  readonly listen: ListenAddress
  /** electionPortBindRetry, and the second that ZooKeeper waits. */
  readonly bind: BindRetries
  /** cnxTimeout. */
  readonly connectTimeoutMs: number
  /** How long a connection may take to introduce itself: syncLimit ticks. */
  readonly headerTimeoutMs: number
  /** Null: nobody proves who it is. */
  readonly auth: PeerAuth | null
}

export interface ElectionPeersListener {
  /** The bytes are valid during the call. */
  notified(from: ServerId, bytes: Uint8Array, start: number, end: number): void
  /** Also for a link that replaces another, without a linkDown in between. */
  linkUp(peer: ServerId): void
  linkDown(peer: ServerId): void
  /** An attempt to bind the port failed. After the last one `listen` rejects. */
  bindFailed(error: Error): void
}

interface Handshake {
  readonly socket: Socket
  readonly input: InputBuffer
  /** Leaves the socket to others. */
  readonly release: () => void
}

/** `send` may be called from within the listener. */
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

  /** Open links are kept, whatever the new address; the next dial goes there. A server that is no
   * longer a member is a stranger now, and is not dialled again. */
  configured(members: readonly Member[]): void {
    // A server that the configuration does not name still says where it listens, so that members can
    // call it back.
    const own = this.#addresses.get(this.#options.serverId)
    const addresses = new Map(addressesOf(members, 'electionPort'))
    if (own !== undefined && !addresses.has(this.#options.serverId)) {
      addresses.set(this.#options.serverId, own)
    }
    this.#addresses = addresses
    this.#transport.configured?.(members)
    this.#options.auth?.configured(members)
    for (const [id, peer] of this.#members) {
      if (this.#addresses.has(id)) continue
      this.#members.delete(id)
      if (peer.isLinked) this.#listener.linkDown(id)
      peer.close()
    }
    this.#meet()
    this.dial()
  }

  /** New members. A stranger that has become a member gets a new entry. */
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

  /** The port that is listened on; 0 if there is none. */
  get port(): number {
    return this.#port.port
  }

  /** Rejects if the port cannot be bound. The message names it. */
  listen(): Promise<void> {
    return this.#port.open()
  }

  /** Nothing more is heard, and nobody is dialled. */
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

  pulse(to: ServerId, bytes: Uint8Array): void {
    const peer = this.#members.get(to) ?? this.#strangers.get(to)
    peer?.pulse(bytes)
  }

  /** From now on dials each member that is not linked until it is, and again when a link is lost.
   * `all`: those that are linked, too. */
  dial(all = false): void {
    if (this.#closed) return
    for (const peer of this.#members.values()) if (all || !peer.isLinked) peer.dial()
  }

  #host(idle: ElectionPeerHost['idle']): ElectionPeerHost {
    const { serverId, connectTimeoutMs, auth } = this.#options
    return {
      serverId,
      connectTimeoutMs,
      auth,
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
    this.#prove(read.introduction, socket, input)
  }

  /** It counts as a handshake until it is done. */
  #prove(introduction: Introduction, socket: Socket, input: InputBuffer): void {
    const { auth } = this.#options
    if (auth === null) {
      this.#introduced(introduction, socket, input)
      return
    }
    const release = (): void => {
      this.#handshakes.delete(proof)
    }
    const proof: Handshake = { socket, input, release }
    this.#handshakes.add(proof)
    auth.accepted(socket, input, (passed) => {
      release()
      if (passed && !this.#closed) this.#introduced(introduction, socket, input)
    })
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

  /** A stranger is dialled where it says that it listens, a member only where it is configured.
   * Null if there are enough strangers. */
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
