// The audit log's memory: which writes of each connection wait for their replies, and who asked. A write
// whose connection ends before its reply was made is written down as `invoked`: nobody here knows what
// came of it.

import { userInfo } from 'node:os'
import type { Id } from '../../protocol/acl.ts'
import { formatSessionId, type SessionId } from '../../protocol/session-id.ts'
import type { ClientConnection } from '../net/client-connection.ts'
import type { HostClock } from '../thread/actor-host.ts'
import { type AuditEvent, type AuditResult, auditLine } from './audit-line.ts'
import { type AuditedRequest, auditedRequest, type Deed, outcomeOf } from './audited-request.ts'

export interface AuditOutput {
  /** Never waits, never throws. */
  write(line: string): void
  close(): void
}

interface Waiting {
  /** Which of the connection's requests it is. */
  readonly number: number
  readonly request: AuditedRequest
  readonly user: string
}

/** The operations that are no client's requests. */
const EPHEMERAL_GONE = 'ephemeralZNodeDeletionOnSessionCloseOrExpire'

export class AuditTrail {
  readonly #output: AuditOutput
  readonly #clock: HostClock
  readonly #waiting: Map<ClientConnection, Waiting[]> = new Map()
  readonly #serverUser: string = userInfo().username

  constructor(output: AuditOutput, clock: HostClock) {
    this.#output = output
    this.#clock = clock
  }

  /** A request that was counted by the connection just now. */
  asked(
    connection: ClientConnection,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const request = auditedRequest(opCode, bytes, start, end)
    if (request === null) return
    const all = this.#waiting.get(connection) ?? []
    const user = usersOf(connection.identities, connection.address)
    all.push({ number: connection.requests, request, user })
    this.#waiting.set(connection, all)
  }

  /** A reply that was counted by the connection just now. */
  answered(connection: ClientConnection, frame: Uint8Array, start: number, end: number): void {
    const all = this.#waiting.get(connection)
    if (all?.[0]?.number !== connection.replies) return
    const { request, user } = all.shift()!
    if (all.length === 0) this.#waiting.delete(connection)
    for (const deed of outcomeOf(request, frame, start, end)) {
      this.#write(connection, user, deed, deed.result)
    }
  }

  closed(connection: ClientConnection): void {
    for (const { request, user } of this.#waiting.get(connection) ?? []) {
      this.#write(connection, user, request.deed, 'invoked')
    }
    this.#waiting.delete(connection)
  }

  /** A session is over, and its nodes went with it. */
  ownedDeleted(sessionId: SessionId, paths: Iterable<string>): void {
    const session = formatSessionId(sessionId)
    for (const znode of paths) {
      this.#line({
        session,
        user: this.#serverUser,
        operation: EPHEMERAL_GONE,
        znode,
        result: 'success',
      })
    }
  }

  started(result: AuditResult): void {
    this.#line({ user: this.#serverUser, operation: 'serverStart', result })
  }

  /** The last line. */
  stopped(): void {
    this.#line({ user: this.#serverUser, operation: 'serverStop', result: 'invoked' })
    this.#output.close()
  }

  #write(
    { sessionId, address }: ClientConnection,
    user: string,
    { operation, znode, znode_type, acl }: Deed,
    result: AuditResult,
  ): void {
    this.#line({
      session: formatSessionId(sessionId),
      user,
      ip: address,
      operation,
      ...(znode !== undefined && { znode }),
      ...(znode_type !== undefined && { znode_type }),
      ...(acl !== undefined && { acl }),
      result,
    })
  }

  #line(event: AuditEvent): void {
    this.#output.write(auditLine(event, this.#clock.wallMs))
  }
}

/** Their names with commas between them, the address first (AuthUtil.getUsers); of a digest the part
 * that is no secret. */
function usersOf(identities: readonly Id[], address: string): string {
  const names = identities
    .filter(({ scheme }) => scheme !== 'super')
    .map(({ scheme, id }) => (scheme === 'digest' ? (id.split(':', 1)[0] ?? '') : id))
  return [...new Set([address, ...names])].filter((name) => name.trim() !== '').join(',')
}
