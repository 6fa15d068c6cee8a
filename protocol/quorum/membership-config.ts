// Who the members of an ensemble are, and how their votes count; and the text of /zookeeper/config
// that says so, byte for byte as ZooKeeper prints it (QuorumMaj.toString,
// QuorumHierarchical.toString, QuorumServer.toString). Peers send this text with their votes, and
// clients read their servers from it.
//
//   server.1=host:2888:3888:participant;0.0.0.0:2181
//   group.1=1:2:3
//   weight.1=1
//   version=0
//
// A client address that only `clientPort` gives is not part of it.

import { MalformedError } from '../bytes/jute-reader.ts'
import type { Member, MemberAddress } from './member.ts'
import { type ServerId, serverIdIn } from './server-id.ts'
import { parseServerLine } from './server-line.ts'

export type { Member, MemberAddress }

export interface MembershipConfig {
  /** The zxid of the transaction that made it; 0 for what a configuration file says, unless the
   * dynamic file's name ends in a version. */
  readonly version: bigint
  /** By id. */
  readonly members: readonly Member[]
  /** Groups by their numbers. Each participant is in exactly one. An id that never votes may be
   * there, if it has a weight of its own. Empty: majorities decide. */
  readonly groups: ReadonlyMap<number, readonly ServerId[]>
  /** As written. A participant without an entry has weight 1. Empty without groups. */
  readonly weights: ReadonlyMap<ServerId, number>
}

/** Without a line end. The version is in hexadecimal. */
export function membershipText({ version, members, groups, weights }: MembershipConfig): string {
  const byId = new Map(members.map((member) => [member.id, member]))
  const lines = inHashOrder(byId.keys()).map((id) => `server.${id}=${memberText(byId.get(id))}`)
  if (groups.size > 0) lines.push(...groupLines(byId, groups, weights))
  return [...lines, `version=${BigInt.asUintN(64, version).toString(16)}`].join('\n')
}

/** Participants without a weight of their own are printed with weight 1. */
function groupLines(
  byId: ReadonlyMap<number, Member>,
  groups: MembershipConfig['groups'],
  weights: MembershipConfig['weights'],
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

/** Reads what `membershipText` prints. Lines with other keys are skipped, as ZooKeeper skips them.
 * Throws a MalformedError that names the line. */
export function readMembership(text: string): MembershipConfig {
  const members: Member[] = []
  const groups = new Map<number, readonly ServerId[]>()
  const weights = new Map<ServerId, number>()
  let version = 0n
  for (const line of text.split('\n')) {
    const [, kind, number = '', value = ''] = LINE.exec(line) ?? []
    if (kind === 'server') {
      const { secure: _, ...member } = parseServerLine(idIn(number, line), value) ?? refuse(line)
      members.push(member)
    } else if (kind === 'group') {
      const ids = value.split(':').map((id) => idIn(id, line))
      groups.set(idIn(number, line), ids)
    } else if (kind === 'weight') {
      weights.set(idIn(number, line), idIn(value, line))
    } else if (line.startsWith(VERSION)) {
      version = versionIn(line)
    }
  }
  members.sort((a, b) => a.id - b.id)
  if (!members.some(({ role }) => role === 'participant')) refuse('no participant')
  return { version, members, groups, weights }
}

const LINE = /^(server|group|weight)\.(\d+)=(.*)$/
const VERSION = 'version='

function idIn(text: string, line: string): ServerId {
  return serverIdIn(text) ?? refuse(line)
}

function versionIn(line: string): bigint {
  const hex = line.slice(VERSION.length)
  return /^[0-9a-f]{1,16}$/i.test(hex) ? BigInt.asIntN(64, BigInt(`0x${hex}`)) : refuse(line)
}

function refuse(line: string): never {
  throw new MalformedError(`a line of the membership: ${line.slice(0, SHOWN_MAX)}`)
}

/** Characters. */
const SHOWN_MAX = 100

function memberText(member: Member | undefined): string {
  if (member === undefined) return ''
  const { addresses, role, clientHost, clientPort } = member
  // By the host's text, compared as in Java, and so as in JavaScript.
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

/** The order in which Java's HashMap gives out small keys: by bucket. Among keys of one bucket
 * Java's order depends on the history of the table; here it is by number. */
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
