// Questions to actors, about what only they know (protocol/messages/queries.ts).

import { decodeControl } from '../../protocol/control.ts'
import type { Query } from '../../protocol/messages/queries.ts'
import { type SessionId, sessionIdOf } from '../../protocol/session-id.ts'
import type { ListPart } from './parts.ts'
import type { ReportSource } from './source.ts'

/** The answer, part by part. Parts that say nothing yet are skipped. */
export async function* askParts<T>(
  { network }: Pick<ReportSource, 'network'>,
  query: Query,
  of: 'tree' | 'sessions' = 'tree',
): AsyncGenerator<T> {
  for await (const bytes of network.query(query, of)) {
    const part = decodeControl(bytes) as T | null
    if (part !== null) yield part
  }
}

/** The first part, for answers that have no more. */
export async function ask<T>(source: Pick<ReportSource, 'network'>, query: Query): Promise<T> {
  for await (const part of askParts<T>(source, query)) return part
  throw new Error('a question without an answer')
}

export function sessionIdFrom(hex: string): SessionId {
  return sessionIdOf(BigInt(`0x${hex}`))
}

/** An actor's lists of paths, by session. */
export function pathsBySession(
  lists: readonly (readonly [sessionIdHex: string, paths: string[]])[],
): ListPart<SessionId, string>[] {
  return lists.map(([hex, items]) => ({ name: sessionIdFrom(hex), items }))
}
