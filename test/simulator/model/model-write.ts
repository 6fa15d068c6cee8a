// What a write must do, by the letter of ZooKeeper's rules: the order of checks, the stat fields,
// all or nothing for a multi. Evaluated in zxid order, one transaction after the other.

import type { Acl, Id } from '../../../protocol/acl.ts'
import { permits } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode, EventType, OpCode, Perm } from '../../../protocol/op-code.ts'
import type { CreateRequest } from '../../../protocol/records/create.ts'
import type { DeleteRequest } from '../../../protocol/records/delete.ts'
import {
  type MultiOp,
  type MultiResult,
  writeMultiResponse,
} from '../../../protocol/records/multi.ts'
import type { SetAclRequest } from '../../../protocol/records/set-acl.ts'
import type { SetDataRequest } from '../../../protocol/records/set-data.ts'
import { SESSION_NONE, type SessionId } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import {
  type Change,
  CONTAINER,
  freshNode,
  isEphemeral,
  type Model,
  type ModelNode,
  statOf,
  writeStatOf,
} from './model.ts'
import type { Write } from './operation.ts'

export interface Outcome {
  /** In the reply's header. */
  readonly err: number
  readonly body: Uint8Array
}

type Refusal = { readonly err: number }
type Done = { readonly name: string; readonly node: ModelNode | null }
type Result = Refusal | Done

const PROTECTED = ['', '/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']
const NOTHING: Done = { name: '', node: null }

/** One transaction under evaluation. */
export class ModelWrite {
  readonly #model: Model
  readonly #zxid: Zxid
  readonly #timeMs: number
  readonly #session: SessionId
  readonly #identities: readonly Id[]
  readonly #extendedTypes: boolean
  /** Not in the model until everything has succeeded. */
  readonly #staged: Map<string, ModelNode | null> = new Map()
  /** Sets of children that are nobody else's yet. */
  readonly #copies: Set<ReadonlySet<string>> = new Set()
  readonly #changes: Change[] = []

  constructor(
    model: Model,
    zxid: Zxid,
    timeMs: number,
    session: SessionId,
    identities: readonly Id[],
    extendedTypes: boolean,
  ) {
    this.#model = model
    this.#zxid = zxid
    this.#timeMs = timeMs
    this.#session = session
    this.#identities = identities
    this.#extendedTypes = extendedTypes
  }

  single(op: Write): Outcome {
    const result = this.#perform(op)
    if ('err' in result) return { err: result.err, body: new Uint8Array(0) }
    this.#commit()
    const writer = new JuteWriter()
    if (op.type !== OpCode.setData && op.type !== OpCode.setACL && result.node !== null) {
      writer.string(result.name)
    }
    if (op.type !== OpCode.create && result.node !== null) writeStatOf(writer, result.node)
    return { err: 0, body: writer.finish() }
  }

  multi(ops: readonly MultiOp[]): Outcome {
    const results: MultiResult[] = []
    let failedAt = -1
    for (const [i, op] of ops.entries()) {
      const result = this.#perform(op)
      if ('err' in result) {
        failedAt = i
        results.push({ type: OpCode.error, err: result.err })
        break
      }
      results.push(resultOf(op, result))
    }
    const writer = new JuteWriter()
    if (failedAt < 0) {
      this.#commit()
      writeMultiResponse(writer, results)
    } else {
      const failure = results[failedAt]!
      const error = (err: number): MultiResult => ({ type: OpCode.error, err })
      const all = ops.map((_, i) =>
        i < failedAt ? error(0) : i === failedAt ? failure : error(ErrorCode.runtimeInconsistency),
      )
      writeMultiResponse(writer, all)
    }
    return { err: 0, body: writer.finish() }
  }

  /** The session's ephemerals go, in the order the transaction lists them. */
  closeSession(paths: readonly string[]): Outcome {
    for (const path of paths) this.#delete(path)
    this.#commit()
    const session = this.#model.sessions.get(this.#session)
    if (session?.closed === Number.POSITIVE_INFINITY) session.closed = this.#zxid
    return { err: 0, body: new Uint8Array(0) }
  }

  /** What the server itself deletes. */
  deletePaths(paths: readonly string[]): void {
    for (const path of paths) this.#delete(path)
    this.#commit()
  }

  #commit(): void {
    for (const node of this.#staged.values()) if (node !== null) this.#model.put(node, this.#zxid)
    for (const [path, node] of this.#staged) {
      if (node === null) this.#model.remove(path, this.#zxid)
    }
    this.#model.changes.push(...this.#changes)
  }

  #get(path: string): ModelNode | null {
    const staged = this.#staged.get(path)
    return staged === undefined ? this.#model.now(path) : staged
  }

  #perform(op: Write): Result {
    switch (op.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
        return this.#create(op.request, op.type, -1)
      case OpCode.createTTL:
        return this.#create(op.request, op.type, op.request.ttlMs)
      case OpCode.delete:
        return this.#checkedDelete(op.request)
      case OpCode.setData:
        return this.#setData(op.request)
      case OpCode.setACL:
        return this.#setAcl(op.request)
      case OpCode.check:
        return this.#check(op.request)
    }
  }

  get #expired(): boolean {
    return !this.#model.isOpen(this.#session, this.#zxid)
  }

  #create(request: CreateRequest, type: number, ttlMs: number): Result {
    const { path, data, flags } = request
    const { persistentWithTtl, persistentSequentialWithTtl } = CreateMode
    const withTtl = flags === persistentWithTtl || flags === persistentSequentialWithTtl
    if (flags < 0 || flags > 6) return { err: ErrorCode.badArguments }
    if (withTtl && !this.#extendedTypes) return { err: ErrorCode.unimplemented }
    if (withTtl !== ttlMs > 0) return { err: ErrorCode.badArguments }
    if (this.#expired) return { err: ErrorCode.sessionExpired }
    if (!path.includes('/')) return { err: ErrorCode.badArguments }
    const acls = this.#fixed(request.acl)
    if (acls === null) return { err: ErrorCode.invalidACL }
    const parent = this.#get(parentPath(path))
    if (parent === null) return { err: ErrorCode.noNode }
    if (!permits(parent.acls, Perm.create, this.#identities)) return { err: ErrorCode.noAuth }
    const sequential = flags === 2 || flags === 3 || flags === persistentSequentialWithTtl
    const name = sequential ? path + String(parent.creates).padStart(10, '0') : path
    if (!isPath(name)) return { err: ErrorCode.badArguments }
    if (this.#get(name) !== null) return { err: ErrorCode.nodeExists }
    if (isEphemeral(parent)) return { err: ErrorCode.noChildrenForEphemerals }
    let owner = 0n
    if (type === OpCode.createContainer) owner = CONTAINER
    else if (withTtl) owner = BigInt.asIntN(64, (0xffn << 56n) | BigInt(ttlMs))
    else if (flags === 1 || flags === 3) owner = this.#session
    const copy = data === null ? null : data.slice()
    const node = { ...freshNode(name, this.#zxid, this.#timeMs), data: copy, acls, owner }
    this.#staged.set(name, node)
    const children = this.#childrenOf(parent).add(nameOf(name))
    const creates = parent.creates + 1
    this.#staged.set(parent.path, { ...parent, children, creates, pzxid: this.#zxid })
    this.#tell(EventType.nodeCreated, node, parent)
    return { name, node }
  }

  /** To be changed: a copy of the model's, made once for all the operations of a multi. */
  #childrenOf({ children }: ModelNode): Set<string> {
    if (this.#copies.has(children)) return children as Set<string>
    const copy = new Set(children)
    this.#copies.add(copy)
    return copy
  }

  #checkedDelete({ path, version }: DeleteRequest): Result {
    if (this.#expired) return { err: ErrorCode.sessionExpired }
    if (!path.includes('/') || PROTECTED.includes(path)) return { err: ErrorCode.badArguments }
    const parent = this.#get(parentPath(path))
    if (parent === null) return { err: ErrorCode.noNode }
    if (!permits(parent.acls, Perm.delete, this.#identities)) return { err: ErrorCode.noAuth }
    const node = this.#get(path)
    if (node === null) return { err: ErrorCode.noNode }
    if (version !== -1 && version !== node.version) return { err: ErrorCode.badVersion }
    if (node.children.size > 0) return { err: ErrorCode.notEmpty }
    this.#delete(path)
    return NOTHING
  }

  #delete(path: string): void {
    const node = this.#get(path)
    const parent = this.#get(parentPath(path))
    if (node === null || parent === null) return
    const children = this.#childrenOf(parent)
    children.delete(nameOf(path))
    this.#staged.set(path, null)
    this.#staged.set(parent.path, { ...parent, children, pzxid: this.#zxid })
    this.#tell(EventType.nodeDeleted, node, parent)
  }

  #setData({ path, data, version }: SetDataRequest): Result {
    if (this.#expired) return { err: ErrorCode.sessionExpired }
    if (!isPath(path)) return { err: ErrorCode.badArguments }
    const node = this.#get(path)
    if (node === null) return { err: ErrorCode.noNode }
    if (!permits(node.acls, Perm.write, this.#identities)) return { err: ErrorCode.noAuth }
    if (version !== -1 && version !== node.version) return { err: ErrorCode.badVersion }
    const copy = data === null ? null : data.slice()
    const mtime = this.#timeMs
    const next = { ...node, data: copy, version: node.version + 1, mzxid: this.#zxid, mtime }
    this.#staged.set(path, next)
    this.#tell(EventType.nodeDataChanged, next, null)
    return { name: path, node: next }
  }

  #setAcl({ path, acl, version }: SetAclRequest): Result {
    if (this.#expired) return { err: ErrorCode.sessionExpired }
    if (!isPath(path)) return { err: ErrorCode.badArguments }
    const acls = this.#fixed(acl)
    if (acls === null) return { err: ErrorCode.invalidACL }
    const node = this.#get(path)
    if (node === null) return { err: ErrorCode.noNode }
    if (!permits(node.acls, Perm.admin, this.#identities)) return { err: ErrorCode.noAuth }
    if (version !== -1 && version !== node.aversion) return { err: ErrorCode.badVersion }
    const next = { ...node, acls, aversion: node.aversion + 1 }
    this.#staged.set(path, next)
    return { name: path, node: next }
  }

  #check({ path, version }: DeleteRequest): Result {
    if (this.#expired) return { err: ErrorCode.sessionExpired }
    if (!isPath(path)) return { err: ErrorCode.badArguments }
    const node = this.#get(path)
    if (node === null) return { err: ErrorCode.noNode }
    if (!permits(node.acls, Perm.read, this.#identities)) return { err: ErrorCode.noAuth }
    if (version !== -1 && version !== node.version) return { err: ErrorCode.badVersion }
    return NOTHING
  }

  /** `auth` becomes the digest identity of whoever asks; the workload has no other macro. */
  #fixed(acls: readonly Acl[] | null): readonly Acl[] | null {
    if (acls === null || acls.length === 0) return null
    const own = this.#identities.filter(({ scheme }) => scheme === 'digest')
    if (own.length === 0 && acls.some(({ id }) => id.scheme === 'auth')) return null
    return acls.flatMap((acl) =>
      acl.id.scheme === 'auth' ? own.map((id) => ({ perms: acl.perms, id })) : [acl],
    )
  }

  #tell(eventType: number, node: ModelNode, parent: ModelNode | null): void {
    this.#changes.push({
      zxid: this.#zxid,
      eventType,
      path: node.path,
      nodeAcls: node.acls,
      parentAcls: parent?.acls ?? [],
    })
  }
}

function resultOf(op: MultiOp, { name, node }: Done): MultiResult {
  if (op.type === OpCode.create) return { type: OpCode.create, path: name }
  if (op.type === OpCode.delete || op.type === OpCode.check) return { type: op.type }
  const stat = statOf(node!)
  if (op.type === OpCode.setData) return { type: OpCode.setData, stat }
  return { type: OpCode.create2, path: name, stat }
}

export const SERVER: SessionId = SESSION_NONE

export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The workload's names have no forbidden characters. */
function isPath(path: string): boolean {
  if (path === '/') return true
  const [first, ...segments] = path.split('/')
  return first === '' && segments.every((name) => name !== '' && name !== '.' && name !== '..')
}
