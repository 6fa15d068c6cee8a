// What the tree answers to an operator's questions (protocol/messages/queries.ts).

import {
  type EphemeralDump,
  Query,
  type RootAcls,
  type SnapshotBegun,
} from '../../protocol/messages/queries.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import { type Answer, inParts, LOOK_STEP, Reports } from '../reports.ts'
import type { DataTree } from './store/data-tree.ts'
import * as layout from './store/node-layout.ts'
import type { DigestAudit } from './writes/digest-audit.ts'

export interface QueriesUser {
  readonly answer: Answer
  /** Passes a question on to the watches actor, which answers it. */
  passOn(queryId: number, kind: number): void
  /** Has a snapshot file written, which ends there or later. */
  snapshot(): SnapshotBegun
}

export class TreeQueries {
  readonly #audit: DigestAudit
  readonly #user: QueriesUser
  readonly #reports: Reports

  constructor(audit: DigestAudit, user: QueriesUser) {
    this.#audit = audit
    this.#user = user
    this.#reports = new Reports(user.answer)
  }

  query(queryId: number, kind: number, data: DataTree): void {
    if (kind === Query.ephemerals) this.#reports.begin(queryId, ephemeralReport(data))
    if (kind === Query.digests) this.#reports.begin(queryId, [this.#audit.history].values())
    if (kind === Query.rootAcls) this.#reports.begin(queryId, [rootAcls(data)].values())
    if (kind === Query.snapshot) this.#reports.begin(queryId, [this.#user.snapshot()].values())
    if (this.#reports.has(queryId)) this.#reports.go(queryId, kind)
    else this.#user.passOn(queryId, kind)
  }
}

function rootAcls({ acls, store }: DataTree): RootAcls {
  const list = acls.list(store.word(layout.ROOT, layout.ACL_ID))
  return list.map(({ perms, id: { scheme, id } }) => [perms, scheme, id])
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
    if (ephemerals.size > 0) yield [formatSessionId(id).slice(2), pathsOf(data, ephemerals)]
  }
}

function* pathsOf(data: DataTree, nodes: Iterable<number>): Generator<string> {
  for (const node of nodes) yield data.path(node)
}
