// create, create2, createContainer, createTTL: makes a node, under the given name or with the
// parent's next number appended. create answers with the path, the others also with the Stat.
//
//   create, create2  CreateTxn           path, data, acl, boolean ephemeral, int parentCVersion
//   createContainer  CreateContainerTxn  path, data, acl, int parentCVersion
//   createTTL        CreateTTLTxn        path, data, acl, int parentCVersion, long ttl

import { readAcls, writeAcls } from '../../../protocol/acl.ts'
import type { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import {
  CONTAINER_OWNER,
  NodeKind,
  TTL_MS_MAX,
  ttlOwner,
} from '../../../protocol/ephemeral-owner.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode, OpCode, Perm } from '../../../protocol/op-code.ts'
import { isValidPath, lastSlash } from '../../../protocol/path.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import { fixAcls } from '../writes/acl-rules.ts'
import type { Change } from '../writes/outstanding.ts'
import { checkSession, type Preparation, type Requester } from '../writes/preparation.ts'
import type { Transaction } from '../writes/transaction.ts'
import type { PartOperation } from './operation.ts'
import { mayHaveParent, sequenceSuffix } from './paths.ts'
import { aclText, dataText } from './txn-words.ts'

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

class Create implements PartOperation {
  readonly replyType: number
  readonly #opCode: number
  readonly #isContainer: boolean
  readonly #hasTtl: boolean

  constructor(opCode: OpCode, replyType: OpCode) {
    this.#opCode = opCode
    this.replyType = replyType
    this.#isContainer = opCode === OpCode.createContainer
    this.#hasTtl = opCode === OpCode.createTTL
  }

  prepare(to: Preparation, request: JuteReader, by: Requester, record: JuteWriter): ErrorCode {
    const { bytes } = request
    const { outstanding, name, path } = to
    request.span(path)
    const { start, end } = path
    const dataLength = Math.max(0, request.bufferLength())
    const dataStart = request.offset
    const dataEnd = dataStart + dataLength
    request.skip(dataLength)
    const asked = readAcls(request)
    const flags = request.int()
    const ttlMs = this.#hasTtl ? Number(request.long()) : -1
    const error = this.#checkMode(to, flags, ttlMs, by)
    if (error !== ErrorCode.ok) return error
    if (start < 0) return ErrorCode.marshallingError
    if (!mayHaveParent(bytes, start, end)) return ErrorCode.badArguments
    const acls = fixAcls(asked, by.identities, to.options)
    if (acls === null) return ErrorCode.invalidACL
    const parent = outstanding.get(bytes, start, lastSlash(bytes, start, end))
    if (parent === null) return ErrorCode.noNode
    if (!to.permits(parent, Perm.create, by)) return ErrorCode.noAuth
    name.reset()
    name.raw(bytes, start, end)
    if (SEQUENTIAL_MODES.has(flags)) name.ascii(sequenceSuffix(parent.cversion))
    if (!isValidPath(name.bytes, 0, name.length)) return ErrorCode.badArguments
    if (outstanding.get(name.bytes, 0, name.length) !== null) return ErrorCode.nodeExists
    if (to.kindOf(parent) === NodeKind.ephemeral) return ErrorCode.noChildrenForEphemerals
    if (to.isOverQuota(name.bytes, 0, name.length, dataLength, 1)) return ErrorCode.quotaExceeded
    const ephemeral = EPHEMERAL_MODES.has(flags)
    if (ephemeral && to.hasEnoughEphemerals(by)) return ErrorCode.quotaExceeded
    const node = outstanding.fresh(name.bytes, 0, name.length, acls, by.zxid, by.timeMs)
    outstanding.fill(node, bytes, dataStart, dataEnd)
    this.#setOwner(node, ttlMs, ephemeral, by)
    to.recordCreate(node, parent, by)
    record.bufferRange(name.bytes, 0, name.length)
    record.raw(bytes, end, dataEnd)
    writeAcls(record, acls)
    if (this.#hasFlag) record.bool(ephemeral)
    record.int(parent.cversion)
    if (this.#hasTtl) record.longNumber(ttlMs)
    return ErrorCode.ok
  }

  /** Whether the record says if the node is ephemeral. */
  get #hasFlag(): boolean {
    return !this.#isContainer && !this.#hasTtl
  }

  #checkMode(to: Preparation, flags: number, ttlMs: number, by: Requester): ErrorCode {
    if (flags < CreateMode.persistent || flags > CreateMode.persistentSequentialWithTtl) {
      return ErrorCode.badArguments
    }
    if (TTL_MODES.has(flags)) {
      if (!to.options.extendedTypes) return ErrorCode.unimplemented
      if (ttlMs <= 0 || ttlMs > TTL_MS_MAX) return ErrorCode.badArguments
    } else if (this.#hasTtl) {
      // Apache accepts a negative TTL here, and dies when it applies it.
      return ErrorCode.badArguments
    }
    return checkSession(by)
  }

  #setOwner(node: Change, ttlMs: number, ephemeral: boolean, by: Requester): void {
    if (!this.#hasFlag) {
      const owner = this.#isContainer ? CONTAINER_OWNER : ttlOwner(ttlMs)
      node.ownerHigh = Number(owner >> 32n) | 0
      node.ownerLow = Number(owner & 0xffff_ffffn) | 0
    } else if (ephemeral) {
      node.ownerHigh = by.ownerHigh
      node.ownerLow = by.ownerLow
    }
  }

  apply(record: JuteReader, reply: JuteWriter, { tree, header, write }: Transaction): ErrorCode {
    record.span(write.path)
    record.span(write.data)
    write.acls = readAcls(record) ?? []
    const ephemeral = this.#hasFlag && record.bool()
    write.parentCversion = record.int()
    let owner = 0n
    if (ephemeral) owner = header.sessionId
    if (this.#isContainer) owner = CONTAINER_OWNER
    if (this.#hasTtl) owner = ttlOwner(record.longNumber())
    write.ownerHigh = owner === 0n ? 0 : Number(owner >> 32n)
    write.ownerLow = owner === 0n ? 0 : Number(BigInt.asIntN(32, owner))
    write.zxid = header.zxid
    write.timeMs = header.timeMs
    const error = tree.createNode(write)
    if (error !== ErrorCode.ok) return error
    reply.bufferRange(record.bytes, write.path.start, write.path.end)
    if (this.#opCode !== OpCode.create) writeNodeStat(reply, tree, write.node)
    return ErrorCode.ok
  }

  skip(request: JuteReader): void {
    request.string()
    request.buffer()
    readAcls(request)
    request.int()
    if (this.#hasTtl) request.long()
  }

  text(record: JuteReader): string {
    const node = `${record.string()},${dataText(record)},${aclText(record)}`
    if (this.#isContainer) return `${node},${record.int()}`
    if (this.#hasTtl) return `${node},${record.int()},${record.long()}`
    const ephemeral = record.bool()
    // Before ZooKeeper 3.4 the record did not have the parent's version.
    return `${node},${ephemeral},${record.remaining >= 4 ? record.int() : -1}`
  }
}

export const create: PartOperation = new Create(OpCode.create, OpCode.create)
export const create2: PartOperation = new Create(OpCode.create2, OpCode.create2)
export const createContainer: PartOperation = new Create(OpCode.createContainer, OpCode.create2)
export const createTTL: PartOperation = new Create(OpCode.createTTL, OpCode.create2)

/** The type of a create in a multi. Its flags decide: they may make it a container, whatever its
 * header says. */
export function typeByFlags(type: number, request: JuteReader): number {
  if (type !== OpCode.create && type !== OpCode.create2) return type
  const start = request.offset
  request.string()
  request.buffer()
  readAcls(request)
  const flags = request.int()
  request.offset = start
  return flags === CreateMode.container ? OpCode.createContainer : type
}
