// What the tree answers to the operator's questions (protocol/messages/queries.ts).

import { encodeControl } from '../../protocol/control.ts'
import { type EphemeralDump, Query } from '../../protocol/messages/queries.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import type { DataTree } from './data-tree.ts'
import type { DigestAudit } from './digest-audit.ts'

/** Msgpack; null when the question is another actor's. */
export function answerQuery(kind: number, data: DataTree, audit: DigestAudit): Uint8Array | null {
  if (kind === Query.ephemerals) return encodeControl(ephemeralDump(data))
  return kind === Query.digests ? encodeControl(audit.history) : null
}

function ephemeralDump(data: DataTree): EphemeralDump {
  const dump: EphemeralDump = []
  for (const { id, ephemerals } of data.sessions.all()) {
    if (ephemerals.size === 0) continue
    const paths = [...ephemerals].map((node) => data.path(node))
    dump.push([formatSessionId(id).slice(2), paths])
  }
  return dump
}
