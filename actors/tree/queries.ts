// What the tree answers to an operator's questions (protocol/messages/queries.ts).

import {
  type EphemeralDump,
  Query,
  type RootAcls,
  type SessionTimeouts,
  type SnapshotBegun,
} from '../../protocol/messages/queries.ts'
import type { EnsembleTreeMessages } from '../../protocol/messages/zab.ts'
import { formatSessionId, type SessionId, sessionIdOf } from '../../protocol/session-id.ts'
import { type Answer, inParts, LOOK_STEP, PART_ITEMS, Reports } from '../reports.ts'
import type { DataTree } from './store/data-tree.ts'
import * as layout from './store/node-layout.ts'
import type { DigestAudit } from './writes/digest-audit.ts'

/** Zab answers these in one part, and the watches actor, which knows of no question, that this was all. */
const ZABS: ReadonlySet<number> = new Set([Query.observers, Query.resetObservers, Query.handOver])

export interface QueriesUser {
  readonly answer: Answer
  /** Passes a question on to the watches actor, which answers it. */
  passOn(queryId: number, kind: number): void
  /** Has a snapshot file written, which ends there or later. */
  snapshot(): SnapshotBegun
}

export class TreeQueries {
  readonly #audit: DigestAudit
  readonly #zab: Pick<EnsembleTreeMessages, 'query'>
  readonly #user: QueriesUser
  readonly #reports: Reports

  constructor(audit: DigestAudit, zab: Pick<EnsembleTreeMessages, 'query'>, user: QueriesUser) {
    this.#audit = audit
    this.#zab = zab
    this.#user = user
    this.#reports = new Reports(user.answer)
  }

  query(queryId: number, kind: number, data: DataTree): void {
    if (kind === Query.ephemerals) this.#reports.begin(queryId, ephemeralReport(data))
    if (kind === Query.globalSessions) this.#reports.begin(queryId, sessionReport(data))
    if (kind === Query.digests) this.#reports.begin(queryId, [this.#audit.history].values())
    if (kind === Query.rootAcls) this.#reports.begin(queryId, [rootAcls(data)].values())
    if (kind === Query.snapshot) this.#reports.begin(queryId, [this.#user.snapshot()].values())
    if (this.#reports.has(queryId)) this.#reports.go(queryId, kind)
    else if (ZABS.has(kind)) this.#zab.query(queryId, kind)
    else this.#user.passOn(queryId, kind)
  }
}

function rootAcls({ acls, store }: DataTree): RootAcls {
  const list = acls.list(store.word(layout.ROOT, layout.ACL_ID))
  return list.map(({ perms, id: { scheme, id } }) => [perms, scheme, id])
}

/** In order. Those that end while it is read are left out of the list, and not of the count. */
function* sessionReport(data: DataTree): Generator<null | number | SessionTimeouts> {
  const ids: SessionId[] = []
  for (const { id } of data.sessions.all()) {
    ids.push(id)
    if (ids.length % LOOK_STEP === 0) yield null
  }
  yield ids.length
  const sorted = BigInt64Array.from(ids).sort()
  for (let at = 0; at < sorted.length; at += PART_ITEMS) {
    const part: SessionTimeouts = []
    for (const value of sorted.subarray(at, at + PART_ITEMS)) {
      const session = data.sessions.get(sessionIdOf(value))
      if (session !== undefined) part.push([hexOf(session.id), session.timeoutMs])
    }
    yield part
  }
}

/** Sessions that come or go while it is read may be in the count, in the list, or in both. */
function* ephemeralReport(data: DataTree): Generator<null | number | EphemeralDump> {
  let looked = 0
  let count = 0
  for (const { ephemerals } of data.sessions.all()) {
    if (++looked % LOOK_STEP === 0) yield null
    if (ephemerals.size > 0) count++
  }
  yield count
  yield* inParts(ephemeralsOf(data))
}

function* ephemeralsOf(data: DataTree): Generator<readonly [string, Iterable<string>]> {
  for (const { id, ephemerals } of data.sessions.all()) {
    if (ephemerals.size > 0) yield [hexOf(id), pathsOf(data, ephemerals)]
  }
}

/** Without 0x. */
function hexOf(id: SessionId): string {
  return formatSessionId(id).slice(2)
}

function* pathsOf(data: DataTree, nodes: Iterable<number>): Generator<string> {
  for (const node of nodes) yield data.path(node)
}
