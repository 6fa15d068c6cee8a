// The network loop of a simulated server: the real one, over simulated sockets, in rounds as node's
// event loop turns it: messages from the actors first, then what sockets have to tell, then what was
// put off until they had. It is watched meanwhile:
//
//   - a handshake has its time and no more, whatever trickles in
//   - who has nothing under way is read from, unless nobody is, or he has guessed at a password
//   - who does not take the last that it is sent is let go of in time
//   - who behaves is not refused, nor closed in its handshake by a server that is on its own

import type { ServerOptions } from '../../../config/options.ts'
import type { LogMessages } from '../../../protocol/messages/log.ts'
import type { TreeClientMessages } from '../../../protocol/messages/tree.ts'
import { CLIENT_SERVICE, DigestMd5Server } from '../../../protocol/sasl/digest-md5-server.ts'
import { formatSessionId, type SessionId } from '../../../protocol/session-id.ts'
import { NetworkLoop } from '../../../runtime/net/network-loop.ts'
import { NetworkRings, touchMsMaxOf } from '../../../runtime/net/network-rings.ts'
import type {
  ClientTransport,
  ListenerUser,
} from '../../../runtime/net/transport/client-transport.ts'
import { fourLetterWords } from '../../../runtime/net/words/four-letter-words.ts'
import { md5 } from '../../../runtime/process/md5.ts'
import { TraceMask } from '../../../runtime/reports/trace-mask.ts'
import type { GaugeTable } from '../../../runtime/shared/gauges.ts'
import type { LastHeardTable } from '../../../runtime/shared/last-heard.ts'
import type { HostClock } from '../../../runtime/thread/actor-host.ts'
import { countersOf, type Wiring } from '../../../runtime/topology.ts'
import { FactBook } from '../../../runtime/why/fact-book.ts'
import { FactTally } from '../../../runtime/why/fact-tally.ts'
import { GUESSER_ADDRESS, HOSTILE_ADDRESS, SASL_USER } from '../clients/identities.ts'
import { ANSWERS } from '../clients/words.ts'
import { check, type EventLog } from '../world/event-log.ts'
import { UNREAD_METERS } from '../world/unread-meters.ts'
import type { LoopSocket } from './loop-socket.ts'
import type { Wire } from './wire.ts'

const HEARTBEAT_MS = 100
/** For which a client that behaves may be closed: it is slow, or there is nobody to serve it. */
const EXCUSED: ReadonlySet<unknown> = new Set([
  'handshake-timeout',
  'unread-replies',
  'not-serving',
])
/** For a client that does not take what it is sent. */
const ENDING_MS_MAX = 30_000
const FRAMES_A_TURN = 64
const USERS: ReadonlyMap<string, string> = new Map([[SASL_USER.user, SASL_USER.password]])

export class SimulatedNetwork {
  /** The process is gone. */
  isDead = false
  /** Whether the tree may close connections during their handshake. */
  mayRefuse = false
  readonly loop: NetworkLoop
  readonly toTree: TreeClientMessages
  readonly toLog: LogMessages
  readonly #rings: NetworkRings
  readonly #clock: HostClock
  readonly #events: EventLog
  readonly #sessionlessCnxnTimeoutMs: number
  #user: ListenerUser | null = null
  #wires: Wire[] = []
  readonly #accepting: Wire[] = []
  readonly #soon: (() => void)[] = []
  #timers: { readonly atMs: number; readonly run: () => void }[] = []
  #heartbeatMs = 0

  constructor(
    wiring: Wiring,
    clock: HostClock,
    heard: LastHeardTable,
    options: ServerOptions,
    gauges: GaugeTable,
    events: EventLog,
  ) {
    const rings = new NetworkRings(wiring, clock, heard, touchMsMaxOf(options))
    this.#rings = rings
    this.toTree = rings.tree
    this.toLog = rings.log
    this.#clock = clock
    this.#events = events
    this.#sessionlessCnxnTimeoutMs = options.sessionlessCnxnTimeoutMs
    const host = this
    let nonces = 0
    const facts = new FactBook(
      () => 0,
      () => undefined,
    )
    const words = fourLetterWords({
      options: { ...options, fourLetterWords: new Set(Object.keys(ANSWERS)) },
      gauges,
      meters: UNREAD_METERS,
      facts,
      tally: new FactTally(UNREAD_METERS, clock, 0),
      startedMs: 0,
      traceMask: new TraceMask(),
      counters: () => countersOf(wiring),
      takeSnapshot: () => Promise.reject(new Error('no operator asks for one')),
      get network() {
        return host.loop
      },
    })
    this.loop = new NetworkLoop(
      { ...options, saslProvider: true, descriptorsForClients: Number.POSITIVE_INFINITY },
      {
        clock,
        heard,
        rings,
        transport: this.#transport(),
        command: words,
        logger: { warn: (fields, message) => this.#warn(fields, message) },
        audit: null,
        // Not Kerberos, but passwords, with challenges that are the same when the seed runs again.
        kerberos: () => {
          return new DigestMd5Server(CLIENT_SERVICE, USERS, `${events.hash}-${++nonces}`, md5)
        },
      },
    )
    this.#watchCloses()
  }

  get isServing(): boolean {
    return this.loop.isServing
  }

  /** By the server's clock. */
  get nowMs(): number {
    return this.#clock.nowMs
  }

  /** Until a connection has to have said what it wants. */
  get handshakeMs(): number {
    return this.#sessionlessCnxnTimeoutMs
  }

  /** A client knocks; it is accepted in the loop's next round. */
  open(wire: Wire): void {
    this.#accepting.push(wire)
  }

  /** When a connection of this session was last read from; 0 when there is none. */
  heardMs(id: SessionId): number {
    let heardMs = 0
    for (const { sessionId, state, socket } of this.loop.connections()) {
      if (sessionId !== id || state !== 'open') continue
      const wire = this.#wires.find((one) => one.socket === (socket as LoopSocket))
      heardMs = Math.max(heardMs, wire?.heardMs ?? 0)
    }
    return heardMs
  }

  /** A round; true when there may be more to do at once. */
  turn(): boolean {
    let hasMore = this.loop.read(FRAMES_A_TURN)
    const { nowMs } = this.#clock
    for (const wire of taken(this.#accepting)) {
      this.#wires.push(wire)
      wire.acceptedMs = nowMs
      wire.heardMs = nowMs
      this.#user?.accept(wire.socket)
    }
    let areGone = false
    for (const wire of this.#wires) {
      if (wire.round(nowMs)) hasMore = true
      if (wire.isGone) areGone = true
    }
    if (areGone) this.#wires = this.#wires.filter((wire) => !wire.isGone)
    this.#runDue(nowMs)
    if (nowMs >= this.#heartbeatMs) this.#heartbeat(nowMs)
    return hasMore || this.#soon.length > 0
  }

  /** The process is gone, and every socket with it. */
  die(): void {
    this.isDead = true
    for (const wire of [...this.#wires, ...this.#accepting]) wire.die()
  }

  /** To a client that has seen more than the server: on its own, there is none. */
  #watchCloses(): void {
    const { loop } = this
    const close = loop.close.bind(loop)
    loop.close = (slot) => {
      for (const { slot: one, state } of loop.connections()) {
        check(one !== slot || state !== 'connecting' || this.mayRefuse, () => {
          return `slot ${slot} closed during its handshake`
        })
      }
      close(slot)
    }
  }

  #runDue(nowMs: number): void {
    for (const run of taken(this.#soon)) run()
    if (this.#timers.length === 0) return
    const due = this.#timers.filter(({ atMs }) => atMs <= nowMs)
    this.#timers = this.#timers.filter(({ atMs }) => atMs > nowMs)
    for (const { run } of due) run()
  }

  #heartbeat(nowMs: number): void {
    this.#heartbeatMs = nowMs + HEARTBEAT_MS
    this.loop.heartbeat()
    this.#watchIdle()
    for (const wire of this.#wires) {
      const { acceptedMs, socket } = wire
      if (socket.isEnding) this.#watchEnd(wire, nowMs)
      if (nowMs - acceptedMs < this.#sessionlessCnxnTimeoutMs || socket.destroyed) continue
      check(!this.#isInHandshake(socket), () => {
        return `${socket.remoteAddress} is in its handshake after ${nowMs - acceptedMs} ms`
      })
      wire.acceptedMs = Number.POSITIVE_INFINITY
    }
  }

  #watchIdle(): void {
    for (const connection of this.loop.connections()) {
      const { address, state, outstanding, unsentBytes, socket, sessionId } = connection
      const { isPaused } = socket as LoopSocket
      // Who has failed to prove himself waits before he may try again.
      if (address === GUESSER_ADDRESS) continue
      const mayWait = state !== 'open' || outstanding > 0 || unsentBytes > 0 || this.#rings.blocked
      check(mayWait || !isPaused, () => {
        return `nothing of ${formatSessionId(sessionId)} is under way, and it is not read from`
      })
    }
  }

  #watchEnd(wire: Wire, nowMs: number): void {
    wire.endingMs = Math.min(wire.endingMs, nowMs)
    check(nowMs - wire.endingMs < ENDING_MS_MAX, () => {
      return `${wire.socket.remoteAddress} has been ending for ${nowMs - wire.endingMs} ms`
    })
  }

  #isInHandshake(socket: LoopSocket): boolean {
    for (const connection of this.loop.connections()) {
      if (connection.socket === socket) return connection.state === 'new'
    }
    return false
  }

  #transport(): ClientTransport {
    return {
      listeners: (user) => {
        this.#user = user
        return [{ port: 0, open: () => Promise.resolve(0), close: () => Promise.resolve() }]
      },
      after: (ms, run) => {
        const timer = { atMs: this.#clock.nowMs + ms, run }
        this.#timers.push(timer)
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer)
        }
      },
      soon: (run) => {
        this.#soon.push(run)
      },
    }
  }

  #warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#events.add(`  ${message} ${JSON.stringify(fields)}`)
    const client = String(fields['client'])
    if (client.startsWith(HOSTILE_ADDRESS) || client.startsWith(GUESSER_ADDRESS)) return
    check(EXCUSED.has(fields['reason']), () => `a client was ${message}: ${JSON.stringify(fields)}`)
  }
}

/** Empties the list. */
function taken<T>(list: T[]): readonly T[] {
  return list.length === 0 ? NOTHING : list.splice(0)
}

const NOTHING: readonly never[] = []
