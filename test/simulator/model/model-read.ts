// What a read must answer at a zxid. Lists come sorted: the server's order is nobody's business.

import { type Acl, type Id, permits, writeAcls } from '../../../protocol/acl.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode, Perm } from '../../../protocol/op-code.ts'
import { writeGetChildrenResponse } from '../../../protocol/records/get-children.ts'
import {
  type MultiReadResult,
  readMultiReadResponse,
  writeMultiReadResponse,
} from '../../../protocol/records/multi-read.ts'
import { readStrings, writeStrings } from '../../../protocol/records/strings.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { type Model, type ModelNode, statOf, writeStatOf } from './model.ts'
import type { Outcome } from './model-write.ts'
import type { Operation } from './operation.ts'

/** Who reads, and when. */
export interface Reader {
  readonly zxid: Zxid
  readonly session: SessionId
  readonly identities: readonly Id[]
}

const EMPTY = new Uint8Array(0)

/** Null for what the model does not know: answers of the watches actor. */
export function expectedRead(model: Model, op: Operation, by: Reader): Outcome | null {
  const writer = new JuteWriter()
  const done = (): Outcome => ({ err: 0, body: writer.finish() })
  switch (op.type) {
    case OpCode.exists:
    case OpCode.getData:
    case OpCode.getChildren:
    case OpCode.getChildren2: {
      const node = readable(model, op.path, by)
      if (typeof node === 'number') return { err: node, body: EMPTY }
      if (op.type === OpCode.getData) writer.buffer(node.data)
      if (op.type === OpCode.getChildren || op.type === OpCode.getChildren2) {
        writeGetChildrenResponse(writer, { children: [...node.children].sort() })
      }
      if (op.type !== OpCode.getChildren) writeStatOf(writer, node)
      return done()
    }
    case OpCode.getACL:
      return expectedAcl(model, op.path, by)
    case OpCode.getAllChildrenNumber: {
      const node = readable(model, op.path, by)
      if (typeof node === 'number') return { err: node, body: EMPTY }
      const prefix = op.path === '/' ? '/' : `${op.path}/`
      let below = 0
      for (const { path } of model.nodesAt(by.zxid)) {
        if (path !== '/' && path.startsWith(prefix)) below++
      }
      writer.int(below)
      return done()
    }
    case OpCode.getEphemerals: {
      const owned = model.ephemeralsAt(by.session, by.zxid)
      writeStrings(writer, owned.filter((path) => path.startsWith(op.path)).sort())
      return done()
    }
    case OpCode.multiRead: {
      const results = op.ops.map(({ type, request }) => readOne(model, type, request.path, by))
      writeMultiReadResponse(writer, results)
      return done()
    }
    case OpCode.sync:
      writer.string(op.path)
      return done()
    case OpCode.addWatch:
      writer.int(0)
      return done()
    case OpCode.ping:
    case OpCode.setWatches2:
    case OpCode.auth:
      return done()
    default:
      return null
  }
}

/** The body with its lists sorted, as the model gives them. */
export function sortedBody(op: Operation, body: Uint8Array): Uint8Array {
  const reader = new JuteReader(body)
  const writer = new JuteWriter()
  switch (op.type) {
    case OpCode.getChildren:
    case OpCode.getChildren2:
    case OpCode.getEphemerals:
      writeStrings(writer, readStrings(reader).sort())
      writer.raw(body, reader.offset, body.length)
      return writer.finish()
    case OpCode.multiRead: {
      const results = readMultiReadResponse(reader)
      writeMultiReadResponse(
        writer,
        results.map((result) =>
          result.type === OpCode.getChildren
            ? { ...result, children: [...result.children].sort() }
            : result,
        ),
      )
      return writer.finish()
    }
    default:
      return body
  }
}

function readable(model: Model, path: string, by: Reader): ModelNode | number {
  const node = model.at(path, by.zxid)
  if (node === null) return ErrorCode.noNode
  return permits(node.acls, Perm.read, by.identities) ? node : ErrorCode.noAuth
}

function readOne(model: Model, type: number, path: string, by: Reader): MultiReadResult {
  const node = readable(model, path, by)
  if (typeof node === 'number') return { type: OpCode.error, err: node }
  if (type === OpCode.getData) return { type, data: node.data, stat: statOf(node) }
  return { type: OpCode.getChildren, children: [...node.children].sort() }
}

function expectedAcl(model: Model, path: string, by: Reader): Outcome {
  const node = model.at(path, by.zxid)
  if (node === null) return { err: ErrorCode.noNode, body: EMPTY }
  if (!permits(node.acls, Perm.read | Perm.admin, by.identities)) {
    return { err: ErrorCode.noAuth, body: EMPTY }
  }
  const writer = new JuteWriter()
  const admin = permits(node.acls, Perm.admin, by.identities)
  writeAcls(writer, admin ? node.acls : node.acls.map(masked))
  writeStatOf(writer, node)
  return { err: 0, body: writer.finish() }
}

function masked({ perms, id }: Acl): Acl {
  if (id.scheme !== 'digest') return { perms, id }
  return { perms, id: { scheme: 'digest', id: `${id.id.split(':')[0]}:x` } }
}
