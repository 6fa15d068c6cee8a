// Which session owns which nodes: the tree's part of the operator's `dump`.

import type { EphemeralDump } from '../../protocol/messages/queries.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import type { DataTree } from './data-tree.ts'

export function ephemeralDump(data: DataTree): EphemeralDump {
  const dump: EphemeralDump = []
  for (const { id, ephemerals } of data.sessions.all()) {
    if (ephemerals.size === 0) continue
    const paths = [...ephemerals].map((node) => data.path(node))
    dump.push([formatSessionId(id).slice(2), paths])
  }
  return dump
}
