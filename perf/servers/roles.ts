// Roles that have ended, by the servers' own logs: a leader that stops leading, and a follower that stops
// following, is one each.

import type { Member } from '../ensemble/member.ts'
import type { ServerKind } from './servers.ts'

/** Said once for each role that ends. */
const ROLE_ENDED: Readonly<Record<ServerKind, RegExp>> = {
  ringkeeper: /"role-ended"/,
  apache: /QuorumPeer - LOOKING$/,
  canned: /never/,
}

/** What the members that still have their lines said of it, and which. */
export function rolesEnded(kind: ServerKind, members: readonly Member[]): string[] {
  return members.flatMap(({ id, lines }) =>
    lines.filter((line) => ROLE_ENDED[kind].test(line)).map((line) => `server ${id}: ${line}`),
  )
}
