// Reads what the audit log says about a client's write: from the request when it comes, and from
// the reply when it leaves (AuditHelper).

import { type Acl, readAcls } from '../../protocol/acl.ts'
import { JuteReader, MalformedError } from '../../protocol/bytes/jute-reader.ts'
import { CreateMode, OpCode, Perm } from '../../protocol/op-code.ts'
import { readCreateRequest } from '../../protocol/records/create.ts'
import { type MultiOp, readMultiRequest } from '../../protocol/records/multi.ts'
import { readMultiHeader } from '../../protocol/records/multi-header.ts'
import { readStat } from '../../protocol/stat.ts'
import type { AuditEvent, AuditResult } from './audit-line.ts'

/** What was done, and to which node. */
export type Deed = Pick<AuditEvent, 'operation' | 'znode' | 'znode_type' | 'acl'>

export interface AuditedRequest {
  readonly opCode: number
  /** What the line says if the request fails, or if its outcome is not known. */
  readonly deed: Deed
  /** The operations of a multi, null for those that are not audited; otherwise empty. */
  readonly parts: readonly (Deed | null)[]
}

/** Offsets in a reply's frame: length, xid, zxid, error, then the body. */
const ERROR_AT = 16
const BODY_AT = 20

const OPERATIONS: ReadonlyMap<number, string> = new Map<number, string>([
  [OpCode.create, 'create'],
  [OpCode.create2, 'create'],
  [OpCode.createContainer, 'create'],
  [OpCode.createTTL, 'create'],
  [OpCode.delete, 'delete'],
  [OpCode.setData, 'setData'],
  [OpCode.setACL, 'setAcl'],
  [OpCode.multi, 'multiOperation'],
  [OpCode.reconfig, 'reconfig'],
])

const TYPES: ReadonlyMap<number, string> = new Map<number, string>([
  [CreateMode.persistent, 'persistent'],
  [CreateMode.ephemeral, 'ephemeral'],
  [CreateMode.persistentSequential, 'persistent_sequential'],
  [CreateMode.ephemeralSequential, 'ephemeral_sequential'],
  [CreateMode.container, 'container'],
  [CreateMode.persistentWithTtl, 'persistent_with_ttl'],
  [CreateMode.persistentSequentialWithTtl, 'persistent_sequential_with_ttl'],
])

/** Null if such requests are not audited. Of a malformed request only the operation is known. */
export function auditedRequest(
  opCode: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): AuditedRequest | null {
  const operation = OPERATIONS.get(opCode)
  if (operation === undefined) return null
  const reader = new JuteReader(bytes, start, end)
  try {
    if (opCode === OpCode.multi) {
      return { opCode, deed: { operation }, parts: readMultiRequest(reader).map(partOf) }
    }
    return { opCode, deed: { operation, ...detailsOf(opCode, reader) }, parts: [] }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return { opCode, deed: { operation }, parts: [] }
  }
}

/** The lines for a request, from its reply: one, or one for each part of a multi that succeeded.
 * `start` and `end`: of the frame, from its length on. Throws MalformedError if the reply is
 * malformed. */
export function outcomeOf(
  { opCode, deed, parts }: AuditedRequest,
  frame: Uint8Array,
  start: number,
  end: number,
): (Deed & { readonly result: AuditResult })[] {
  const error = new JuteReader(frame, start + ERROR_AT, end).int()
  if (error !== 0) return [{ ...deed, result: 'failure' }]
  const body = new JuteReader(frame, start + BODY_AT, end)
  if (opCode === OpCode.multi) return ofMulti(deed, parts, body)
  if (deed.operation === 'create') return [{ ...deed, znode: body.text(), result: 'success' }]
  return [{ ...deed, result: 'success' }]
}

function detailsOf(opCode: number, reader: JuteReader): Partial<Deed> {
  if (opCode === OpCode.reconfig) return { znode: '/zookeeper/config' }
  if (OPERATIONS.get(opCode) === 'create') {
    const { path, flags } = readCreateRequest(reader)
    return created(path, flags)
  }
  const znode = reader.text()
  if (opCode !== OpCode.setACL) return { znode }
  return { znode, acl: aclText(readAcls(reader) ?? []) }
}

function created(znode: string, flags: number): Partial<Deed> {
  const type = TYPES.get(flags)
  return type === undefined ? { znode } : { znode, znode_type: type }
}

/** Null for an operation that only checks. */
function partOf({ type, request }: MultiOp): Deed | null {
  const operation = OPERATIONS.get(type)
  if (operation === undefined) return null
  if ('flags' in request) return { operation, ...created(request.path, request.flags) }
  return { operation, znode: request.path }
}

/** A line for each part, or one for the whole multi if it failed. */
function ofMulti(
  deed: Deed,
  parts: readonly (Deed | null)[],
  body: JuteReader,
): (Deed & { readonly result: AuditResult })[] {
  const done: (Deed & { readonly result: AuditResult })[] = []
  for (const part of parts) {
    const type = readMultiHeader(body)
    if (type === OpCode.error) return [{ ...deed, result: 'failure' }]
    const isCreate = type === OpCode.create || type === OpCode.create2
    const path = isCreate ? { znode: body.text() } : {}
    if (type === OpCode.create2 || type === OpCode.setData) readStat(body)
    if (part !== null) done.push({ ...part, ...path, result: 'success' })
  }
  return done
}

const LETTERS: readonly (readonly [string, number])[] = [
  ['c', Perm.create],
  ['d', Perm.delete],
  ['r', Perm.read],
  ['w', Perm.write],
  ['a', Perm.admin],
]

/** The entries without anything between them, like ZooKeeper's aclToString, but without hashes of
 * passwords. */
function aclText(acls: readonly Acl[]): string {
  return acls
    .map(({ perms, id: { scheme, id } }) => {
      const shown = scheme === 'digest' ? id.replace(/:.*/s, ':x') : id
      const letters = LETTERS.filter(([, bit]) => (perms & bit) !== 0).map(([letter]) => letter)
      return `${scheme}:${shown}:${letters.join('')}`
    })
    .join('')
}
