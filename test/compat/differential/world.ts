// What a script works with: connections to one server, and the transcript of all that came back.

import { RawConnection } from '../../../client/raw-connection.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode, Xid } from '../../../protocol/op-code.ts'
import { passwordOf, sessionIdOf } from '../../../protocol/session-id.ts'
import { within } from '../../support/until.ts'
import { Normaliser } from './normalise.ts'
import { closeSession, ping, type Request } from './requests.ts'

/** Long: no session of one script may end in another and take a zxid there. */
const SESSION_MS = 600_000
const REPLY_MS_MAX = 8_000
const HANDSHAKE_BYTES = 45

/** One exchange: what was asked, and every frame that came up to the answer. */
export interface Exchange {
  readonly asked: string
  readonly got: readonly string[]
}

export interface Handshake {
  readonly timeoutMs?: number
  readonly sessionId?: bigint
  readonly password?: Uint8Array | null
  readonly lastZxidSeen?: bigint
  readonly protocolVersion?: number
  /** Null: the form of old clients, without the byte. */
  readonly readOnly?: boolean | null
}

export type Script = (world: World) => Promise<void>

export class World {
  readonly transcript: Exchange[] = []
  readonly normaliser: Normaliser = new Normaliser()
  readonly #port: number
  readonly #links: Link[] = []

  constructor(port: number) {
    this.#port = port
  }

  async run(script: Script): Promise<void> {
    const first = await this.open('first')
    await script(this)
    await first.quietly(ping)
    for (const link of this.#links) await link.end()
  }

  /** A connection without a handshake. */
  async connect(name: string): Promise<Link> {
    const raw = await RawConnection.open('127.0.0.1', this.#port)
    const link = new Link(name, raw, this)
    this.#links.push(link)
    return link
  }

  /** A connection with a session of its own, or the one that `handshake` names. */
  async open(name: string, handshake: Handshake = {}): Promise<Link> {
    const link = await this.connect(name)
    await link.handshake(handshake)
    if (this.normaliser.base === 0n) this.normaliser.base = link.zxid
    return link
  }

  /** Counts zxids anew from what the link saw last. */
  rebase(link: Link): void {
    this.normaliser.base = link.zxid
  }

  note(asked: string, got: readonly string[]): void {
    this.transcript.push({ asked, got })
  }
}

export class Link {
  readonly name: string
  /** Set by a handshake that was accepted. */
  sessionId = 0n
  /** The last zxid a reply carried. */
  zxid = 0n
  readonly #raw: RawConnection
  readonly #world: World
  #xid = 0
  /** A frame waited for in vain may still come. */
  #pending: Promise<Buffer | null> | null = null
  #closed = false

  constructor(name: string, raw: RawConnection, world: World) {
    this.name = name
    this.#raw = raw
    this.#world = world
  }

  async handshake(handshake: Handshake): Promise<void> {
    const shown = handshake.sessionId === undefined ? handshake : { ...handshake, sessionId: 'S' }
    const label = JSON.stringify(shown, (_, value) => {
      if (value instanceof Uint8Array) return `${value.length} bytes`
      return typeof value === 'bigint' ? '…' : value
    })
    this.#raw.send(connectRequest(handshake))
    const frame = await this.#frame()
    this.#world.note(`${this.name}: connect ${label}`, [this.#connected(frame)])
    if (frame !== null && this.sessionId !== 0n) await this.quietly(ping)
  }

  /** Sends a request and notes everything up to its answer, or the end of the connection; the last
   * of it, which is returned. */
  async ask(request: Request): Promise<string | undefined> {
    const xid = this.#send(request)
    const got: string[] = []
    for (;;) {
      const frame = await this.#frame()
      if (frame === null) {
        got.push(this.#closed ? 'closed' : 'nothing')
        break
      }
      got.push(this.#text(frame, request.type))
      const answered = frame.readInt32BE(0)
      // A ping is answered under an xid of its own.
      if (answered === xid || (request.type === OpCode.ping && answered === Xid.ping)) break
    }
    this.#world.note(`${this.name}: ${request.label}`, got)
    return got.at(-1)
  }

  /** Asks each in turn. */
  async all(...requests: readonly Request[]): Promise<void> {
    for (const request of requests) await this.ask(request)
  }

  /** Sends requests without waiting, then notes as many answers. */
  async pipeline(...requests: readonly Request[]): Promise<void> {
    const types = new Map<number, number>()
    for (const request of requests) types.set(this.#send(request), request.type)
    const got: string[] = []
    for (let left = requests.length; left > 0; ) {
      const frame = await this.#frame()
      if (frame === null) {
        got.push(this.#closed ? 'closed' : 'nothing')
        break
      }
      const xid = frame.readInt32BE(0)
      if (xid !== Xid.notification) left--
      got.push(this.#text(frame, types.get(xid) ?? 0))
    }
    this.#world.note(`${this.name}: ${requests.length} requests at once`, got)
  }

  /** Notes the events that have come. */
  async events(): Promise<void> {
    this.#send(ping)
    const got: string[] = []
    for (;;) {
      const frame = await this.#frame()
      if (frame === null) got.push('closed')
      if (frame === null || frame.readInt32BE(0) === Xid.ping) break
      got.push(this.#text(frame, 0))
    }
    this.#world.note(`${this.name}: events`, got)
  }

  /** Sends a request; nothing is noted. */
  async quietly(request: Request): Promise<void> {
    const xid = this.#send(request)
    for (;;) {
      const frame = await this.#frame()
      if (frame === null) return
      if (frame.readInt32BE(0) === xid) return
    }
  }

  /** Sends bytes as they are, without a length, and notes whether the server closes. */
  async raw(label: string, bytes: Uint8Array): Promise<void> {
    this.#raw.sendBytes(bytes)
    const frame = await this.#frame()
    const none = this.#closed ? 'closed' : 'nothing'
    const got = frame === null ? none : `a frame of ${frame.length} bytes`
    this.#world.note(`${this.name}: ${label}`, [got])
  }

  /** Waits for the server to close. */
  async closing(): Promise<void> {
    const frame = await this.#frame()
    const got = frame === null ? (this.#closed ? 'closed' : 'open') : this.#text(frame, 0)
    this.#world.note(`${this.name}: waits for the end`, [got])
  }

  /** Drops the connection without a word: the session lives on. */
  drop(): void {
    this.#raw.close()
    this.#closed = true
  }

  /** Closes the session if there is one. */
  async end(): Promise<void> {
    if (!this.#closed && this.sessionId !== 0n) await this.quietly(closeSession)
    this.#raw.close()
    this.#closed = true
  }

  #send(request: Request): number {
    const xid = request.xid ?? ++this.#xid
    const header = Buffer.alloc(8)
    header.writeInt32BE(xid, 0)
    header.writeInt32BE(request.type, 4)
    this.#raw.send(Buffer.concat([header, request.body]))
    return xid
  }

  /** Null when the connection ended, which `#closed` then says, or nothing came in time. */
  async #frame(): Promise<Buffer | null> {
    this.#pending ??= this.#raw.receive()
    const frame = await within('a frame', REPLY_MS_MAX, this.#pending).catch(() => undefined)
    if (frame === undefined) return null
    this.#pending = null
    if (frame === null) this.#closed = true
    else if (this.sessionId !== 0n && frame.readInt32BE(0) !== Xid.notification) {
      this.zxid = frame.length >= 16 ? frame.readBigInt64BE(4) : this.zxid
    }
    return frame
  }

  #text(frame: Buffer, type: number): string {
    if (frame.length < 16) return `short ${frame.toString('hex')}`
    const { normaliser } = this.#world
    return frame.readInt32BE(0) === Xid.notification
      ? normaliser.event(frame)
      : normaliser.reply(frame, type)
  }

  #connected(frame: Buffer | null): string {
    if (frame === null) return this.#closed ? 'closed' : 'nothing'
    const [version, timeoutMs, id] = [
      frame.readInt32BE(0),
      frame.readInt32BE(4),
      frame.readBigInt64BE(8),
    ]
    this.sessionId = id
    const password = frame.subarray(20, 36)
    const derived = Buffer.from(passwordOf(sessionIdOf(id)))
    const known = password.equals(derived) ? 'derived' : password.toString('hex')
    const rest = frame.subarray(36).toString('hex')
    const session = this.#world.normaliser.session(id)
    const length = frame.readInt32BE(16)
    return `v${version} timeout=${timeoutMs} ${session} password=${length} ${known} ${rest}`
  }
}

function connectRequest(handshake: Handshake): Uint8Array {
  const { readOnly = false, sessionId = 0n, password = new Uint8Array(16) } = handshake
  const writer = new JuteWriter(HANDSHAKE_BYTES)
  writer.int(handshake.protocolVersion ?? 0)
  writer.long(handshake.lastZxidSeen ?? 0n)
  writer.int(handshake.timeoutMs ?? SESSION_MS)
  writer.long(sessionId)
  writer.buffer(password)
  if (readOnly !== null) writer.bool(readOnly)
  return writer.finish()
}
