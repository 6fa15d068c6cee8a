// What a reconfig request makes of a configuration, in ZooKeeper's order of checks
// (PrepRequestProcessor.pRequest2Txn, QuorumPeerConfig.parseDynamicConfig). Whether it would find a
// quorum is for others to say.

import { ErrorCode } from '../error-code.ts'
import type { ReconfigRequest } from '../records/reconfig.ts'
import type { Member, MembershipConfig } from './membership-config.ts'
import { type ServerId, serverIdIn } from './server-id.ts'
import { isWildcard, parseServerLine } from './server-line.ts'

export interface ChangeOptions {
  /** Whether a single participant would be a server of its own. */
  readonly standaloneEnabled: boolean
  readonly multiAddressEnabled: boolean
}

/** The configuration that follows, or why there is none. It has the version of the present one. */
export function changed(
  current: MembershipConfig,
  request: ReconfigRequest,
  options: ChangeOptions,
): MembershipConfig | ErrorCode {
  const { newMembers } = request
  const next =
    newMembers === null
      ? incremental(current, request, options)
      : whole(current.version, newMembers, options)
  if (typeof next === 'number') return next
  const voters = next.members.filter(({ role }) => role === 'participant')
  const votersMin = options.standaloneEnabled ? 2 : 1
  return voters.length < votersMin ? ErrorCode.badArguments : next
}

/** Java's StringUtils.split: blanks around a part do not belong to it, empty parts are left out. */
function parts(text: string | null, separator: string): string[] {
  return (text ?? '')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function incremental(
  { version, members, groups }: MembershipConfig,
  { joiningServers, leavingServers }: ReconfigRequest,
  options: ChangeOptions,
): MembershipConfig | ErrorCode {
  // With groups and weights only a whole configuration says who weighs what.
  if (groups.size > 0) return ErrorCode.badArguments
  const next = new Map(members.map((member) => [member.id, member]))
  for (const leaving of parts(leavingServers, ',')) {
    if (!/^[+-]?\d{1,19}$/.test(leaving)) return ErrorCode.marshallingError
    next.delete(Number(leaving))
  }
  for (const joiner of parts(joiningServers, ',')) {
    const member = memberIn(joiner, options)
    if (typeof member === 'number') return member
    if (member.clientPort === null) return ErrorCode.badArguments
    for (const other of next.values()) {
      if (other.id !== member.id && shareAddress(member, other)) return ErrorCode.badArguments
    }
    next.set(member.id, member)
  }
  const byId = [...next.values()].sort((a, b) => a.id - b.id)
  return { version, members: byId, groups: new Map(), weights: new Map() }
}

/** server.N=spec */
function memberIn(line: string, options: ChangeOptions): Member | ErrorCode {
  const [name, spec, ...more] = parts(line, '=')
  if (name === undefined || spec === undefined || more.length > 0) return ErrorCode.badArguments
  const id = serverIdIn(name.slice(name.lastIndexOf('.') + 1))
  // Java's number format is no error of the configuration.
  if (id === null) return ErrorCode.marshallingError
  return memberOf(id, spec, options)
}

function memberOf(
  id: ServerId,
  spec: string,
  { multiAddressEnabled }: ChangeOptions,
): Member | ErrorCode {
  const parsed = parseServerLine(id, spec)
  if (parsed === undefined) return ErrorCode.badArguments
  if (parsed.addresses.length > 1 && !multiAddressEnabled) return ErrorCode.badArguments
  const { secure: _, ...member } = parsed
  return member
}

/** QuorumServer.checkAddressDuplicate: the wildcard and the loopback are each server's own. */
function shareAddress(a: Member, b: Member): boolean {
  const own = new Set(placesOf(a))
  return placesOf(b).some((place) => own.has(place))
}

const LOOPBACK = /^(?:localhost|127\.[\d.]+|::1)$/i

function placesOf({ addresses, clientHost, clientPort }: Member): string[] {
  const places = addresses.flatMap(({ host, quorumPort, electionPort }) => [
    { host, port: quorumPort },
    { host, port: electionPort },
  ])
  if (clientHost !== null && clientPort !== null) {
    places.push({ host: clientHost, port: clientPort })
  }
  return places
    .filter(({ host }) => !isWildcard(host) && !LOOPBACK.test(host))
    .map(({ host, port }) => `${host.toLowerCase()} ${port}`)
}

const LINE = /^\s*(server\.|group|weight|version)([^=:\s]*)\s*[=:\s]\s*(.*?)\s*$/

/** Lines, or what commas separate. */
function whole(
  version: bigint,
  text: string,
  options: ChangeOptions,
): MembershipConfig | ErrorCode {
  const members = new Map<ServerId, Member>()
  const groups = new Map<number, readonly ServerId[]>()
  const weights = new Map<ServerId, number>()
  for (const line of text.split(/[,\n\r]/)) {
    if (/^\s*([#!].*)?$/.test(line)) continue
    const [, kind, rest = '', value = ''] = LINE.exec(line) ?? []
    if (kind === undefined) return ErrorCode.badArguments
    if (kind === 'version') continue
    const id = serverIdIn(kind === 'server.' ? rest : rest.replace(/^\./, ''))
    if (id === null) return ErrorCode.marshallingError
    if (kind === 'server.') {
      const member = memberOf(id, value, options)
      if (typeof member === 'number') return member
      members.set(id, member)
    } else if (kind === 'group') {
      const ids = value.split(':').map((part) => serverIdIn(part.trim()))
      if (ids.some((one) => one === null)) return ErrorCode.marshallingError
      groups.set(id, ids as ServerId[])
    } else {
      const weight = serverIdIn(value)
      if (weight === null) return ErrorCode.marshallingError
      weights.set(id, weight)
    }
  }
  const byId = [...members.values()].sort((a, b) => a.id - b.id)
  const next = { version, members: byId, groups, weights }
  return mayDecide(next, options) ?? next
}

/** Null, or what is wrong with who decides. */
function mayDecide(
  { members, groups, weights }: MembershipConfig,
  { standaloneEnabled }: ChangeOptions,
): ErrorCode | null {
  const voters = members.filter(({ role }) => role === 'participant').map(({ id }) => id)
  const observers = members.length - voters.length
  // These are illegal arguments in Java, and no errors of the configuration.
  if (voters.length === 0 && (observers > 0 || !standaloneEnabled))
    return ErrorCode.marshallingError
  if (voters.length === 1 && standaloneEnabled && observers > 0) return ErrorCode.marshallingError
  if (groups.size === 0) return weights.size === 0 ? null : ErrorCode.badArguments
  const grouped = [...groups.values()].flat()
  const isOnce = new Set(grouped).size === grouped.length
  const areVoters = grouped.every((id) => voters.includes(id))
  const isEverybody = voters.every((id) => grouped.includes(id))
  const hasWeight = grouped.some((id) => weights.get(id) !== 0)
  return isOnce && areVoters && isEverybody && hasWeight ? null : ErrorCode.badArguments
}
