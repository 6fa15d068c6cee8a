// What hostile tests share: raw sockets that do not mind, and a canary that must be served on.

import { strictEqual } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { Client } from '../../client/client.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { writeConnectRequest } from '../../protocol/records/connect.ts'
import { SESSION_NONE } from '../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../protocol/zxid.ts'
import { within } from '../support/until.ts'

const CANARY_MS_MAX = 5000
const WAIT_MS = 20_000

export const skipWithoutProc: string | false = existsSync('/proc/self/status')
  ? false
  : 'needs /proc'

/** Memory of a process. */
export function residentBytes(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1]) * 1024
}

/** A socket whose errors are its own. Resolves when it stands. */
export function rawSocket(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const standing = new Promise<Socket>((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  return within('a connection', WAIT_MS, standing)
}

/** Resolves when the server has closed it. */
export function closed(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve()
  socket.resume()
  const end = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.once('end', () => socket.destroy())
  return within('the server to close', WAIT_MS, end)
}

export function framed(body: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(body.length)
  frame.set(body, 4)
  return frame
}

export function handshake(timeoutMs: number): Buffer {
  const writer = new JuteWriter()
  writeConnectRequest(writer, {
    protocolVersion: 0,
    lastZxidSeen: ZXID_ZERO,
    timeoutMs,
    sessionId: SESSION_NONE,
    password: new Uint8Array(16),
    readOnly: false,
  })
  return framed(writer.finish())
}

export function requestFrame(xid: number, type: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(8)
  header.writeInt32BE(xid)
  header.writeInt32BE(type, 4)
  return framed(Buffer.concat([header, body]))
}

/** A socket with a session; its answer has been read. */
export async function sessionSocket(port: number): Promise<Socket> {
  const socket = await rawSocket(port)
  const answered = new Promise<void>((resolve, reject) => {
    socket.once('data', () => resolve())
    socket.once('close', () => reject(new Error('closed instead of a session')))
  })
  socket.write(handshake(10_000))
  await within('a session', WAIT_MS, answered)
  return socket
}

/** An honest client that keeps reading and writing its own node. */
export class Canary {
  slowestMs = 0
  served = 0
  readonly #client: Client
  #running = true
  #done: Promise<void> = Promise.resolve()

  private constructor(client: Client) {
    this.#client = client
  }

  static async start(address: string): Promise<Canary> {
    const client = new Client({ servers: address, sessionTimeoutMs: 30_000 })
    const canary = new Canary(client)
    await client.addAuth('digest', Buffer.from('canary:sings'))
    const acl = [{ perms: 31, id: { scheme: 'auth', id: '' } }]
    await client.create('/canary', null, { acl })
    await client.create('/canary/song', Buffer.from('0'), { acl })
    canary.#done = canary.#sing()
    // Who stops it hears of its failure.
    canary.#done.catch(() => {})
    return canary
  }

  /** Ends it without a word, when the test has failed anyway. */
  abandon(): void {
    this.#running = false
    this.#client.connection.abandon()
  }

  /** Fails if it waited too long, lost its session or found another's bytes in its node. */
  async stop(): Promise<void> {
    this.#running = false
    await within('the canary to end', WAIT_MS, this.#done)
    await this.#client.close()
  }

  async #sing(): Promise<void> {
    while (this.#running) {
      const started = performance.now()
      const text = `${++this.served}`
      const turn = this.#client
        .set('/canary/song', Buffer.from(text))
        .then(() => this.#client.get('/canary/song'))
      const { data } = await within('an answer to the canary', CANARY_MS_MAX, turn)
      strictEqual(Buffer.from(data ?? []).toString(), text)
      this.slowestMs = Math.max(this.slowestMs, performance.now() - started)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }
}
