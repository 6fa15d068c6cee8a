// From a committed transaction to the tree (DataTree.processTxn), and the reply's body on the way.
//
// The bytes are a TxnHeader, a record by type and perhaps a digest, as the leader encoded them
// once. Applying is deterministic; an error code comes back only where Apache's would.

import { readAcls } from '../../../protocol/acl.ts'
import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { CONTAINER_OWNER, ttlOwner } from '../../../protocol/ephemeral-owner.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { readTxnHeader, TXN_DIGEST_BYTES, type TxnHeader } from '../../../protocol/txn.ts'
import type { DataTree } from '../store/data-tree.ts'
import { writeNodeStat } from '../store/node-stat.ts'

/** Who asked, and as which of its requests. */
export interface ClientRequest {
  readonly high: number
  readonly low: number
  readonly cxid: number
}

export interface SessionListener {
  sessionOpened(id: SessionId, timeoutMs: number): void
  sessionClosed(id: SessionId): void
}

export class Apply {
  /** The header of the transaction applied last. */
  header: TxnHeader | null = null
  readonly #tree: DataTree
  readonly #sessions: SessionListener
  readonly #reader = new JuteReader()
  readonly #sub = new JuteReader()

  constructor(tree: DataTree, sessions: SessionListener) {
    this.#tree = tree
    this.#sessions = sessions
  }

  /** Applies one transaction, the reply's body appended to `reply`. Returns the reply's error; what
   * was appended then does not count. Throws MalformedError if the bytes are no transaction. */
  transaction(bytes: Uint8Array, start: number, end: number, reply: JuteWriter): ErrorCode {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    const header = readTxnHeader(reader)
    this.header = header
    switch (header.type) {
      case OpCode.createSession:
        return this.#createSession(header, reader)
      case OpCode.closeSession:
        return this.#closeSession(header, reader)
      case OpCode.multi:
        return this.#multi(header, reader, reply)
      default:
        return this.#record(header.type, header, reader, reply)
    }
  }

  /** Session and cxid of the client whose request the transaction was. */
  clientOf(bytes: Uint8Array, start: number, end: number): ClientRequest {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    return { high: reader.int(), low: reader.int(), cxid: reader.int() }
  }

  /** What `transaction` left unread: the digest the leader expects, or null. */
  expectedDigest(): { high: number; low: number } | null {
    const reader = this.#reader
    if (reader.remaining < TXN_DIGEST_BYTES) return null
    reader.skip(reader.remaining - TXN_DIGEST_BYTES)
    reader.int()
    return { high: reader.int(), low: reader.int() }
  }

  #record(type: number, header: TxnHeader, reader: JuteReader, reply: JuteWriter): ErrorCode {
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        return this.#create(type, header, reader, reply)
      case OpCode.delete:
      case OpCode.deleteContainer: {
        const end = reader.range()
        return this.#tree.deleteNode(reader.bytes, reader.rangeStart, end, header.zxid)
      }
      case OpCode.setData:
      case OpCode.reconfig:
        return this.#setData(header, reader, reply)
      case OpCode.setACL:
        return this.#setAcl(reader, reply)
      case OpCode.check:
        reader.range()
        reader.int()
        return ErrorCode.ok
      case OpCode.error:
        return reader.int() as ErrorCode
      default:
        throw new MalformedError(`transaction type ${type}`)
    }
  }

  #create(type: number, header: TxnHeader, reader: JuteReader, reply: JuteWriter): ErrorCode {
    const pathEnd = reader.range()
    const pathStart = reader.rangeStart
    const dataEnd = reader.range()
    const dataStart = reader.rangeStart
    const acls = readAcls(reader) ?? []
    const plain = type === OpCode.create || type === OpCode.create2
    const ephemeral = plain && reader.bool()
    const parentCversion = reader.int()
    let owner = 0n
    if (ephemeral) owner = header.sessionId
    if (type === OpCode.createContainer) owner = CONTAINER_OWNER
    if (type === OpCode.createTTL) owner = ttlOwner(reader.longNumber())
    const error = this.#tree.createNode(
      reader.bytes,
      pathStart,
      pathEnd,
      dataStart,
      dataEnd,
      acls,
      owner === 0n ? 0 : Number(owner >> 32n),
      owner === 0n ? 0 : Number(BigInt.asIntN(32, owner)),
      parentCversion,
      header.zxid,
      header.timeMs,
    )
    if (error !== ErrorCode.ok) return error
    reply.bufferRange(reader.bytes, pathStart, pathEnd)
    if (type !== OpCode.create) writeNodeStat(reply, this.#tree, this.#tree.lastNode)
    return ErrorCode.ok
  }

  #setData(header: TxnHeader, reader: JuteReader, reply: JuteWriter): ErrorCode {
    const pathEnd = reader.range()
    const pathStart = reader.rangeStart
    const dataEnd = reader.range()
    const dataStart = reader.rangeStart
    const version = reader.int()
    const error = this.#tree.setData(
      reader.bytes,
      pathStart,
      pathEnd,
      dataStart,
      dataEnd,
      version,
      header.zxid,
      header.timeMs,
    )
    if (error === ErrorCode.ok) writeNodeStat(reply, this.#tree, this.#tree.lastNode)
    return error
  }

  #setAcl(reader: JuteReader, reply: JuteWriter): ErrorCode {
    const pathEnd = reader.range()
    const pathStart = reader.rangeStart
    const acls = readAcls(reader) ?? []
    const version = reader.int()
    const error = this.#tree.setAcl(reader.bytes, pathStart, pathEnd, acls, version)
    if (error === ErrorCode.ok) writeNodeStat(reply, this.#tree, this.#tree.lastNode)
    return error
  }

  #createSession(header: TxnHeader, reader: JuteReader): ErrorCode {
    const timeoutMs = reader.int()
    this.#tree.sessions.open(header.sessionId, timeoutMs)
    this.#sessions.sessionOpened(header.sessionId, timeoutMs)
    return ErrorCode.ok
  }

  /** The record lists the paths; old logs have none, then whatever the session owns goes. */
  #closeSession(header: TxnHeader, reader: JuteReader): ErrorCode {
    const tree = this.#tree
    const listed = reader.remaining >= 4 ? (reader.vector((r) => r.text()) ?? []) : []
    const paths = new Set([...listed, ...tree.ephemeralPaths(header.sessionId)])
    for (const path of paths) {
      const bytes = utf8Bytes(path)
      tree.deleteNode(bytes, 0, bytes.length, header.zxid)
    }
    tree.sessions.remove(header.sessionId)
    this.#sessions.sessionClosed(header.sessionId)
    return ErrorCode.ok
  }

  /** A failed multi is one that holds an error: nothing of it is applied. */
  #multi(header: TxnHeader, reader: JuteReader, reply: JuteWriter): ErrorCode {
    const count = reader.int()
    if (count < 0 || count * 8 > reader.remaining) throw new MalformedError(`multi of ${count}`)
    const first = reader.offset
    let failed = false
    for (let i = 0; i < count; i++) {
      if (reader.int() === OpCode.error) failed = true
      reader.skip(Math.max(0, reader.bufferLength()))
    }
    reader.offset = first
    let afterFailure = false
    for (let i = 0; i < count; i++) {
      const type = reader.int()
      const length = Math.max(0, reader.bufferLength())
      this.#sub.reset(reader.bytes, reader.offset, reader.offset + length)
      reader.skip(length)
      if (!failed) {
        this.#succeed(type, header, reply)
      } else if (type === OpCode.error) {
        afterFailure = true
        writeMultiError(reply, this.#sub.int())
      } else {
        writeMultiError(reply, afterFailure ? ErrorCode.runtimeInconsistency : ErrorCode.ok)
      }
    }
    writeMultiHeader(reply, -1, true, -1)
    return ErrorCode.ok
  }

  #succeed(type: number, header: TxnHeader, reply: JuteWriter): void {
    const mark = reply.length
    const created = type === OpCode.createContainer || type === OpCode.createTTL
    writeMultiHeader(reply, created ? OpCode.create2 : type, false, 0)
    const error = this.#record(type, header, this.#sub, reply)
    if (error === ErrorCode.ok) return
    reply.length = mark
    writeMultiError(reply, error)
  }
}

/** MultiHeader: int type, boolean done, int err */
export function writeMultiHeader(
  writer: JuteWriter,
  type: number,
  done: boolean,
  error: number,
): void {
  writer.int(type)
  writer.bool(done)
  writer.int(error)
}

export function writeMultiError(writer: JuteWriter, error: number): void {
  writeMultiHeader(writer, OpCode.error, false, error)
  writer.int(error)
}
