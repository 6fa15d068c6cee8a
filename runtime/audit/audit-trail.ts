// The audit log: remembers the writes of each connection until their replies, and then writes their
// lines. If a connection ends before the reply, the line says `invoked`: this server does not know
// what came of the write.

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
  /** Resolves when all lines are where they belong, or cannot get there. Takes a few seconds at most.
   * Lines that come later are lost. */
  close(): Promise<void>
}

interface Waiting {
  /** Which of the connection's requests it is. */
  readonly number: number
  readonly request: AuditedRequest
  readonly user: string
}

/** The operation of a node that is deleted because its session is over; no client asked for it. */
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

  /** Call this right after the connection has counted the request. */
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

  /** Call this right after the connection has counted the reply. */
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

  /** A session is over, and its ephemeral nodes have been deleted. */
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

  /** Writes the last line and closes the output; see AuditOutput. */
  stopped(): Promise<void> {
    this.#line({ user: this.#serverUser, operation: 'serverStop', result: 'invoked' })
    return this.close()
  }

  close(): Promise<void> {
    return this.#output.close()
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

/** The names of all identities with commas between them, the address first (AuthUtil.getUsers). Of
 * a digest only the user's name is shown, not the hash. */
function usersOf(identities: readonly Id[], address: string): string {
  const names = identities
    .filter(({ scheme }) => scheme !== 'super')
    .map(({ scheme, id }) => (scheme === 'digest' ? (id.split(':', 1)[0] ?? '') : id))
  return [...new Set([address, ...names])].filter((name) => name.trim() !== '').join(',')
}
