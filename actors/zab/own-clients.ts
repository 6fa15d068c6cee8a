// What a learner asks its leader for its own clients, and the answers (LearnerZooKeeperServer):
// requests, whether sessions are valid, and which of them were heard.

import { JuteReader } from '../../protocol/jute-reader.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import { PacketType } from '../../protocol/quorum/packet.ts'
import { type SessionId, sessionIdOf } from '../../protocol/session-id.ts'
import { ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import type { Link, ZabContext } from './context.ts'

/** A leader that sends no PING for so long is soon silent for good. */
const TOUCHES_BYTES_MAX = 12 * 1_000_000

export class OwnClients {
  readonly #context: ZabContext
  /** Sessions heard since the leader's last PING. */
  readonly #touches = new JuteWriter()

  constructor(context: ZabContext) {
    this.#context = context
  }

  /** Data, then the client's identities. */
  forward(link: Link, dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    const dataEnd = start + dataBytes
    const data = bytes.subarray(start, dataEnd)
    const identities = bytes.subarray(dataEnd, end)
    this.#context.links.send(link, PacketType.request, ZXID_NONE, data, identities)
  }

  revalidate(link: Link, sessionId: SessionId, timeoutMs: number): void {
    const data = new JuteWriter(12)
    data.long(sessionId)
    data.int(timeoutMs)
    this.#context.links.send(link, PacketType.revalidate, ZXID_NONE, data.finish())
  }

  /** Throws MalformedError. */
  onRevalidated(data: Uint8Array | null): void {
    if (data === null) return
    const reader = new JuteReader(data)
    const sessionId = sessionIdOf(reader.long())
    this.#context.tree.revalidated(sessionId, reader.bool())
  }

  touched(bytes: Uint8Array, start: number, end: number): void {
    if (this.#touches.length < TOUCHES_BYTES_MAX) this.#touches.raw(bytes, start, end)
  }

  /** The answer to a PING. */
  answerPing(link: Link, zxid: Zxid): void {
    const touches = this.#touches.bytes.subarray(0, this.#touches.length)
    this.#context.links.send(link, PacketType.ping, zxid, touches)
    this.#touches.reset()
  }
}
