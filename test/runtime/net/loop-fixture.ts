// A network loop by itself: what it says to the actors is written down, its clients' sockets are
// in the test's hands, and so is time.

import { DEFAULTS } from '../../../config/options.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { SESSION_NONE, type SessionId } from '../../../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import type { CommandHandler } from '../../../runtime/net/input/client-input.ts'
import { NetworkLoop } from '../../../runtime/net/network-loop.ts'
import type { NetworkOptions } from '../../../runtime/net/network-parts.ts'
import type { LoopRings } from '../../../runtime/net/network-rings.ts'
import type { ListenerUser } from '../../../runtime/net/transport/client-transport.ts'
import { LastHeardTable } from '../../../runtime/shared/last-heard.ts'
import type { HostClock } from '../../../runtime/thread/actor-host.ts'
import { connectFrame, requestFrame } from '../../simulator/clients/client-stream.ts'
import { type Line, LoopSocket } from '../../simulator/network/loop-socket.ts'

export const SESSION: SessionId = 0x100n as SessionId
const HEARTBEAT_MS = 100
const SLOTS = 16

/** A client's end of a socket: what has come, and how much more may. */
export class FarEnd implements Line {
  readonly socket: LoopSocket
  /** Bytes it has room for. */
  room: number = Number.POSITIVE_INFINITY
  isClosed = false
  readonly #chunks: Buffer[] = []

  constructor(address: string) {
    this.socket = new LoopSocket(this, address, 4000)
  }

  /** All that has come since the last time. */
  taken(): Buffer {
    return Buffer.concat(this.#chunks.splice(0))
  }

  take(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.room)
    this.room -= count
    this.#chunks.push(Buffer.from(bytes.slice(0, count)))
    return count
  }

  finished(): void {
    this.isClosed = true
  }

  destroyed(): void {
    this.isClosed = true
  }
}

export class LoopFixture {
  /** What the actors were told, oldest first: name of the message, then its arguments; bytes as text. */
  readonly said: unknown[][] = []
  readonly refused: unknown[] = []
  readonly heard: LastHeardTable = new LastHeardTable(LastHeardTable.memoryFor(SLOTS))
  readonly loop: NetworkLoop
  readonly clock: HostClock = {
    nowMs: 1000,
    wallMs: 1000,
    advance: () => {},
    read: () => this.clock.nowMs,
  }
  /** Whether the rings to the actors are full. */
  blocked = false
  #user: ListenerUser | null = null
  readonly #soon: (() => void)[] = []
  readonly #ends: FarEnd[] = []
  #timers: { readonly atMs: number; readonly run: () => void }[] = []

  constructor(options: Partial<NetworkOptions> = {}, command: CommandHandler = () => null) {
    this.loop = new NetworkLoop(
      { ...DEFAULTS, descriptorsForClients: 1000, ...options },
      {
        clock: this.clock,
        heard: this.heard,
        rings: this.#rings(),
        transport: {
          listeners: (user) => {
            this.#user = user
            return [{ port: 1, open: async () => 1, close: async () => {} }]
          },
          after: (ms, run) => {
            const timer = { atMs: this.clock.nowMs + ms, run }
            this.#timers.push(timer)
            return () => {
              this.#timers = this.#timers.filter((other) => other !== timer)
            }
          },
          soon: (run) => {
            this.#soon.push(run)
          },
        },
        command,
        logger: { warn: ({ reason }) => this.refused.push(reason) },
        audit: null,
        kerberos: null,
      },
    )
    this.loop.serving(ZXID_ZERO, 0)
  }

  /** A client whose socket is accepted now. */
  accept(address = '10.0.0.1'): FarEnd {
    const end = new FarEnd(address)
    this.#ends.push(end)
    this.#user?.accept(end.socket)
    this.turn()
    return end
  }

  /** One that has its session, in this slot; what was said for it is forgotten. */
  open(slot: number, timeoutMs = 4000): FarEnd {
    const end = this.accept()
    this.send(end, CONNECT)
    this.loop.connected(slot, SESSION, timeoutMs)
    this.turn()
    end.taken()
    this.said.length = 0
    return end
  }

  /** These bytes come, in one chunk unless they are cut. */
  send(end: FarEnd, ...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      if (end.socket.isPaused) throw new Error('told while paused')
      end.socket.tell(Uint8Array.from(chunk))
    }
    this.turn()
  }

  reply(slot: number, xid: number, body: Uint8Array = REPLY, closeAfter = false): void {
    this.loop.reply(slot, xid, ZXID_ZERO as Zxid, closeAfter, body, 0, body.length)
    this.turn()
  }

  /** A round of the event loop: what follows messages from the actors, the sockets' news, and what
   * was put off until then. */
  turn(): void {
    this.loop.turn()
    for (const run of this.#soon.splice(0)) run()
    for (const { socket } of this.#ends) if (socket.isBusy) socket.round()
    for (const run of this.#soon.splice(0)) run()
  }

  /** Time passes, a heartbeat at a time. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= HEARTBEAT_MS) {
      this.clock.nowMs += Math.min(left, HEARTBEAT_MS)
      this.clock.wallMs = this.clock.nowMs
      this.loop.heartbeat()
      const due = this.#timers.filter(({ atMs }) => atMs <= this.clock.nowMs)
      this.#timers = this.#timers.filter((timer) => !due.includes(timer))
      for (const { run } of due) run()
      this.turn()
    }
  }

  /** The names of what was said. */
  get names(): unknown[] {
    return this.said.map(([name]) => name)
  }

  #rings(): LoopRings {
    const fixture = this
    return {
      tree: recorder('tree', this.said),
      sessions: recorder('sessions', this.said),
      get blocked() {
        return fixture.blocked
      },
      flush: () => false,
      drain: () => 0,
      turned: () => {},
      announceWrite: () => {},
      await: () => {},
      pass: () => {},
    }
  }
}

export const CONNECT: Uint8Array = connectFrame({
  lastZxidSeen: ZXID_ZERO,
  timeoutMs: 4000,
  sessionId: SESSION_NONE,
  password: new Uint8Array(16),
  readOnly: false,
})

export const REPLY: Uint8Array = Uint8Array.from([0, 0, 0, 4, 1, 2, 3, 4])

/** A request that reads the root. */
export function read(xid: number): Uint8Array {
  return requestFrame(xid, { type: OpCode.getData, path: '/', watch: false })
}

/** Writes down what is called, with its bytes cut out. */
export function recorder<T extends object>(actor: string, into: unknown[][]): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      return (...args: unknown[]) => into.push([`${actor}.${String(name)}`, ...withBytes(args)])
    },
  })
}

function withBytes(args: readonly unknown[]): unknown[] {
  const at = args.findIndex((one) => one instanceof Uint8Array)
  if (at < 0) return [...args]
  const [bytes, start, end] = args.slice(at) as [Uint8Array, number, number]
  return [...args.slice(0, at), Buffer.from(bytes.subarray(start, end)).toString('latin1')]
}
