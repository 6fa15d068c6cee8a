// A member of an ensemble, as configuration files and /zookeeper/config name it:
//
//   server.N=host:port:electionPort[:role][|host:port:electionPort[:role]...][;[address:]port]
//
// The role is participant or observer; the clients' address is behind the semicolon. IPv6 addresses
// are in brackets. An empty host is this machine, as in Java (InetAddress.getByName).

import type { Member, MemberAddress } from './member.ts'

export interface ServerLine extends Member {
  /** Something follows a second semicolon: a port for TLS. */
  readonly secure: boolean
}

/** Completes the sentence "must be ...". */
export const SERVER_LINE_ALLOWED =
  'host:port:electionPort, perhaps with :observer, and perhaps with ;clientPort'

const HOST = String.raw`(?:\[[0-9a-zA-Z:.%_-]*\]|[^:;|\[\]\s]*)`
const MEMBER = new RegExp(`^(${HOST}):(\\d{1,5}):(\\d{1,5})(?::(participant|observer))?$`, 'i')
const CLIENT = new RegExp(`^(?:(${HOST}):)?(\\d{1,5})$`)
const EMPTY_HOST = /(?:^|[|;])(?:\[\])?:/
const WILDCARD = '0.0.0.0'
const LOOPBACK = 'localhost'
const PORT_MAX = 65_535

/** Whether the key is that of a member, or of members' groups and weights. */
export function isMembershipKey(key: string): boolean {
  return key.startsWith('server.') || key.startsWith('group') || key.startsWith('weight')
}

/** Undefined if this is no such line. */
export function parseServerLine(id: number, value: string): ServerLine | undefined {
  const [members = '', client = '', ...others] = value.replace(/\s/g, '').split(';')
  if (others.length > 1) return undefined
  const parts = members.split('|').map(parseAddress)
  const [first] = parts
  if (first === undefined) return undefined
  const addresses: MemberAddress[] = []
  // As with ZooKeeper, addresses of one member may leave the role to others that give it.
  let role: Member['role'] | null = null
  for (const part of parts) {
    if (part === undefined) return undefined
    if (role !== null && part.role !== null && part.role !== role) return undefined
    role ??= part.role
    addresses.push(part.address)
  }
  const where = parseClient(client)
  if (where === undefined) return undefined
  const secure = (others[0] ?? '') !== ''
  return { id, role: role ?? 'participant', addresses, ...where, secure }
}

function parseAddress(
  text: string,
): { address: MemberAddress; role: Member['role'] | null } | undefined {
  const match = MEMBER.exec(text)
  if (match === null) return undefined
  const [, host = '', port, electionPort, role] = match
  if (!isPort(port) || !isPort(electionPort) || port === electionPort) return undefined
  const [quorum, election] = [Number(port), Number(electionPort)]
  return {
    address: { host: hostOf(host), quorumPort: quorum, electionPort: election },
    role:
      role === undefined ? null : role.toLowerCase() === 'observer' ? 'observer' : 'participant',
  }
}

function parseClient(text: string): Pick<Member, 'clientHost' | 'clientPort'> | undefined {
  if (text === '') return { clientHost: null, clientPort: null }
  const match = CLIENT.exec(text)
  if (match === null || Number(match[2]) > PORT_MAX) return undefined
  return { clientHost: hostOf(match[1] ?? WILDCARD), clientPort: Number(match[2]) }
}

/** Whether one of the line's hosts is empty. */
export function lacksHost(value: string): boolean {
  return EMPTY_HOST.test(value.replace(/\s/g, ''))
}

/** Without the brackets. */
function hostOf(text: string): string {
  const host = text.replace(/^\[|\]$/g, '')
  return host === '' ? LOOPBACK : host
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && Number(text) >= 1 && Number(text) <= PORT_MAX
}

/** Whether an address to listen on means all addresses. */
export function isWildcard(host: string): boolean {
  return host === WILDCARD || /^[0:]+$/.test(host)
}
