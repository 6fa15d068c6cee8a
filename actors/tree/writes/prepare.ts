// From a request to a transaction: validates a write against the tree as it will be, in ZooKeeper's
// order of checks, and writes the txn record (PrepRequestProcessor.pRequest2Txn).
//
// Each function returns a ZooKeeper error code. On an error nothing was recorded, except in the
// middle of a multi, which rolls back as a whole. The caller writes the TxnHeader before and the
// digest after, and turns an error into an error transaction.

import { type Acl, type Id, permits, readAcls, writeAcls } from '../../../protocol/acl.ts'
import type { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { utf8 } from '../../../protocol/bytes/text.ts'
import {
  CONTAINER_OWNER,
  kindOf,
  NodeKind,
  TTL_MS_MAX,
  ttlOwner,
} from '../../../protocol/ephemeral-owner.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode, OpCode, Perm } from '../../../protocol/op-code.ts'
import { isProtected, isValidPath, lastSlash } from '../../../protocol/path.ts'
import { sessionFrom } from '../../../protocol/session-id.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { DataTree } from '../store/data-tree.ts'
import type { TreeSession } from '../store/session-table.ts'
import { type AclRules, fixAcls } from './acl-rules.ts'
import type { Change, Outstanding } from './outstanding.ts'

export interface PrepareOptions extends AclRules {
  readonly extendedTypes: boolean
  readonly enforceQuota: boolean
  readonly skipAcl: boolean
}

/** Who asks, and as which transaction. */
export interface Requester {
  /** Undefined: the server itself. */
  readonly session: TreeSession | undefined
  readonly ownerHigh: number
  readonly ownerLow: number
  readonly identities: readonly Id[]
  readonly zxid: Zxid
  readonly timeMs: number
}

const SLASH = 0x2f
const EPHEMERAL_MODES: ReadonlySet<number> = new Set([
  CreateMode.ephemeral,
  CreateMode.ephemeralSequential,
])
const SEQUENTIAL_MODES: ReadonlySet<number> = new Set([
  CreateMode.persistentSequential,
  CreateMode.ephemeralSequential,
  CreateMode.persistentSequentialWithTtl,
])
const TTL_MODES: ReadonlySet<number> = new Set([
  CreateMode.persistentWithTtl,
  CreateMode.persistentSequentialWithTtl,
])

export class Prepare {
  readonly #tree: DataTree
  readonly #outstanding: Outstanding
  readonly #options: PrepareOptions
  /** The path of the node that a create makes. */
  readonly #name = new JuteWriter()

  constructor(tree: DataTree, outstanding: Outstanding, options: PrepareOptions) {
    this.#tree = tree
    this.#outstanding = outstanding
    this.#options = options
  }

  /** Reads one request and writes its record. The reader throws MalformedError on rubbish. */
  request(opCode: number, reader: JuteReader, by: Requester, writer: JuteWriter): ErrorCode {
    switch (opCode) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        return this.#create(opCode, reader, by, writer)
      case OpCode.delete:
        return this.#delete(reader, by, writer)
      case OpCode.setData:
        return this.#setData(reader, by, writer)
      case OpCode.setACL:
        return this.#setAcl(reader, by, writer)
      case OpCode.check:
        return this.#check(reader, by, writer)
      default:
        return ErrorCode.unimplemented
    }
  }

  /** The cleaner's: removes an empty container or TTL node. The cleaner judged the committed node;
   * one with changes under way may be something else by now, and waits for the next round. */
  deleteContainer(path: string, by: Requester, writer: JuteWriter): ErrorCode {
    const node = this.#outstanding.find(path)
    const parent = this.#outstanding.find(parentOf(path))
    if (node === null || parent === null) return ErrorCode.noNode
    if (node.childCount > 0) return ErrorCode.notEmpty
    const kind = this.#kind(node)
    const removable = kind === NodeKind.container || kind === NodeKind.ttl
    if (!removable || node.zxid !== ZXID_NONE) return ErrorCode.badVersion
    this.#recordDelete(node, parent, by)
    writer.string(path)
    return ErrorCode.ok
  }

  /** Deletes what the session owned, for its close. False when it is no longer the session's. */
  deleteOwned(path: string, by: Requester): boolean {
    const node = this.#outstanding.find(path)
    const parent = this.#outstanding.find(parentOf(path))
    const owner = sessionFrom(by.ownerHigh, by.ownerLow)
    if (node === null || parent === null || !this.#outstanding.isOwned(node, owner)) return false
    this.#recordDelete(node, parent, by)
    return true
  }

  #create(opCode: number, reader: JuteReader, by: Requester, writer: JuteWriter): ErrorCode {
    const { bytes } = reader
    const end = reader.range()
    const start = reader.rangeStart
    const dataLength = Math.max(0, reader.bufferLength())
    const dataStart = reader.offset
    const dataEnd = dataStart + dataLength
    reader.skip(dataLength)
    const asked = readAcls(reader)
    const flags = reader.int()
    const ttlMs = opCode === OpCode.createTTL ? Number(reader.long()) : -1
    const error = this.#checkMode(opCode, flags, ttlMs, by)
    if (error !== ErrorCode.ok) return error
    if (start < 0) return ErrorCode.marshallingError
    if (!mayHaveParent(bytes, start, end)) return ErrorCode.badArguments
    const acls = fixAcls(asked, by.identities, this.#options)
    if (acls === null) return ErrorCode.invalidACL
    const parent = this.#outstanding.get(bytes, start, lastSlash(bytes, start, end))
    if (parent === null) return ErrorCode.noNode
    if (!this.#permits(parent, Perm.create, by)) return ErrorCode.noAuth
    const name = this.#name
    name.reset()
    name.raw(bytes, start, end)
    if (SEQUENTIAL_MODES.has(flags)) name.ascii(sequenceSuffix(parent.cversion))
    if (!isValidPath(name.bytes, 0, name.length)) return ErrorCode.badArguments
    if (this.#outstanding.get(name.bytes, 0, name.length) !== null) return ErrorCode.nodeExists
    if (this.#kind(parent) === NodeKind.ephemeral) return ErrorCode.noChildrenForEphemerals
    if (this.#overQuota(name.bytes, 0, name.length, dataLength, 1)) return ErrorCode.quotaExceeded
    const ephemeral = EPHEMERAL_MODES.has(flags)
    const node = this.#outstanding.fresh(name.bytes, 0, name.length, acls, by.zxid, by.timeMs)
    this.#outstanding.fill(node, bytes, dataStart, dataEnd)
    setOwner(node, opCode, ttlMs, ephemeral, by)
    this.#recordCreate(node, parent, by)
    writer.bufferRange(name.bytes, 0, name.length)
    writer.raw(bytes, end, dataEnd)
    writeAcls(writer, acls)
    if (opCode === OpCode.create || opCode === OpCode.create2) writer.bool(ephemeral)
    writer.int(parent.cversion)
    if (opCode === OpCode.createTTL) writer.longNumber(ttlMs)
    return ErrorCode.ok
  }

  #checkMode(opCode: number, flags: number, ttlMs: number, by: Requester): ErrorCode {
    if (flags < CreateMode.persistent || flags > CreateMode.persistentSequentialWithTtl) {
      return ErrorCode.badArguments
    }
    if (TTL_MODES.has(flags)) {
      if (!this.#options.extendedTypes) return ErrorCode.unimplemented
      if (ttlMs <= 0 || ttlMs > TTL_MS_MAX) return ErrorCode.badArguments
    } else if (opCode === OpCode.createTTL) {
      // Apache takes a negative one here, and ends when it comes to apply it.
      return ErrorCode.badArguments
    }
    return checkSession(by)
  }

  #delete(reader: JuteReader, by: Requester, writer: JuteWriter): ErrorCode {
    const { bytes } = reader
    const end = reader.range()
    const start = reader.rangeStart
    const version = reader.int()
    if (start < 0) return ErrorCode.marshallingError
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    if (!mayHaveParent(bytes, start, end) || isProtected(bytes, start, end)) {
      return ErrorCode.badArguments
    }
    const parent = this.#outstanding.get(bytes, start, lastSlash(bytes, start, end))
    if (parent === null) return ErrorCode.noNode
    if (!this.#permits(parent, Perm.delete, by)) return ErrorCode.noAuth
    const node = this.#outstanding.get(bytes, start, end)
    if (node === null) return ErrorCode.noNode
    if (version !== -1 && version !== node.version) return ErrorCode.badVersion
    if (node.childCount > 0) return ErrorCode.notEmpty
    this.#recordDelete(node, parent, by)
    writer.bufferRange(bytes, start, end)
    return ErrorCode.ok
  }

  /** The record is the request with another version. */
  #setData(reader: JuteReader, by: Requester, writer: JuteWriter): ErrorCode {
    const { bytes, offset } = reader
    const end = reader.range()
    const start = reader.rangeStart
    const length = Math.max(0, reader.bufferLength())
    const dataStart = reader.offset
    const dataEnd = dataStart + length
    reader.skip(length)
    const version = reader.int()
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    if (start < 0 || !isValidPath(bytes, start, end)) return ErrorCode.badArguments
    const node = this.#outstanding.get(bytes, start, end)
    if (node === null) return ErrorCode.noNode
    if (!this.#permits(node, Perm.write, by)) return ErrorCode.noAuth
    if (this.#overQuota(bytes, start, end, length - node.dataLength, 0)) {
      return ErrorCode.quotaExceeded
    }
    if (version !== -1 && version !== node.version) return ErrorCode.badVersion
    const written = { mzxid: by.zxid, mtime: by.timeMs, version: nextVersion(node.version) }
    this.#outstanding.write(node, bytes, dataStart, dataEnd, written)
    writer.raw(bytes, offset, dataEnd)
    writer.int(node.version)
    return ErrorCode.ok
  }

  #setAcl(reader: JuteReader, by: Requester, writer: JuteWriter): ErrorCode {
    const { bytes } = reader
    const end = reader.range()
    const start = reader.rangeStart
    const asked = readAcls(reader)
    const version = reader.int()
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    if (start < 0 || !isValidPath(bytes, start, end)) return ErrorCode.badArguments
    const acls = fixAcls(asked, by.identities, this.#options)
    if (acls === null) return ErrorCode.invalidACL
    const node = this.#outstanding.get(bytes, start, end)
    if (node === null) return ErrorCode.noNode
    if (!this.#permits(node, Perm.admin, by)) return ErrorCode.noAuth
    if (version !== -1 && version !== node.aversion) return ErrorCode.badVersion
    this.#outstanding.edit(node)
    node.aversion = nextVersion(node.aversion)
    node.acls = acls
    this.#outstanding.add(node, by.zxid)
    writer.bufferRange(bytes, start, end)
    writeAcls(writer, acls)
    writer.int(node.aversion)
    return ErrorCode.ok
  }

  #check(reader: JuteReader, by: Requester, writer: JuteWriter): ErrorCode {
    const { bytes } = reader
    const end = reader.range()
    const start = reader.rangeStart
    const version = reader.int()
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    if (start < 0 || !isValidPath(bytes, start, end)) return ErrorCode.badArguments
    const node = this.#outstanding.get(bytes, start, end)
    if (node === null) return ErrorCode.noNode
    if (!this.#permits(node, Perm.read, by)) return ErrorCode.noAuth
    if (version !== -1 && version !== node.version) return ErrorCode.badVersion
    writer.bufferRange(bytes, start, end)
    writer.int(nextVersion(node.version))
    return ErrorCode.ok
  }

  #recordCreate(node: Change, parent: Change, by: Requester): void {
    this.#outstanding.count(parent, 1, by.zxid)
    this.#outstanding.add(node, by.zxid)
  }

  #recordDelete(node: Change, parent: Change, by: Requester): void {
    this.#outstanding.count(parent, -1, by.zxid)
    this.#outstanding.edit(node)
    node.exists = false
    this.#outstanding.add(node, by.zxid)
  }

  #permits(node: Change, perm: number, by: Requester): boolean {
    return this.#options.skipAcl || permits(node.acls as Acl[], perm, by.identities)
  }

  #kind(node: Change): NodeKind {
    return kindOf(node.ownerHigh, node.ownerLow, this.#options.extendedTypes)
  }

  #overQuota(
    bytes: Uint8Array,
    start: number,
    end: number,
    bytesDelta: number,
    countDelta: number,
  ): boolean {
    if (!this.#options.enforceQuota || this.#tree.quotas.empty) return false
    return this.#tree.quotas.exceeded(utf8(bytes, start, end), bytesDelta, countDelta)
  }
}

function checkSession(by: Requester): ErrorCode {
  return by.session === undefined || by.session.closing ? ErrorCode.sessionExpired : ErrorCode.ok
}

/** What is asked of a path before its parent is looked for: a slash, and no NUL. */
function mayHaveParent(bytes: Uint8Array, start: number, end: number): boolean {
  let hasSlash = false
  for (let i = start; i < end; i++) {
    if (bytes[i] === 0) return false
    if (bytes[i] === SLASH) hasSlash = true
  }
  return hasSlash
}

function setOwner(
  node: Change,
  opCode: number,
  ttlMs: number,
  ephemeral: boolean,
  by: Requester,
): void {
  if (opCode === OpCode.createContainer || opCode === OpCode.createTTL) {
    const owner = opCode === OpCode.createContainer ? CONTAINER_OWNER : ttlOwner(ttlMs)
    node.ownerHigh = Number(owner >> 32n) | 0
    node.ownerLow = Number(owner & 0xffff_ffffn) | 0
  } else if (ephemeral) {
    node.ownerHigh = by.ownerHigh
    node.ownerLow = by.ownerLow
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** Ten digits at least; a counter beyond 2^31 - 1 comes out negative, as there. */
function sequenceSuffix(cversion: number): string {
  const digits = String(Math.abs(cversion))
  return cversion < 0 ? `-${digits.padStart(9, '0')}` : digits.padStart(10, '0')
}

/** A version never becomes -1, which means "any" in a request (ZOOKEEPER-4743). */
function nextVersion(version: number): number {
  const next = (version + 1) | 0
  return next === -1 ? 0 : next
}
