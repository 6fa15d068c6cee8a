// A client's end of its connection: frames out of the bytes that come, and the bytes of what it
// sends. It cuts with the client library's splitter, which has nothing in common with the server's.

import { FrameSplitter } from '../../../client/frame-splitter.ts'
import { writeConnectFrame, writeRequestFrame } from '../../../client/request-frame.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { OpCode, Xid } from '../../../protocol/op-code.ts'
import { writeAuthPacket, writeSaslToken } from '../../../protocol/records/auth-packet.ts'
import { type ConnectRequest, readConnectResponse } from '../../../protocol/records/connect.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { type Operation, writeOperation } from '../model/operation.ts'
import type { WireEnd } from '../network/wire.ts'

/** What a client makes of it. */
export interface ClientEnd {
  onConnected(sessionId: SessionId, timeoutMs: number): void
  /** Without the length prefix. */
  onReply(bytes: Uint8Array, start: number, end: number): void
  onEvent(bytes: Uint8Array, start: number, end: number): void
  onClosed(): void
}

const FRAME_BYTES_MAX = 1 << 26
const XID_BYTES = 4
const WRITER = new JuteWriter()

export class ClientStream implements WireEnd {
  readonly #client: ClientEnd
  readonly #splitter = new FrameSplitter(FRAME_BYTES_MAX)
  #isConnected = false

  constructor(client: ClientEnd) {
    this.#client = client
  }

  onBytes(bytes: Uint8Array): void {
    this.#splitter.push(bytes, this.#onFrame)
  }

  onClosed(): void {
    this.#client.onClosed()
  }

  readonly #onFrame = (bytes: Uint8Array, start: number, end: number): void => {
    if (!this.#isConnected) {
      this.#isConnected = true
      const { sessionId, timeoutMs } = readConnectResponse(new JuteReader(bytes, start, end))
      this.#client.onConnected(sessionId, timeoutMs)
      return
    }
    const xid = new JuteReader(bytes, start, start + XID_BYTES).int()
    if (xid === Xid.notification) this.#client.onEvent(bytes, start, end)
    else this.#client.onReply(bytes, start, end)
  }
}

export function connectFrame(request: Omit<ConnectRequest, 'protocolVersion'>): Uint8Array {
  WRITER.reset()
  writeConnectFrame(WRITER, { ...request, protocolVersion: 0 })
  return WRITER.finish()
}

export function authFrame(scheme: string, credentials: string): Uint8Array {
  const packet = { type: 0, scheme, auth: utf8Bytes(credentials) }
  WRITER.reset()
  writeRequestFrame(WRITER, Xid.auth, OpCode.auth, writeAuthPacket, packet)
  return WRITER.finish()
}

export function saslFrame(xid: number, token: Uint8Array | null): Uint8Array {
  WRITER.reset()
  writeRequestFrame(WRITER, xid, OpCode.sasl, writeSaslToken, { token })
  return WRITER.finish()
}

export function requestFrame(xid: number, op: Operation): Uint8Array {
  WRITER.reset()
  writeRequestFrame(WRITER, xid, op.type, writeOperation, op)
  return WRITER.finish()
}
