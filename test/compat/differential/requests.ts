// Requests as a script writes them: what to call it, its operation code, its body.

import type { Acl } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { CreateMode, OpCode } from '../../../protocol/op-code.ts'
import { writeAddWatchRequest } from '../../../protocol/records/add-watch.ts'
import { writeAuthPacket } from '../../../protocol/records/auth-packet.ts'
import { writeCreateRequest, writeCreateTtlRequest } from '../../../protocol/records/create.ts'
import { writeDeleteRequest } from '../../../protocol/records/delete.ts'
import { writeExistsRequest } from '../../../protocol/records/exists.ts'
import { type MultiOp, writeMultiRequest } from '../../../protocol/records/multi.ts'
import { type MultiReadOp, writeMultiReadRequest } from '../../../protocol/records/multi-read.ts'
import { writeReconfigRequest } from '../../../protocol/records/reconfig.ts'
import { writeRemoveWatchesRequest } from '../../../protocol/records/remove-watches.ts'
import { writeSetAclRequest } from '../../../protocol/records/set-acl.ts'
import { writeSetDataRequest } from '../../../protocol/records/set-data.ts'

export interface Request {
  readonly label: string
  readonly type: number
  readonly body: Uint8Array
  /** Instead of the next ordinary one. */
  readonly xid?: number
}

const NAMES = new Map<number, string>(Object.entries(OpCode).map(([name, type]) => [type, name]))

export const WORLD: readonly Acl[] = [acl(31, 'world', 'anyone')]

export function acl(perms: number, scheme: string, id: string): Acl {
  return { perms, id: { scheme, id } }
}

export function bytes(text: string | null): Uint8Array | null {
  return text === null ? null : Buffer.from(text)
}

/** Any request: the body as the function writes it. */
export function request(
  type: number,
  label: string,
  write: (writer: JuteWriter) => void,
  xid?: number,
): Request {
  const writer = new JuteWriter()
  write(writer)
  const named = `${NAMES.get(type) ?? type} ${label}`
  return { label: named, type, body: writer.finish(), ...(xid !== undefined && { xid }) }
}

/** Requests with nothing but a path. */
export function onPath(type: number, path: string | null): Request {
  return request(type, `${path}`, (writer) => writer.string(path))
}

export interface CreateFields {
  readonly data?: string | null
  readonly acl?: readonly Acl[] | null
  /** `flags` of the request. */
  readonly mode?: number
  readonly ttlMs?: number
}

/** `type` is create, create2, createContainer or createTTL. */
export function create(
  path: string,
  fields: CreateFields = {},
  type: number = OpCode.create,
): Request {
  const { data = 'x', mode = CreateMode.persistent, ttlMs = 0 } = fields
  const record = { path, data: bytes(data), acl: fields.acl ?? WORLD, flags: mode, ttlMs }
  if (fields.acl === null) Object.assign(record, { acl: null })
  return request(type, `${path} ${JSON.stringify(fields)}`, (writer) => {
    if (type === OpCode.createTTL) writeCreateTtlRequest(writer, record)
    else writeCreateRequest(writer, record)
  })
}

export function create2(path: string, fields: CreateFields = {}): Request {
  return create(path, fields, OpCode.create2)
}

export function container(path: string, fields: CreateFields = {}): Request {
  const mode = CreateMode.container
  return create(path, { mode, ...fields }, OpCode.createContainer)
}

export function ttl(path: string, ttlMs: number, fields: CreateFields = {}): Request {
  const mode = CreateMode.persistentWithTtl
  return create(path, { mode, ttlMs, ...fields }, OpCode.createTTL)
}

export function ephemeral(path: string): Request {
  return create(path, { mode: CreateMode.ephemeral })
}

export function remove(path: string, version = -1): Request {
  return request(OpCode.delete, `${path} ${version}`, (writer) =>
    writeDeleteRequest(writer, { path, version }),
  )
}

export function set(path: string, data: string | null, version = -1): Request {
  const shown = data !== null && data.length > 40 ? `${data.length} bytes` : data
  return request(OpCode.setData, `${path} ${shown} ${version}`, (writer) =>
    writeSetDataRequest(writer, { path, data: bytes(data), version }),
  )
}

export function setAcl(path: string, list: readonly Acl[] | null, version = -1): Request {
  return request(OpCode.setACL, `${path} ${JSON.stringify(list)} ${version}`, (writer) =>
    writeSetAclRequest(writer, { path, acl: list as readonly Acl[], version }),
  )
}

/** exists, getData, getChildren, getChildren2: all have the same fields. */
type Watching = (path: string, watch?: 'watch') => Request

function watching(type: number): Watching {
  return (path, watch) =>
    request(type, `${path} ${watch ?? ''}`, (writer) =>
      writeExistsRequest(writer, { path, watch: watch !== undefined }),
    )
}

export const exists: Watching = watching(OpCode.exists)
export const get: Watching = watching(OpCode.getData)
export const children: Watching = watching(OpCode.getChildren)
export const children2: Watching = watching(OpCode.getChildren2)

export function getAcl(path: string): Request {
  return onPath(OpCode.getACL, path)
}

export function addWatch(path: string, mode: number): Request {
  return request(OpCode.addWatch, `${path} ${mode}`, (writer) =>
    writeAddWatchRequest(writer, { path, mode }),
  )
}

export function removeWatches(path: string, type: number): Request {
  return request(OpCode.removeWatches, `${path} ${type}`, (writer) =>
    writeRemoveWatchesRequest(writer, { path, type: type as 1 }),
  )
}

export function checkWatches(path: string, type: number): Request {
  return request(OpCode.checkWatches, `${path} ${type}`, (writer) =>
    writeRemoveWatchesRequest(writer, { path, type: type as 1 }),
  )
}

export function multi(...parts: MultiOp[]): Request {
  const label = parts.map((op) => `${NAMES.get(op.type)} ${op.request.path}`).join('; ')
  return request(OpCode.multi, label, (writer) => writeMultiRequest(writer, parts))
}

export function multiRead(...parts: MultiReadOp[]): Request {
  const label = parts.map((op) => `${NAMES.get(op.type)} ${op.request.path}`).join('; ')
  return request(OpCode.multiRead, label, (writer) => writeMultiReadRequest(writer, parts))
}

export function auth(scheme: string, data: string | null): Request {
  return request(
    OpCode.auth,
    `${scheme} ${data}`,
    (writer) => writeAuthPacket(writer, { type: 0, scheme, auth: bytes(data) }),
    -4,
  )
}

export function reconfig(
  joiningServers: string | null,
  leavingServers: string | null,
  newMembers: string | null,
): Request {
  return request(OpCode.reconfig, `${joiningServers} ${leavingServers} ${newMembers}`, (writer) =>
    writeReconfigRequest(writer, { joiningServers, leavingServers, newMembers, curConfigId: -1 }),
  )
}

export interface Watched {
  readonly data?: readonly string[]
  readonly exist?: readonly string[]
  readonly child?: readonly string[]
  readonly persistent?: readonly string[]
  readonly recursive?: readonly string[]
}

/** `zxid` is absolute. setWatches2 when there is a persistent one or `type` says so. */
export function setWatches(zxid: bigint, watched: Watched, type: number): Request {
  const strings = (writer: JuteWriter, list: readonly string[] = []): void =>
    writer.vector(list, (w, path) => w.string(path))
  const write = (writer: JuteWriter): void => {
    writer.long(zxid)
    strings(writer, watched.data)
    strings(writer, watched.exist)
    strings(writer, watched.child)
    if (type !== OpCode.setWatches2) return
    strings(writer, watched.persistent)
    strings(writer, watched.recursive)
  }
  return request(type, JSON.stringify(watched), write, -8)
}

export const ping: Request = request(OpCode.ping, '', () => {}, -2)
export const whoAmI: Request = request(OpCode.whoAmI, '', () => {})
export const closeSession: Request = request(OpCode.closeSession, '', () => {})

interface Parts {
  create(path: string, fields?: CreateFields, type?: number): MultiOp
  delete(path: string, version?: number): MultiOp
  check(path: string, version?: number): MultiOp
  set(path: string, data: string | null, version?: number): MultiOp
  get(path: string): MultiReadOp
  children(path: string): MultiReadOp
}

/** Parts of multis. */
export const part: Parts = {
  create: (path: string, fields: CreateFields = {}, type: number = OpCode.create): MultiOp =>
    ({
      type,
      request: {
        path,
        data: bytes(fields.data ?? 'x'),
        acl: fields.acl ?? WORLD,
        flags: fields.mode ?? 0,
        ttlMs: fields.ttlMs ?? 0,
      },
    }) as MultiOp,
  delete: (path: string, version = -1): MultiOp => ({
    type: OpCode.delete,
    request: { path, version },
  }),
  check: (path: string, version = -1): MultiOp => ({
    type: OpCode.check,
    request: { path, version },
  }),
  set: (path: string, data: string | null, version = -1): MultiOp => ({
    type: OpCode.setData,
    request: { path, data: bytes(data), version },
  }),
  get: (path: string): MultiReadOp => ({ type: OpCode.getData, request: { path, watch: false } }),
  children: (path: string): MultiReadOp => ({
    type: OpCode.getChildren,
    request: { path, watch: false },
  }),
}
