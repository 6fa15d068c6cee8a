// What a leader does for the clients of its learners. Their writes, syncs and sessions arrive as
// REQUEST and REVALIDATE (LearnerHandler, Leader.processSync).
//
// A session belongs to the server that its client talks to. A client that appears at another server
// has moved, and what still comes from the old server is refused (SESSIONMOVED).

import { readIds } from '../../protocol/acl.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { EnsembleTreeMessages, Link } from '../../protocol/messages/zab.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { SESSION_TIMEOUT_MS } from '../../protocol/quorum/ranges.ts'
import { isSessionId, type SessionId, sessionFrom } from '../../protocol/session-id.ts'
import { WRITES } from './operations/operations.ts'
import type { DataTree } from './store/data-tree.ts'
import type { Proposals } from './writes/proposals.ts'

export interface LearnersNeighbours {
  zab: Pick<EnsembleTreeMessages, 'sync' | 'validated'>
  sessions: Pick<SessionsMessages, 'touch'>
}

export class Learners {
  readonly #data: DataTree
  readonly #proposals: Proposals
  readonly #to: LearnersNeighbours
  readonly #reader = new JuteReader()

  constructor(data: DataTree, proposals: Proposals, neighbours: LearnersNeighbours) {
    this.#data = data
    this.#proposals = proposals
    this.#to = neighbours
  }

  /** The data is at least long sessionId, int cxid, int type; the identities are a vector<Id>. */
  forwarded(link: Link, dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader
    const dataEnd = start + dataBytes
    reader.reset(bytes, start, dataEnd)
    const ownerHigh = reader.int()
    const ownerLow = reader.int()
    const cxid = reader.int()
    const opCode = reader.int()
    const at = reader.offset
    if (opCode === OpCode.sync) {
      this.#to.zab.sync(link)
      return
    }
    const id = sessionFrom(ownerHigh, ownerLow)
    const session = this.#data.sessions.get(id)
    if (opCode === OpCode.createSession) {
      const timeoutMs = dataEnd - at >= 4 ? Math.max(SESSION_TIMEOUT_MS.min, reader.int()) : 0
      // No honest learner asks for a session without an id.
      if (isSessionId(id)) this.#proposals.createSession(id, null, timeoutMs)
      return
    }
    reader.reset(bytes, dataEnd, end)
    const identities = readIds(reader) ?? []
    const by = { session, ownerHigh, ownerLow, identities }
    if (session === undefined) {
      this.#proposals.refuse(by, null, cxid, opCode, ErrorCode.sessionExpired)
    } else if (opCode === OpCode.closeSession) {
      this.#proposals.closeSession(session, null, cxid)
    } else if (WRITES.has(opCode)) {
      this.#proposals.request(by, link, null, cxid, opCode, bytes, at, dataEnd)
    } else {
      this.#proposals.refuse(by, null, cxid, opCode, ErrorCode.unimplemented)
    }
  }

  revalidation(link: Link, sessionId: SessionId, timeoutMs: number): void {
    const session = this.#data.sessions.get(sessionId)
    const valid = session !== undefined && !session.closing
    if (valid) {
      session.owner = link
      this.#to.sessions.touch(link, sessionId, timeoutMs)
    }
    this.#to.zab.validated(link, sessionId, valid)
  }
}
