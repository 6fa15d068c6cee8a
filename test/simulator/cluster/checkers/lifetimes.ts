// When a session may be expired: by a leader that has led, and has not been told of its client, for
// the session's timeout, all by the leader's own clock; and never while its client is well: whatever
// stands still between the two, a client that was answered lately has a session.

import { JuteReader } from '../../../../protocol/bytes/jute-reader.ts'
import type { SessionsMessages } from '../../../../protocol/messages/sessions.ts'
import type { TreeMessages } from '../../../../protocol/messages/tree.ts'
import { formatSessionId, type SessionId, sessionIdOf } from '../../../../protocol/session-id.ts'
import { SESSIONS } from '../../../../runtime/edges/sessions-edge.ts'
import { TREE } from '../../../../runtime/edges/tree-edge.ts'
import type { Model } from '../../model/model.ts'
import { check } from '../../world/event-log.ts'
import { Tap } from '../../world/tap.ts'
import type { Member } from '../member.ts'

interface Watched {
  readonly toSessions: Tap<SessionsMessages>
  readonly toTree: Tap<TreeMessages>
  ledSinceMs: number
  /** When the leader's session manager was told of each, by the leader's clock. */
  readonly touchedMs: Map<SessionId, number>
}

const TOUCH_BYTES = 12

export class Lifetimes {
  /** Sessions whose expiry some leader has decided. */
  readonly expiring: Set<SessionId> = new Set()
  readonly clients: { readonly session: SessionId; readonly isWell: boolean }[] = []
  readonly #model: Model
  /** Of the latest epoch. */
  #leader: Member | null = null
  readonly #watched: Map<Member, Watched> = new Map()

  constructor(model: Model) {
    this.#model = model
  }

  attach(member: Member): void {
    const { rings } = member.wiring
    this.#watched.set(member, {
      toSessions: new Tap(rings['zab>sessions'], SESSIONS, {
        touched: (_link, _ageMs, sessions) => this.#onTouched(member, sessions),
      }),
      toTree: new Tap(rings['sessions>tree'], TREE, { expire: (id) => this.#onExpire(member, id) }),
      ledSinceMs: 0,
      touchedMs: new Map(),
    })
  }

  detach(member: Member): void {
    this.#watched.delete(member)
  }

  leads(member: Member): void {
    this.#leader = member
    const watched = this.#watched.get(member)!
    watched.ledSinceMs = member.time.nowMs
    watched.touchedMs.clear()
  }

  /** Reads what zab told the member's session manager. */
  touched(member: Member): void {
    this.#watched.get(member)!.toSessions.listen()
  }

  /** Reads what the member's session manager has decided. */
  expired(member: Member): void {
    this.#watched.get(member)!.toTree.listen()
  }

  #onTouched(member: Member, sessions: Uint8Array): void {
    const { touchedMs } = this.#watched.get(member)!
    const reader = new JuteReader(sessions)
    while (reader.remaining >= TOUCH_BYTES) {
      touchedMs.set(sessionIdOf(reader.long()), member.time.nowMs)
      reader.int()
    }
  }

  #onExpire(member: Member, id: SessionId): void {
    const { ledSinceMs, touchedMs } = this.#watched.get(member)!
    const session = this.#model.sessions.get(id)
    check(session !== undefined, () => `expired ${formatSessionId(id)}, which never was`)
    this.expiring.add(id)
    const heardMs = Math.max(touchedMs.get(id) ?? 0, member.network.heardMs(id), ledSinceMs)
    // It was decided before that, and has waited for room.
    if (heardMs > member.decidedMs) return
    // What a deposed leader decides is never committed.
    const isWell = this.clients.some((client) => client.session === id && client.isWell)
    check(!isWell || member !== this.#leader, () => {
      return `s${member.id} expired ${formatSessionId(id)}, whose client was answered just now`
    })
    const silentMs = member.time.nowMs - heardMs
    check(silentMs >= session.timeoutMs, () => {
      return `s${member.id} expired ${formatSessionId(id)} ${silentMs} ms after it was heard`
    })
  }
}
