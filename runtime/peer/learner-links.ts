// The sockets on the quorum port (2888): a leader's to its learners, or a learner's to its leader.
//
// Everything is reported from within a socket's event. A link that breaks, or sends what no peer sends,
// is closed, and that is reported once, from its socket's 'close'. A slow link never delays another: the
// sender sees how much waits for it, and is told when there is room. Paused, bytes wait in the kernel.

import type { Socket } from 'node:net'
import type { Link, LinkReport, ZabLinks } from '../../actors/zab/neighbours.ts'
import { MalformedError } from '../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import { type PacketType, writePacket } from '../../protocol/quorum/packet.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { LearnerLinksListener, LearnerLinksOptions } from './learner-links-options.ts'
import { LinkInput } from './link-input.ts'
import { LinkOutput } from './link-output.ts'
import { addressesOf, type MemberAddresses } from './member-addresses.ts'
import { BIND_RETRY_MS } from './port-listener.ts'
import { type Listener, TCP, type Transport } from './transport.ts'

/** What may leave later leaves after this long at the latest. */
const PATIENCE_MS = 3
/** There is room again once no more waits than this fraction of what makes a link overfull. */
const READY_PART = 8
const NO_LINKS: readonly Link[] = []

/** A link that is open or being dialled. */
interface Connection {
  readonly link: Link
  readonly accepted: boolean
  /** Whether a whole packet has come. */
  heard: boolean
  /** Nothing is read from it, whatever holds for the others. */
  held: boolean
  socket: Socket | null
  input: LinkInput | null
  output: LinkOutput | null
  cancelDial: (() => void) | null
}

export class LearnerLinks implements ZabLinks {
  readonly #options: LearnerLinksOptions
  readonly #listener: LearnerLinksListener
  readonly #transport: Transport
  readonly #port: Listener
  #members: MemberAddresses
  readonly #connections: Map<Link, Connection> = new Map()
  /** Outputs in which packets are gathered. */
  readonly #dirty: Set<LinkOutput> = new Set()
  /** Outputs in which packets are gathered that may leave a little later. */
  readonly #patient: Set<LinkOutput> = new Set()
  #overfull: Link[] = []
  #isTimed = false
  readonly #shared = new JuteWriter()
  #lastLink: Link = 0
  #accepted = 0
  #listening = false
  #paused = false

  constructor(
    options: LearnerLinksOptions,
    listener: LearnerLinksListener,
    transport: Transport = TCP,
  ) {
    this.#options = options
    this.#listener = listener
    this.#transport = transport
    this.#members = options.members
    // A leader that cannot bind leads nobody, and gives up by itself. Until then the port may
    // become free.
    const retries = { tries: 0, delayMs: BIND_RETRY_MS }
    this.#port = transport.listener(options.listen, retries, {
      accept: (socket) => this.#accept(socket),
      bindFailed: (error) => listener.bindFailed(error),
    })
  }

  /** The port that is listened on; 0 if there is none. */
  get port(): number {
    return this.#port.port
  }

  /** While true nothing is read, and neither packets nor pieces are reported. Links still come and
   * go. Setting it to false reports what has arrived meanwhile, before that returns. */
  get paused(): boolean {
    return this.#paused
  }

  set paused(paused: boolean) {
    if (paused === this.#paused) return
    this.#paused = paused
    for (const connection of this.#connections.values()) {
      if (paused) connection.socket?.pause()
      else this.#resume(connection)
    }
  }

  configured(members: readonly Member[]): void {
    this.#members = addressesOf(members, 'quorumPort')
    this.#transport.configured?.(members)
  }

  connect(leader: ServerId): Link {
    const connection = this.#add(false)
    const addresses = this.#members.get(leader) ?? []
    const { connectTimeoutMs } = this.#options
    connection.cancelDial = this.#transport.dial(addresses, connectTimeoutMs, (socket) => {
      connection.cancelDial = null
      if (socket === null) this.#lost(connection)
      else this.#open(connection, socket)
    })
    return connection.link
  }

  listen(open: boolean): void {
    if (open === this.#listening) return
    this.#listening = open
    // It is tried for ever, so it never rejects.
    if (open) void this.#port.open()
    else this.#port.close()
  }

  send(
    link: Link,
    type: PacketType,
    zxid: Zxid,
    data: Uint8Array | null,
    authinfo: Uint8Array | null = null,
  ): void {
    const output = this.#output(link)
    if (output === null) return
    output.packet(type, zxid, data, authinfo)
    this.#gathered(link, output)
  }

  broadcast(links: readonly Link[], type: PacketType, zxid: Zxid, data: Uint8Array | null): void {
    for (const [link, output] of this.#gather(links, type, zxid, data)) this.#gathered(link, output)
  }

  broadcastSoon(
    links: readonly Link[],
    type: PacketType,
    zxid: Zxid,
    data: Uint8Array | null,
  ): void {
    for (const [link, output] of this.#gather(links, type, zxid, data)) {
      this.#gathered(link, output, this.#patient)
    }
    if (this.#patient.size === 0 || this.#isTimed) return
    this.#isTimed = true
    this.#transport.after(PATIENCE_MS, () => {
      this.#isTimed = false
      for (const output of this.#patient) output.flush()
      this.#patient.clear()
    })
  }

  *#gather(
    links: readonly Link[],
    type: PacketType,
    zxid: Zxid,
    data: Uint8Array | null,
  ): Generator<[Link, LinkOutput]> {
    if (links.length === 0) return
    const packet = this.#shared
    packet.reset()
    writePacket(packet, type, zxid, data)
    for (const link of links) {
      const output = this.#output(link)
      if (output === null) continue
      output.encoded(packet, zxid)
      yield [link, output]
    }
  }

  hold(link: Link, on: boolean): void {
    const connection = this.#connections.get(link)
    if (connection === undefined || connection.held === on) return
    connection.held = on
    if (on) connection.socket?.pause()
    else
      this.#transport.soon(() => {
        if (!this.#paused && this.#isOpen(connection)) this.#resume(connection)
        this.#listener.onActivity()
      })
  }

  close(link: Link): void {
    const connection = this.#connections.get(link)
    if (connection === undefined) return
    this.#forget(connection)
    connection.cancelDial?.()
    connection.socket?.destroy()
  }

  sendRaw(link: Link, bytes: Uint8Array, start: number, end: number): void {
    const output = this.#output(link)
    if (output === null) return
    output.writer.raw(bytes, start, end)
    this.#gathered(link, output)
  }

  unsent(link: Link): number {
    return this.#connections.get(link)?.output?.unsent ?? 0
  }

  report(link: Link): LinkReport | null {
    return this.#connections.get(link)?.output?.report() ?? null
  }

  recount(link: Link): void {
    this.#connections.get(link)?.output?.recount()
  }

  awaitRoom(link: Link): void {
    const output = this.#output(link)
    if (output === null) return
    output.isAwaited = true
    // It may wait for the end of this turn, or a little longer.
    this.#dirty.add(output)
  }

  takeOverfull(): readonly Link[] {
    if (this.#overfull.length === 0) return NO_LINKS
    return this.#overfull.splice(0)
  }

  /** Writes what the turn has gathered, with one write for each link. */
  endTurn(): void {
    for (const output of this.#dirty) output.flush()
    if (this.#dirty.size > 0) this.#dirty.clear()
  }

  /** Closes everything, without a word. */
  shutdown(): void {
    this.listen(false)
    for (const link of [...this.#connections.keys()]) this.close(link)
  }

  #add(accepted: boolean): Connection {
    const parts = { socket: null, input: null, output: null, cancelDial: null }
    const connection = { link: ++this.#lastLink, accepted, heard: false, held: false, ...parts }
    this.#connections.set(connection.link, connection)
    if (accepted) this.#accepted++
    return connection
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection.link)
    if (connection.accepted) this.#accepted--
    if (connection.output === null) return
    this.#dirty.delete(connection.output)
    this.#patient.delete(connection.output)
    connection.output.close()
  }

  #accept(socket: Socket): void {
    if (this.#accepted >= this.#options.acceptedMax && !this.#dropSilent()) {
      socket.destroy()
      return
    }
    this.#open(this.#add(true), socket)
  }

  /** Makes room by closing the oldest link that has not said a word. */
  #dropSilent(): boolean {
    for (const connection of this.#connections.values()) {
      if (!connection.accepted || connection.heard || !this.#isOpen(connection)) continue
      this.#break(connection)
      return true
    }
    return false
  }

  #open(connection: Connection, socket: Socket): void {
    const { link } = connection
    connection.socket = socket
    const output = new LinkOutput(socket, () => this.#onTaken(link, output))
    connection.output = output
    connection.input = this.#input(connection)
    socket.on('data', (chunk: Uint8Array) => {
      connection.input?.append(chunk)
      if (!this.#read(connection)) this.#listener.progress(link)
      connection.input?.keep()
      this.#listener.onActivity()
    })
    // A peer that says nothing more is gone, whatever it could still be sent.
    socket.once('end', () => socket.destroy())
    socket.once('close', () => this.#lost(connection))
    if (this.#paused || connection.held) socket.pause()
    this.#listener.linkOpened(link)
    this.#listener.onActivity()
  }

  #input(connection: Connection): LinkInput {
    const { link, accepted } = connection
    const listener = this.#listener
    const isStopped = (): boolean => this.#paused || connection.held || !this.#isOpen(connection)
    return new LinkInput(this.#options.fieldBytesMax, !accepted, {
      packet: (packet) => {
        connection.heard = true
        listener.packet(link, packet)
      },
      snapshotPiece: (bytes, start, end) => listener.snapshotPiece(link, bytes, start, end),
      snapshotEnd: () => listener.snapshotEnd(link),
      get isStopped() {
        return isStopped()
      },
    })
  }

  /** False also for a link that is about to be lost, because its socket was destroyed. */
  #isOpen({ link, socket }: Connection): boolean {
    return this.#connections.has(link) && socket?.destroyed === false
  }

  /** False if there was nothing whole. */
  #read(connection: Connection): boolean {
    try {
      return connection.input?.read() ?? false
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      this.#break(connection)
      return true
    }
  }

  #resume(connection: Connection): void {
    if (connection.held) return
    this.#read(connection)
    if (!this.#paused && !connection.held) connection.socket?.resume()
  }

  /** Null if nothing can be sent there any more, or yet. */
  #output(link: Link): LinkOutput | null {
    const connection = this.#connections.get(link)
    return connection !== undefined && this.#isOpen(connection) ? connection.output : null
  }

  #gathered(link: Link, output: LinkOutput, into: Set<LinkOutput> = this.#dirty): void {
    into.add(output)
    const { unsent } = output
    if (unsent <= this.#options.backlogBytesMax) return
    if (unsent > this.#options.unsentBytesMax) this.#break(this.#connections.get(link)!)
    else if (!output.isOverfull) this.#overfull.push(link)
    output.isOverfull = true
  }

  #onTaken(link: Link, output: LinkOutput): void {
    if (!output.isAwaited && !output.isOverfull) return
    this.#listener.progress(link)
    if (output.unsent > this.#options.backlogBytesMax / READY_PART) return
    output.isOverfull = false
    if (!output.isAwaited) return
    output.isAwaited = false
    this.#listener.linkReady(link)
    this.#listener.onActivity()
  }

  /** #lost follows. */
  #break({ socket, output }: Connection): void {
    socket?.destroy()
    if (output === null) return
    this.#dirty.delete(output)
    this.#patient.delete(output)
  }

  #lost(connection: Connection): void {
    if (!this.#connections.has(connection.link)) return
    this.#forget(connection)
    this.#listener.linkClosed(connection.link)
    this.#listener.onActivity()
  }
}
