// Access control lists and identities as Jute carries them, and the bare permission check.

import type { JuteReader } from './bytes/jute-reader.ts'
import type { JuteWriter } from './bytes/jute-writer.ts'
import { utf8Bytes } from './bytes/text.ts'
import { Perm } from './op-code.ts'
import { startsWith } from './path.ts'

/** ustring scheme, ustring id */
export interface Id {
  readonly scheme: string
  readonly id: string
}

/** int perms, Id id */
export interface Acl {
  readonly perms: number
  readonly id: Id
}

export const ANYONE: Id = { scheme: 'world', id: 'anyone' }

/** world:anyone with every permission, by far the most common list. */
export const OPEN_ACL: readonly Acl[] = [{ perms: Perm.all, id: ANYONE }]
const OPEN_ACL_IMAGE = utf8Bytes('\0\0\0\x01\0\0\0\x1f\0\0\0\x05world\0\0\0\x06anyone')

export function writeId(writer: JuteWriter, id: Id): void {
  writer.string(id.scheme)
  writer.string(id.id)
}

export function readId(reader: JuteReader): Id {
  return { scheme: reader.string() ?? '', id: reader.string() ?? '' }
}

function writeAcl(writer: JuteWriter, acl: Acl): void {
  writer.int(acl.perms)
  writeId(writer, acl.id)
}

export function readAcl(reader: JuteReader): Acl {
  return { perms: reader.int(), id: readId(reader) }
}

const ACL_BYTES_MIN = 12

/** Null for a null vector. The open list is recognised without being parsed, and is always the same
 * object. */
export function readAcls(reader: JuteReader): readonly Acl[] | null {
  const { bytes, offset } = reader
  if (startsWith(bytes, offset, reader.end, OPEN_ACL_IMAGE)) {
    reader.skip(OPEN_ACL_IMAGE.length)
    return OPEN_ACL
  }
  return reader.vector(readAcl, ACL_BYTES_MIN)
}

export function writeAcls(writer: JuteWriter, acls: readonly Acl[] | null): void {
  if (acls === OPEN_ACL) writer.raw(OPEN_ACL_IMAGE, 0, OPEN_ACL_IMAGE.length)
  else writer.vector(acls, writeAcl)
}

export function readIds(reader: JuteReader): Id[] | null {
  return reader.vector(readId, 8)
}

/** Whether one of `identities` has one of the permissions in `perms` (ZooKeeperServer.checkACL). As
 * there, an empty or null list allows everything. */
export function permits(
  acls: readonly Acl[] | null,
  perms: number,
  identities: readonly Id[],
): boolean {
  if (acls === null || acls.length === 0) return true
  for (const identity of identities) if (identity.scheme === 'super') return true
  for (const acl of acls) {
    if ((acl.perms & perms) === 0) continue
    if (acl.id.scheme === 'world' && acl.id.id === 'anyone') return true
    for (const identity of identities) {
      if (identity.scheme === acl.id.scheme && matches(identity, acl.id)) return true
    }
  }
  return false
}

function matches(identity: Id, wanted: Id): boolean {
  if (identity.scheme === 'ip') return ipMatches(identity.id, wanted.id)
  // SASLAuthenticationProvider.matches: its user `super` is everybody.
  if (identity.scheme === 'sasl' && identity.id === 'super') return true
  return identity.id === wanted.id
}

/** `address[/bits]`, IPv4 or IPv6 (IPAuthenticationProvider). Nobody matches what is no pattern. */
export function ipMatches(address: string, pattern: string): boolean {
  const slash = pattern.indexOf('/')
  const target = addressBytes(slash < 0 ? pattern : pattern.slice(0, slash))
  const source = addressBytes(address)
  if (target === null || source === null || target.length !== source.length) return false
  const bits = slash < 0 ? target.length * 8 : prefixBits(pattern.slice(slash + 1), target)
  if (bits === null) return false
  for (let i = 0; i < bits; i++) {
    const mask = 0x80 >> (i & 7)
    if ((target[i >> 3]! & mask) !== (source[i >> 3]! & mask)) return false
  }
  return true
}

/** Whether `pattern` is an address, perhaps with a prefix length in range. */
export function isIpPattern(pattern: string): boolean {
  const slash = pattern.indexOf('/')
  const target = addressBytes(slash < 0 ? pattern : pattern.slice(0, slash))
  if (target === null) return false
  return slash < 0 || prefixBits(pattern.slice(slash + 1), target) !== null
}

/** How many bits count; null if the text is no number of bits that the address has. */
function prefixBits(text: string, { length }: readonly number[]): number | null {
  return /^\d{1,3}$/.test(text) && Number(text) <= length * 8 ? Number(text) : null
}

/** 4 or 16 bytes; null if the text is no address. */
export function addressBytes(text: string): number[] | null {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text)
}

function ipv4Bytes(text: string): number[] | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes: number[] = []
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return null
    bytes.push(Number(part))
  }
  return bytes
}

function ipv6Bytes(text: string): number[] | null {
  const halves = (text.split('%')[0] ?? '').split('::')
  if (halves.length > 2) return null
  const head = groupsOf(halves[0] ?? '')
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : []
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return groups.flatMap((group) => [group >> 8, group & 0xff])
}

/** Groups of sixteen bits. An IPv4 address at the end makes two. */
function groupsOf(text: string): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    if (part.includes('.')) {
      const ipv4 = ipv4Bytes(part)
      if (ipv4 === null) return null
      groups.push((ipv4[0]! << 8) | ipv4[1]!, (ipv4[2]! << 8) | ipv4[3]!)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}
