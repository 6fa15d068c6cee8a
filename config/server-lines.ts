// The members of an ensemble as the configuration names them:
//
//   server.N=host:port:electionPort[:role][|host:port:electionPort[:role]...][;[address:]port]
//
// with role participant or observer, and the client's address behind the semicolon. IPv6 addresses
// stand in brackets.

export interface ServerLine {
  readonly id: number
  readonly role: 'participant' | 'observer'
  /** Null when the line does not say. */
  readonly clientPort: number | null
  readonly clientAddress: string | null
}

/** Ends the sentence "must be ...". */
export const SERVER_LINE_ALLOWED =
  'host:port:electionPort, perhaps with :observer, and perhaps with ;clientPort'

const HOST = String.raw`(?:\[[0-9a-fA-F:.%]+\]|[^:;|\[\]\s]+)`
const MEMBER = new RegExp(`^${HOST}:(\\d{1,5}):(\\d{1,5})(?::(participant|observer))?$`, 'i')
const CLIENT = new RegExp(`^(?:(${HOST}):)?(\\d{1,5})$`)

/** Whether the key is that of a member or of the groups and weights of members. */
export function isMembershipKey(key: string): boolean {
  return key.startsWith('server.') || key.startsWith('group') || key.startsWith('weight')
}

/** Undefined when the line is none. */
export function parseServerLine(key: string, value: string): ServerLine | undefined {
  const id = /^server\.(\d{1,3})$/.exec(key)?.[1]
  const [members = '', client = '', ...others] = value.replace(/\s/g, '').split(';')
  if (id === undefined || Number(id) > 255 || others.length > 1) return undefined
  const roles = members.split('|').map(roleOf)
  const [role] = roles
  if (role === undefined || roles.some((other) => other !== role)) return undefined
  if (client === '') return { id: Number(id), role, clientPort: null, clientAddress: null }
  const match = CLIENT.exec(client)
  if (match === null || !isPort(match[2])) return undefined
  const address = match[1]?.replace(/^\[|\]$/g, '') ?? null
  return { id: Number(id), role, clientPort: Number(match[2]), clientAddress: address }
}

function roleOf(member: string): ServerLine['role'] | undefined {
  const match = MEMBER.exec(member)
  if (match === null) return undefined
  const [, port, electionPort, role = 'participant'] = match
  if (!isPort(port) || !isPort(electionPort) || port === electionPort) return undefined
  return role.toLowerCase() === 'observer' ? 'observer' : 'participant'
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && Number(text) >= 1 && Number(text) <= 65_535
}
