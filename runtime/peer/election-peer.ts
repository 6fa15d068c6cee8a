// Another server, as this one elects with it: the link to it, the attempts to get one, and the
// message that waits for one.
//
// There is one link between two servers, and the one with the larger id dials it. The one with the
// smaller id dials too, but only says who it is and hangs up. Then the other one dials back.

import type { Socket } from 'node:net'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import { InputBuffer } from '../socket/input-buffer.ts'
import type { PeerAddress } from './dial.ts'
import { ElectionLink } from './election-link.ts'
import type { PeerAuth } from './peer-auth.ts'
import type { Transport } from './transport.ts'

const REDIAL_MS_MIN = 50
const REDIAL_MS_MAX = 1000

/** What a peer asks of the mesh that it belongs to. */
export interface ElectionPeerHost {
  readonly serverId: ServerId
  readonly connectTimeoutMs: number
  /** Null: nobody proves who it is. */
  readonly auth: PeerAuth | null
  readonly transport: Transport
  introduction(): Uint8Array
  notified(from: ServerId, bytes: Uint8Array, start: number, end: number): void
  /** Also for a link that replaces another, without a linkDown in between. */
  linkUp(peer: ServerId): void
  linkDown(peer: ServerId): void
  /** There is no link, and no attempt to get one. */
  idle(peer: ElectionPeer): void
}

export class ElectionPeer {
  readonly id: ServerId
  readonly #host: ElectionPeerHost
  readonly #addresses: () => readonly PeerAddress[]
  #link: ElectionLink | null = null
  #cancelDial: (() => void) | null = null
  /** The connection on which the peer was asked to call back. The peer hangs it up. */
  #asking: Socket | null = null
  #cancelRedial: (() => void) | null = null
  #redialMs = REDIAL_MS_MIN
  /** Not sent yet. A newer message takes its place. */
  #queued: Uint8Array | null = null
  /** The last one sent. A link that broke may have lost it. */
  #last: Uint8Array | null = null

  constructor(id: ServerId, addresses: () => readonly PeerAddress[], host: ElectionPeerHost) {
    this.id = id
    this.#addresses = addresses
    this.#host = host
  }

  get isLinked(): boolean {
    return this.#link !== null
  }

  send(bytes: Uint8Array): void {
    this.#queued = bytes
    this.#flush()
  }

  /** Sends this now or not at all: it does not wait, and replaces nothing. */
  pulse(bytes: Uint8Array): void {
    if (this.#link?.isWritable) this.#link.send(bytes)
  }

  /** Tries to get a link, or to be called, unless an attempt is under way. The present link stays
   * until another takes its place. */
  dial(): void {
    if (this.#cancelDial !== null) return
    this.#stopTrying()
    const { connectTimeoutMs, transport } = this.#host
    this.#cancelDial = transport.dial(this.#addresses(), connectTimeoutMs, (socket) => {
      this.#cancelDial = null
      if (socket === null) this.#unlinked()
      else if (this.#host.auth !== null) this.#prove(socket, this.#host.auth)
      else if (this.id > this.#host.serverId) this.#askToBeCalled(socket, this.#host.introduction())
      else this.#introduce(socket)
    })
  }

  /** The proof follows the introduction. It is part of the attempt to get a link. */
  #prove(socket: Socket, auth: PeerAuth): void {
    const input = new InputBuffer()
    const cancel = (): void => {
      socket.destroy()
    }
    this.#cancelDial = cancel
    socket.write(this.#host.introduction())
    auth.dialled(socket, input, this.#addresses()[0]?.host ?? '', (passed) => {
      if (this.#cancelDial !== cancel) return
      this.#cancelDial = null
      if (!passed) this.#unlinked()
      else if (this.id > this.#host.serverId) this.#askToBeCalled(socket)
      else this.attach(socket, input)
    })
  }

  /** Dials later, and later still if that fails, too. */
  redial(): void {
    if (this.#cancelRedial !== null) return
    this.#cancelRedial = this.#host.transport.after(this.#redialMs, () => {
      this.#cancelRedial = null
      this.dial()
    })
    this.#redialMs = Math.min(this.#redialMs * 2, REDIAL_MS_MAX)
  }

  /** A connection on which the introduction was sent. It replaces the present one. */
  attach(socket: Socket, input: InputBuffer): void {
    this.#link?.close()
    this.#stopTrying()
    const link = new ElectionLink(socket, input, {
      frame: (bytes, start, end) => {
        // The server is there and talks. If the link breaks, dial again soon.
        this.#redialMs = REDIAL_MS_MIN
        this.#host.notified(this.id, bytes, start, end)
      },
      writable: () => this.#flush(),
      closed: () => {
        this.#link = null
        this.#host.linkDown(this.id)
        this.#unlinked()
      },
    })
    this.#link = link
    // The previous link may have lost the last message. Sending it twice does no harm.
    this.#queued ??= this.#last
    this.#flush()
    this.#host.linkUp(this.id)
    link.start()
  }

  /** Nothing more is reported. */
  close(): void {
    this.#stopTrying()
    this.#asking?.destroy()
    this.#link?.close()
    this.#link = null
  }

  #flush(): void {
    if (this.#queued === null || this.#link === null || !this.#link.isWritable) return
    this.#last = this.#queued
    this.#queued = null
    this.#link.send(this.#last)
  }

  #introduce(socket: Socket): void {
    socket.write(this.#host.introduction())
    this.attach(socket, new InputBuffer())
  }

  #askToBeCalled(socket: Socket, introduction?: Uint8Array): void {
    this.#asking?.destroy()
    this.#asking = socket
    const { connectTimeoutMs, transport } = this.#host
    const cancelTimer = transport.after(connectTimeoutMs, () => socket.destroy())
    socket.once('close', cancelTimer)
    socket.resume()
    if (introduction === undefined) socket.end()
    else socket.end(introduction)
    this.#unlinked()
  }

  #unlinked(): void {
    if (this.#link === null && this.#cancelDial === null) this.#host.idle(this)
  }

  #stopTrying(): void {
    this.#cancelRedial?.()
    this.#cancelRedial = null
    this.#cancelDial?.()
    this.#cancelDial = null
  }
}
