// What the tree answers to the operator's questions (protocol/messages/queries.ts).

import { encodeControl } from '../../protocol/control.ts'
import { type EphemeralDump, Query } from '../../protocol/messages/queries.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import { inParts, Reports } from '../reports.ts'
import type { DataTree } from './store/data-tree.ts'
import type { DigestAudit } from './writes/digest-audit.ts'

export interface QueriesUser {
  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void
  /** The watches actor answers. */
  passOn(queryId: number, kind: number): void
}

export class TreeQueries {
  readonly #audit: DigestAudit
  readonly #user: QueriesUser
  readonly #reports = new Reports()

  constructor(audit: DigestAudit, user: QueriesUser) {
    this.#audit = audit
    this.#user = user
  }

  query(queryId: number, kind: number, data: DataTree): void {
    if (kind === Query.ephemerals) this.#reports.begin(queryId, ephemeralDump(data))
    if (kind === Query.digests) this.#reports.begin(queryId, [this.#audit.history].values())
    if (!this.#reports.has(queryId)) {
      this.#user.passOn(queryId, kind)
      return
    }
    const part = this.#reports.next(queryId, kind)
    if (kind === Query.forget) return
    const bytes = encodeControl(part ?? null)
    this.#user.answer(queryId, part === undefined, bytes, 0, bytes.length)
  }
}

function* ephemeralDump(data: DataTree): Generator<number | EphemeralDump> {
  let count = 0
  for (const { ephemerals } of data.sessions.all()) if (ephemerals.size > 0) count++
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
