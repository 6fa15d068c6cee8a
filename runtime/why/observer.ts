// The main thread's part of the facts: what it sees itself (stalls, slow replies, silent clients),
// and the client's address for a session that an actor says has expired.

import { formatSessionId, SESSION_NONE, sessionIdOf } from '../../protocol/session-id.ts'
import type { ThreadReport } from '../thread/thread-report.ts'
import type { Fact, Fields } from './fact.ts'
import type { FactBook } from './fact-book.ts'

/** How many closed connections are remembered, the newest. */
const DEPARTURES_MAX = 4096
/** The main thread's heartbeat comes every 100 ms. If it is this late, the process stood still. */
const STALL_MS = 500
/** Half of the time after which a majority takes its leader for gone (`ringkeeper.agreedSilenceMs`). Standing still
 * for so long is a fact only if the leader lost a follower by it: on a busy machine it is nothing. */
const SHORT_STALL_MS = 75
/** A follower that was lost during a short stall is noticed this soon after it. */
const SHORT_AFTERMATH_MS = 250
const LOSSES: ReadonlySet<string> = new Set(['learner-gone', 'learner-dropped'])
/** Facts a second that clients can cause. The rest are dropped. */
const NAMED_A_SECOND = 10
/** A client that closes after this share of its timeout without a word was silent: a healthy one
 * pings after a third of its timeout. */
const SILENT_SHARE = 0.6

interface Departure {
  readonly address: string
  readonly wallMs: number
}

/** A connection of a client. */
export interface Client {
  readonly address: string
  readonly port: number
  readonly sessionId: bigint
  readonly timeoutMs: number
  readonly slot: number
  readonly lastExactMs: number
  readonly lastIsUpdate: boolean
}

export interface Surroundings {
  readonly clock: { readonly nowMs: number; readonly wallMs: number }
  /** Milliseconds of CPU time that the process has used. */
  cpuMs(): number
  clients(): Iterable<Client>
  lastHeardMs(slot: number): number
}

/** Milliseconds of CPU time that all threads of this process have used. */
export function processCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export class Observer {
  readonly #book: FactBook
  readonly #around: Surroundings
  readonly #departures: Map<bigint, Departure> = new Map()
  #beatMs: number
  #beatCpuMs: number
  /** The latest short stall, and when it ended, by the clock. */
  #shortStall: { readonly fact: Fact; readonly endMs: number } | null = null
  #lossMs = Number.NEGATIVE_INFINITY
  #secondMs = Number.NEGATIVE_INFINITY
  #named = 0

  constructor(book: FactBook, around: Surroundings) {
    this.#book = book
    this.#around = around
    this.#beatMs = around.clock.nowMs
    this.#beatCpuMs = around.cpuMs()
  }

  /** Called every `everyMs` milliseconds. Returns how many milliseconds late the call is. */
  heartbeat(everyMs: number): number {
    const { nowMs } = this.#around.clock
    const cpuMs = this.#around.cpuMs()
    const lateMs = Math.max(0, nowMs - this.#beatMs - everyMs)
    if (lateMs >= SHORT_STALL_MS) this.#stalled(lateMs, cpuMs - this.#beatCpuMs)
    this.#beatMs = nowMs
    this.#beatCpuMs = cpuMs
    return lateMs
  }

  /** The reply that this client got last took long. */
  slow({ address, port, sessionId, lastExactMs, lastIsUpdate }: Client): void {
    this.#noteSome('request-slow', {
      what: lastIsUpdate ? 'write' : 'read',
      ms: Math.round(lastExactMs),
      session: formatSessionId(sessionIdOf(sessionId)),
      client: `${address}:${port}`,
    })
  }

  /** The connection of this client is closed. */
  departed(client: Client): void {
    const { sessionId, address, port, slot, timeoutMs } = client
    if (sessionId === SESSION_NONE) return
    const silentMs = Math.round(this.#around.clock.nowMs - this.#around.lastHeardMs(slot))
    if (silentMs >= timeoutMs * SILENT_SHARE) {
      const session = formatSessionId(sessionIdOf(sessionId))
      const at = `${address}:${port}`
      this.#noteSome('client-silent', { session, client: at, silentMs, timeoutMs })
    }
    this.#departures.delete(sessionId)
    this.#departures.set(sessionId, {
      address: `${address}:${port}`,
      wallMs: this.#around.clock.wallMs,
    })
    if (this.#departures.size <= DEPARTURES_MAX) return
    for (const oldest of this.#departures.keys()) {
      this.#departures.delete(oldest)
      return
    }
  }

  /** An actor has logged an event. */
  heard({ actor, event, fields, wallMs }: Extract<ThreadReport, { kind: 'log' }>): void {
    const fact: Fact = { wallMs, actor, event, fields }
    if (LOSSES.has(event)) this.#lost()
    this.#book.add(
      event === 'session-expired' ? { ...fact, fields: this.#withClient(fields) } : fact,
    )
  }

  #stalled(lateMs: number, cpuMs: number): void {
    const { nowMs, wallMs } = this.#around.clock
    const fields = { ms: Math.round(lateMs), cpuMs: Math.round(cpuMs) }
    const fact: Fact = { wallMs, actor: 'server', event: 'stalled', fields }
    // A loss may be heard of before the late heartbeat.
    const hasLost = nowMs - this.#lossMs < SHORT_AFTERMATH_MS
    if (lateMs >= STALL_MS || hasLost) this.#book.add(fact)
    else this.#shortStall = { fact, endMs: nowMs }
  }

  /** The leader has lost a follower. */
  #lost(): void {
    const { nowMs } = this.#around.clock
    this.#lossMs = nowMs
    const stall = this.#shortStall
    this.#shortStall = null
    if (stall !== null && nowMs - stall.endMs < SHORT_AFTERMATH_MS) this.#book.add(stall.fact)
  }

  #noteSome(event: string, fields: Fields): void {
    const { nowMs } = this.#around.clock
    if (nowMs - this.#secondMs >= 1000) {
      this.#secondMs = nowMs
      this.#named = 0
    }
    if (this.#named++ < NAMED_A_SECOND) this.#book.note(event, fields)
  }

  #withClient(fields: Fields): Fields {
    const id = sessionIdOf(BigInt(String(fields['session'] ?? '0')))
    for (const { sessionId, address, port } of this.#around.clients()) {
      if (sessionId === id) return { ...fields, client: `${address}:${port}`, connection: 'open' }
    }
    const gone = this.#departures.get(id)
    if (gone === undefined) return fields
    return { ...fields, client: gone.address, connection: 'closed', closedWallMs: gone.wallMs }
  }
}
