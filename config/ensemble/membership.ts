// From server, group and weight lines to the members of an ensemble, or to a standalone server. The
// rules are those of ZooKeeper's QuorumPeerConfig, but mistakes that ZooKeeper would run into later
// are reported at once.

import type { Member, MembershipConfig } from '../../protocol/quorum/membership-config.ts'
import { serverIdIn } from '../../protocol/quorum/server-id.ts'
import {
  lacksHost,
  parseServerLine,
  SERVER_LINE_ALLOWED,
  type ServerLine,
} from '../../protocol/quorum/server-line.ts'
import type { Findings } from '../configuration.ts'
import type { PropertySource } from '../java/flags.ts'
import type { Inputs } from '../settings/registry.ts'
import { SERVER_ID_ALLOWED } from './server-ids.ts'

/** ZooKeeper accepts negative weights, too. With them, two quorums need not share a server: with
 * weights -1, 1 and 1, each of the latter two servers is a quorum on its own. */
const WEIGHT_ALLOWED = `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`

/** What the lines say, each checked on its own. */
export class MembershipLines {
  readonly members: ServerLine[] = []
  readonly groups: Map<number, readonly number[]> = new Map()
  readonly weights: Map<number, number> = new Map()
  readonly #origins: Map<number, string> = new Map()
  readonly #findings: Findings

  constructor(findings: Findings) {
    this.#findings = findings
  }

  get isEmpty(): boolean {
    return this.members.length === 0 && this.groups.size === 0 && this.weights.size === 0
  }

  add(source: PropertySource): void {
    if (source.name.startsWith('server.')) this.#addMember(source)
    else if (source.name.startsWith('group')) this.#addGroup(source)
    else this.#addWeight(source)
  }

  /** Where the member's line is. */
  originOf(id: number): string {
    return this.#origins.get(id) ?? `server.${id}`
  }

  #addMember({ name, value, origin }: PropertySource): void {
    const id = serverIdIn(name.slice('server.'.length))
    if (id === null) {
      this.#findings.problem(`${origin}: ${name}: the id must be ${SERVER_ID_ALLOWED}`)
      return
    }
    const line = parseServerLine(id, value)
    if (line === undefined) {
      this.#findings.problem(`${origin}: ${name}=${value}: must be ${SERVER_LINE_ALLOWED}`)
      return
    }
    const earlier = this.#origins.get(line.id)
    if (earlier !== undefined) {
      this.#findings.problem(
        `${origin}: ${name}: server ${line.id} is defined already (${earlier})`,
      )
      return
    }
    this.#origins.set(line.id, origin)
    this.members.push(line)
    if (lacksHost(value)) {
      this.#findings.warn(
        `${origin}: ${name}=${value}: an empty host means localhost, as with ZooKeeper: no other machine ` +
          'reaches it',
      )
    }
    if (line.secure) {
      this.#findings.warn(
        `${origin}: ${name}: its port for TLS has no effect: set secureClientPort`,
      )
    }
  }

  #addGroup({ name, value, origin }: PropertySource): void {
    const number = serverIdIn(/^group\.(.*)$/.exec(name)?.[1] ?? '')
    const ids = value.split(':').map((text) => serverIdIn(text.trim()))
    if (number === null || ids.some((id) => id === null)) {
      this.#findings.problem(
        `${origin}: ${name}=${value}: must be group.N=id:id:..., an id ${SERVER_ID_ALLOWED}`,
      )
    } else {
      this.groups.set(number, ids as number[])
    }
  }

  #addWeight({ name, value, origin }: PropertySource): void {
    const id = serverIdIn(/^weight\.(.*)$/.exec(name)?.[1] ?? '')
    // It has the same range as an id.
    const weight = serverIdIn(value)
    if (id === null) {
      this.#findings.problem(
        `${origin}: ${name}=${value}: must be weight.ID=number, the id ${SERVER_ID_ALLOWED}`,
      )
    } else if (weight === null) {
      this.#findings.problem(`${origin}: ${name}=${value}: must be ${WEIGHT_ALLOWED}`)
    } else this.weights.set(id, weight)
  }
}

/** The version is in the name of a file. */
export type Membership = Omit<MembershipConfig, 'version'>

/** The members by id, and how they decide. Null for a standalone server, and after a problem. */
export function membershipOf(
  path: string,
  lines: MembershipLines,
  inputs: Pick<Inputs, 'standaloneEnabled'>,
  findings: Findings,
): Membership | null {
  const members = lines.members
    .map(({ secure: _, ...member }): Member => member)
    .sort((a, b) => a.id - b.id)
  const voters = members.filter(({ role }) => role === 'participant')
  const known = findings.problems.length
  checkGroups(path, members, lines, findings)
  if (voters.length === 0) {
    checkVoterless(path, members.length, inputs, findings)
    return null
  }
  if (voters.length === 1 && inputs.standaloneEnabled) {
    const observers = members.filter(({ role }) => role === 'observer').map(({ id }) => id)
    if (observers.length > 0) {
      findings.problem(
        `${path}: a single participant cannot have observers (${observers.join(', ')}): add ` +
          'participants, or set standaloneEnabled=false',
      )
    }
    return null
  }
  if (voters.length <= 2) {
    findings.warn(
      `${path}: no server failure will be tolerated; you need at least 3 participants ` +
        `(there ${voters.length === 1 ? 'is 1' : 'are 2'})`,
    )
  } else if (voters.length % 2 === 0) {
    findings.warn(
      `${path}: ${voters.length} participants tolerate no more failures than ` +
        `${voters.length - 1}; consider an odd number`,
    )
  }
  checkIds(path, members, findings)
  checkAddresses(members, lines, findings)
  if (findings.problems.length > known) return null
  return { members, groups: new Map(lines.groups), weights: new Map(lines.weights) }
}

function checkVoterless(
  path: string,
  observers: number,
  { standaloneEnabled }: Pick<Inputs, 'standaloneEnabled'>,
  findings: Findings,
): void {
  if (observers > 0) {
    findings.problem(`${path}: an observer needs participants, and there are none`)
  } else if (!standaloneEnabled) {
    findings.problem(
      `${path}: standaloneEnabled=false, but there is no server.N line with a participant`,
    )
  }
}

/** Session ids contain the last byte of their server's id. */
function checkIds(path: string, members: readonly Member[], findings: Findings): void {
  const byByte = new Map<number, number>()
  for (const { id } of members) {
    const other = byByte.get(id % 256)
    if (other === undefined) byByte.set(id % 256, id)
    else {
      findings.warn(
        `${path}: server.${other} and server.${id} give session ids from the same range, because ` +
          'their own ids end in the same byte: two sessions may get the same id',
      )
    }
  }
}

/** If there is any group or weight, each participant must be in exactly one group. */
function checkGroups(
  path: string,
  members: readonly Member[],
  lines: MembershipLines,
  findings: Findings,
): void {
  const { groups, weights } = lines
  if (groups.size === 0 && weights.size === 0) return
  const roles = new Map(members.map(({ id, role }) => [id, role]))
  const groupOf = new Map<number, number>()
  for (const [group, ids] of groups) {
    for (const id of ids) {
      const other = groupOf.get(id)
      groupOf.set(id, group)
      if (other !== undefined) {
        const where = other === group ? `twice in group.${group}` : `in group.${other} too`
        findings.problem(
          `${path}: group.${group}: server ${id} is ${where}; a server belongs to one group`,
        )
      } else if (roles.get(id) !== 'participant') {
        const role = roles.get(id) === undefined ? 'is not there' : 'is an observer'
        const text = `${path}: group.${group}: server ${id} ${role} and never votes`
        // If it has a weight, it counts in the group all the same. If not, ZooKeeper does not
        // start.
        if (weights.has(id)) findings.warn(`${text}, but its weight counts`)
        else findings.problem(text)
      }
    }
  }
  for (const [id, role] of roles) {
    if (role === 'participant' && !groupOf.has(id)) {
      findings.problem(`${path}: server ${id} is in no group, but every participant must be in one`)
    }
  }
  for (const [group, ids] of groups) {
    // Java's sum would overflow; then fewer servers would be a quorum than all of them.
    if (ids.reduce((sum, id) => sum + (weights.get(id) ?? 1), 0) > Number.MAX_SAFE_INTEGER) {
      findings.problem(`${path}: group.${group}: the weights are too large to be added up`)
    }
  }
  for (const id of weights.keys()) {
    if (!roles.has(id)) findings.warn(`${path}: weight.${id}: there is no server.${id}`)
  }
  if (groups.size > 0 && [...groupOf.keys()].every((id) => weights.get(id) === 0)) {
    findings.problem(`${path}: every weight is 0, so nothing could ever be decided`)
  }
}

/** No two servers may listen on the same port, and no server on one port for two purposes. */
function checkAddresses(
  members: readonly Member[],
  lines: MembershipLines,
  findings: Findings,
): void {
  const taken = new Map<string, string>()
  const take = (id: number, host: string, port: number): void => {
    const place = `${host.toLowerCase()} port ${port}`
    const owner = taken.get(place)
    if (owner === undefined) taken.set(place, `server.${id}`)
    else findings.warn(`${lines.originOf(id)}: server.${id}: ${place} belongs to ${owner} already`)
  }
  for (const { id, addresses, clientHost, clientPort } of members) {
    for (const { host, quorumPort, electionPort } of addresses) {
      take(id, host, quorumPort)
      take(id, host, electionPort)
    }
    // The wildcard address is each member's own. Only addresses that are written out can be the
    // same.
    const isOwn = addresses.some(({ host }) => host === clientHost)
    if (isOwn && clientHost !== null && clientPort !== null) take(id, clientHost, clientPort)
  }
}
