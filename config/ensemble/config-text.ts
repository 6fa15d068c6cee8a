// The text of /zookeeper/config, byte for byte as ZooKeeper prints it (QuorumMaj.toString,
// QuorumHierarchical.toString, QuorumServer.toString): peers send it with their votes, and clients
// read their servers from it.
//
//   server.1=host:2888:3888:participant;0.0.0.0:2181
//   group.1=1:2:3
//   weight.1=1
//   version=0
//
// A client's address that only `clientPort` names is not part of it.

import type { EnsembleOptions, Member } from './ensemble.ts'

type Membership = Pick<EnsembleOptions, 'members' | 'groups' | 'weights'>

/** Without a line's end. The version is written in hexadecimal. */
export function configText(membership: Membership, version: bigint): string {
  const { members, groups, weights } = membership
  const byId = new Map(members.map((member) => [member.id, member]))
  const lines = inHashOrder(byId.keys()).map((id) => `server.${id}=${memberText(byId.get(id))}`)
  if (groups.size > 0) lines.push(...groupLines(byId, groups, weights))
  return [...lines, `version=${BigInt.asUintN(64, version).toString(16)}`].join('\n')
}

/** Participants without a weight of their own are printed with 1. */
function groupLines(
  byId: ReadonlyMap<number, Member>,
  groups: Membership['groups'],
  weights: Membership['weights'],
): string[] {
  const groupOf = new Map<number, number>()
  for (const [group, ids] of groups) for (const id of ids) groupOf.set(id, group)
  const sorted = inHashOrder(groupOf.keys())
  const allWeights = new Map(weights)
  for (const { id, role } of byId.values()) {
    if (role === 'participant' && !allWeights.has(id)) allWeights.set(id, 1)
  }
  return [
    ...inHashOrder(groups.keys()).map(
      (group) => `group.${group}=${sorted.filter((id) => groupOf.get(id) === group).join(':')}`,
    ),
    ...inHashOrder(allWeights.keys()).map((id) => `weight.${id}=${allWeights.get(id)}`),
  ]
}

function memberText(member: Member | undefined): string {
  if (member === undefined) return ''
  const { addresses, role, clientHost, clientPort } = member
  // By the text of the host as Java compares it, which is how JavaScript does.
  const sorted = [...addresses].sort((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0))
  const where = sorted.map(
    ({ host, quorumPort, electionPort }) => `${bracketed(host)}:${quorumPort}:${electionPort}`,
  )
  const client = clientPort === null ? '' : `;${bracketed(clientHost ?? '0.0.0.0')}:${clientPort}`
  return `${where.join('|')}:${role}${client}`
}

/** An IPv6 address in its brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

const TABLE_MIN = 16
const LOAD = 0.75
const WORD = 0x1_0000_0000

/** The order in which Java's HashMap gives out small keys: by bucket. Of keys that share a bucket
 * Java's order depends on the file's own hashing; here it is by number. */
function inHashOrder(keys: Iterable<number>): number[] {
  const sorted = [...keys].sort((a, b) => a - b)
  let table = TABLE_MIN
  while (sorted.length > table * LOAD) table *= 2
  const bucket = (key: number): number => {
    const hash = key ^ Math.floor(key / WORD)
    return (hash ^ (hash >>> 16)) & (table - 1)
  }
  return sorted.sort((a, b) => bucket(a) - bucket(b) || a - b)
}
