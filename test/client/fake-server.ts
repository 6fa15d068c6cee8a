// A server that knows the framing and the handshake; each test says what it answers to the rest.

import { createServer, type Server, type Socket } from 'node:net'
import { FrameSplitter } from '../../client/frame-splitter.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import {
  type ConnectRequest,
  readConnectRequest,
  writeConnectResponse,
} from '../../protocol/records/connect.ts'
import { readRequestHeader, writeReplyHeader } from '../../protocol/records/header.ts'
import { writeWatcherEvent } from '../../protocol/records/watcher-event.ts'
import { type SessionId, sessionIdOf } from '../../protocol/session-id.ts'
import type { Stat } from '../../protocol/stat.ts'
import { type Zxid, zxidOf } from '../../protocol/zxid.ts'

export const SESSION_ID: SessionId = sessionIdOf(0x1234n)
export const TIMEOUT_MS = 9000
export const PASSWORD: Uint8Array = new Uint8Array(16).fill(9)

export const STAT: Stat = {
  czxid: zxidOf(0, 1),
  mzxid: zxidOf(0, 2),
  ctime: 0,
  mtime: 0,
  version: 1,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
  pzxid: zxidOf(0, 1),
}

export interface Request {
  readonly xid: number
  readonly type: number
  readonly body: JuteReader
}

/** One client's connection, as the test sees it. */
export class Peer {
  readonly handshake: ConnectRequest
  readonly #socket: Socket
  #zxid = 10

  constructor(socket: Socket, handshake: ConnectRequest) {
    this.#socket = socket
    this.handshake = handshake
  }

  reply(xid: number, err: number, body: ((writer: JuteWriter) => void) | null = null): void {
    this.send((writer) => {
      writeReplyHeader(writer, { xid, zxid: zxidOf(0, ++this.#zxid), err })
      body?.(writer)
    })
  }

  notify(type: number, path: string, zxid: Zxid = zxidOf(-1, -1)): void {
    this.send((writer) => {
      writeReplyHeader(writer, { xid: -1, zxid, err: 0 })
      writeWatcherEvent(writer, { type, state: 3, path })
    })
  }

  send(write: (writer: JuteWriter) => void): void {
    const writer = new JuteWriter()
    writer.int(0)
    write(writer)
    writer.patchInt(0, writer.length - 4)
    this.#socket.write(writer.finish())
  }

  /** As a crash would. */
  drop(): void {
    this.#socket.destroy()
  }
}

export interface Script {
  onRequest(peer: Peer, request: Request): void
  /** The negotiated timeout; 0 refuses the session. Accepts with TIMEOUT_MS when absent. */
  onConnect?(request: ConnectRequest): number
}

export class FakeServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(script: Script): Promise<FakeServer> {
    const server = createServer()
    const fake = new FakeServer(server)
    server.on('connection', (socket) => fake.#serve(socket, script))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get address(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return `127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket, script: Script): void {
    this.#sockets.add(socket)
    const splitter = new FrameSplitter(1 << 20)
    let peer: Peer | null = null
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (chunk: Buffer) =>
      splitter.push(chunk, (bytes, start, end) => {
        const reader = new JuteReader(bytes, start, end)
        if (peer === null) peer = greet(socket, script, reader)
        else script.onRequest(peer, { ...readRequestHeader(reader), body: reader })
      }),
    )
  }
}

function greet(socket: Socket, script: Script, reader: JuteReader): Peer {
  const handshake = readConnectRequest(reader)
  const timeoutMs = script.onConnect?.(handshake) ?? TIMEOUT_MS
  const peer = new Peer(socket, { ...handshake, password: handshake.password?.slice() ?? null })
  peer.send((writer) =>
    writeConnectResponse(writer, {
      protocolVersion: 0,
      timeoutMs,
      sessionId: timeoutMs === 0 ? sessionIdOf(0n) : SESSION_ID,
      password: PASSWORD,
      readOnly: false,
    }),
  )
  return peer
}
