// A sessions actor with a clock moved by hand, a table of last-heard times and a recording tree.

import { ok, strictEqual } from 'node:assert/strict'
import type { SessionsNeighbours, SessionsOptions } from '../../../actors/sessions/options.ts'
import { Sessions } from '../../../actors/sessions/sessions.ts'
import { decodeControl } from '../../../protocol/control.ts'
import { Query, type SessionCounts, type SessionDump } from '../../../protocol/messages/queries.ts'
import type { TreeSessionMessages } from '../../../protocol/messages/tree.ts'
import { passwordOf, type SessionId } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'

export type Effect = readonly [name: string, ...rest: unknown[]]

export const START_MS = 1_718_000_000_000
/** The first id of server 1 started then, from the Java expression. */
export const FIRST_ID: SessionId = 0x0190_00c7_9c00_0000n as SessionId
export const TICK_MS = 1000
export const STALL_MS = 500

export class Bench {
  readonly effects: Effect[] = []
  readonly clock: { nowMs: number; wallMs: number } = { nowMs: 10_000, wallMs: START_MS }
  readonly heardMs: Map<number, number> = new Map()
  readonly gauges: Map<string, number> = new Map()
  /** When the network loop gave its last sign of life; null: it is always awake. */
  aliveMs: number | null = null
  readonly sessions: Sessions

  constructor(options: Partial<SessionsOptions> = {}) {
    const effects = this.effects
    const tree: TreeSessionMessages = {
      createSession: (slot, id, timeoutMs, zxid) =>
        effects.push(['createSession', slot, id, timeoutMs, zxid]),
      attach: (slot, id, timeoutMs, zxid) => effects.push(['attach', slot, id, timeoutMs, zxid]),
      refuse: (slot, zxid) => effects.push(['refuse', slot, zxid]),
      detach: (slot) => effects.push(['detach', slot]),
      expire: (id) => effects.push(['expire', id]),
      closed: (slot) => effects.push(['closed', slot]),
      answer: (queryId, isOver, bytes, start, end) =>
        effects.push(['answer', queryId, decodeControl(bytes.slice(start, end)), isOver]),
    }
    const zab: SessionsNeighbours['zab'] = {
      touched: (bytes, start, end) => effects.push(['touched', [...bytes.subarray(start, end)]]),
    }
    const gauge = (name: string) => ({
      set: (value: number) => {
        this.gauges.set(name, value)
      },
      add: (value: number) => {
        this.gauges.set(name, (this.gauges.get(name) ?? 0) + value)
      },
    })
    const defaults: SessionsOptions = {
      serverId: 1,
      tickTimeMs: TICK_MS,
      minSessionTimeoutMs: 2000,
      maxSessionTimeoutMs: 20_000,
      startWallMs: START_MS,
      passwordOf,
      pendingMax: 100,
      stallMs: STALL_MS,
      reportMs: 250,
    }
    const heard = {
      lastHeardMs: (slot: number) => this.heardMs.get(slot) ?? 0,
      networkAliveMs: () => this.aliveMs ?? this.clock.nowMs,
    }
    const journal = { log: () => undefined }
    const gauges = {
      sessions: gauge('sessions'),
      pending: gauge('pending'),
      expired: gauge('expired'),
      stalledMs: gauge('stalledMs'),
    }
    const all = { ...defaults, ...options }
    this.sessions = new Sessions(all, this.clock, { tree, zab, journal }, heard, gauges)
  }

  serving(): void {
    this.sessions.serving(0 as Zxid, true)
  }

  create(slot: number, timeoutMs: number = 4000): Effect[] {
    this.sessions.connect(slot, 0 as Zxid, timeoutMs, 0n as SessionId, new Uint8Array(16), 0, 16)
    return this.taken()
  }

  /** Creates a session and has the tree open it. */
  open(slot: number, timeoutMs: number = 4000): SessionId {
    const id = this.create(slot, timeoutMs)[0]![2] as SessionId
    this.sessions.sessionOpened(id, timeoutMs)
    return id
  }

  renew(
    slot: number,
    id: SessionId,
    password: Uint8Array = passwordOf(id),
    timeoutMs: number = 4000,
  ): Effect[] {
    const padded = new Uint8Array(password.length + 3)
    padded.set(password, 2)
    this.sessions.connect(slot, 9 as Zxid, timeoutMs, id, padded, 2, 2 + password.length)
    return this.taken()
  }

  hear(slot: number, atMs: number = this.clock.nowMs): void {
    this.heardMs.set(slot, atMs)
  }

  /** Lets time pass as a host does: a tick exactly when one is due. */
  runUntil(ms: number): Effect[] {
    while (this.sessions.nextTickMs() <= ms) {
      this.clock.nowMs = Math.max(this.clock.nowMs, this.sessions.nextTickMs())
      this.turn()
    }
    this.clock.nowMs = ms
    this.turn()
    return this.taken()
  }

  /** One turn at this time, after nobody had one since the last. */
  stallUntil(ms: number): Effect[] {
    this.clock.nowMs = ms
    this.turn()
    return this.taken()
  }

  turn(): void {
    if (this.clock.nowMs >= this.sessions.nextTickMs()) this.sessions.tick()
    this.sessions.endTurn()
  }

  /** All parts of the dump: what it says in front, and its lists without the buckets' sizes. */
  dump(): { counts: SessionCounts; lists: [expiryMs: number, ids: string[]][]; parts: number } {
    let counts: SessionCounts | null = null
    const lists: [number, string[]][] = []
    let parts = 0
    for (let kind: number = Query.sessions; ; kind = Query.more) {
      this.sessions.query(1, kind)
      const [name, , part, isOver] = this.taken()[0] as [string, number, unknown, boolean]
      strictEqual(name, 'answer')
      parts++
      if (isOver) break
      if (part === null) continue
      if (counts === null) counts = part as SessionCounts
      else for (const [ms, , ids] of part as SessionDump) addTo(lists, ms, ids)
    }
    ok(counts !== null)
    return { counts, lists, parts }
  }

  taken(): Effect[] {
    return this.effects.splice(0)
  }
}

function addTo(lists: [number, string[]][], ms: number, ids: readonly string[]): void {
  const last = lists.at(-1)
  if (last?.[0] === ms) last[1].push(...ids)
  else lists.push([ms, [...ids]])
}
