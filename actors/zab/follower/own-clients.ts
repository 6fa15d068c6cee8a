// What a learner asks its leader on behalf of its own clients, and the answers
// (LearnerZooKeeperServer): requests, whether sessions are valid, which sessions were heard.

import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { type Packet, PacketType } from '../../../protocol/quorum/packet.ts'
import { type SessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { Peer } from '../capabilities.ts'
import type { ZabContext } from '../context.ts'
import type { Link } from '../neighbours.ts'
import { Touch } from './touch.ts'

/** Bytes of touches that may wait for the leader's next PING. A leader that sends none for that
 * long will soon count as silent. */
const TOUCHES_BYTES_MAX = 12 * 1_000_000

/** Session 0 marks the end of a complete list: our session manager has no more to tell. */
export const ALL_TOUCHED: Uint8Array = new Uint8Array(12)

export class OwnClients {
  readonly #context: ZabContext
  readonly #leader: Peer
  /** Sessions heard since the leader's last PING. */
  readonly #touches = new JuteWriter()
  #link: Link | null = null
  /** When our session manager last told them; null before the first time. */
  #toldMs: number | null = null
  readonly touch: Touch

  constructor(context: ZabContext, leader: Peer) {
    this.#context = context
    this.#leader = leader
    this.touch = new Touch(context)
  }

  /** Called at UPTODATE. */
  begin(link: Link): void {
    this.#link = link
  }

  get begun(): boolean {
    return this.#link !== null
  }

  /** The range holds the request's data, `dataBytes` long, then the client's identities. */
  forward(dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#link === null) return
    const dataEnd = start + dataBytes
    const data = bytes.subarray(start, dataEnd)
    const identities = bytes.subarray(dataEnd, end)
    this.#context.links.send(this.#link, PacketType.request, ZXID_NONE, data, identities)
  }

  revalidate(sessionId: SessionId, timeoutMs: number): void {
    if (this.#link === null) return
    const data = new JuteWriter(12)
    data.long(sessionId)
    data.int(timeoutMs)
    this.#context.links.send(this.#link, PacketType.revalidate, ZXID_NONE, data.finish())
  }

  /** False for a packet that does not concern clients. Before UPTODATE, PINGs are not answered:
   * ZooKeeper's learner is silent then, and the leader counts answers. Throws MalformedError. */
  packet({ type, zxid, data }: Packet): boolean {
    const link = this.#link
    switch (type) {
      case PacketType.ping:
        if (link !== null) this.#answerPing(link, zxid, data)
        return true
      case PacketType.sync:
        if (link !== null) this.#context.tree.synchronized()
        return true
      case PacketType.revalidate:
        if (link !== null) this.#onRevalidated(data)
        return true
      default:
        return false
    }
  }

  touched(bytes: Uint8Array, start: number, end: number): void {
    this.#toldMs = this.#context.clock.nowMs
    if (this.#touches.length > TOUCHES_BYTES_MAX) return
    this.#touches.raw(bytes, start, end)
    if (this.#leader.speaks.completeTouches) this.#touches.raw(ALL_TOUCHED, 0, ALL_TOUCHED.length)
  }

  #onRevalidated(data: Uint8Array | null): void {
    if (data === null) return
    const reader = new JuteReader(data)
    const sessionId = sessionIdOf(reader.long())
    this.#context.tree.revalidated(sessionId, reader.bool())
  }

  #answerPing(link: Link, zxid: Zxid, standing: Uint8Array | null): void {
    const { clock, links, times } = this.#context
    this.touch.pinged(standing)
    const touches = this.#touches.bytes.subarray(0, this.#touches.length)
    links.send(link, PacketType.ping, zxid, touches)
    this.#touches.reset()
    const isTold = this.#toldMs === null || clock.nowMs - this.#toldMs <= times.tickTimeMs / 2
    this.touch.answered(standing, isTold)
  }
}
