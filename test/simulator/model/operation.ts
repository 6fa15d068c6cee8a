// What simulated clients ask for: values that the model reads, and their bytes on the wire.

import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { writeAddWatchRequest } from '../../../protocol/records/add-watch.ts'
import { writeGetDataRequest } from '../../../protocol/records/get-data.ts'
import { type MultiOp, writeMultiOp, writeMultiRequest } from '../../../protocol/records/multi.ts'
import { type MultiReadOp, writeMultiReadRequest } from '../../../protocol/records/multi-read.ts'
import { writeRemoveWatchesRequest } from '../../../protocol/records/remove-watches.ts'
import { type SetAclRequest, writeSetAclRequest } from '../../../protocol/records/set-acl.ts'
import { type SetWatches, writeSetWatches2 } from '../../../protocol/records/set-watches.ts'

type Read =
  | typeof OpCode.exists
  | typeof OpCode.getData
  | typeof OpCode.getChildren
  | typeof OpCode.getChildren2
type ByPath =
  | typeof OpCode.getACL
  | typeof OpCode.sync
  | typeof OpCode.getAllChildrenNumber
  | typeof OpCode.getEphemerals

export type Operation =
  | MultiOp
  | { readonly type: typeof OpCode.setACL; readonly request: SetAclRequest }
  | { readonly type: typeof OpCode.multi; readonly ops: readonly MultiOp[] }
  | { readonly type: Read; readonly path: string; readonly watch: boolean }
  | { readonly type: ByPath; readonly path: string }
  | { readonly type: typeof OpCode.multiRead; readonly ops: readonly MultiReadOp[] }
  | { readonly type: typeof OpCode.addWatch; readonly path: string; readonly mode: number }
  | {
      readonly type: typeof OpCode.removeWatches | typeof OpCode.checkWatches
      readonly path: string
      readonly watcherType: number
    }
  | { readonly type: typeof OpCode.setWatches2; readonly request: SetWatches }
  | { readonly type: typeof OpCode.auth }
  | { readonly type: typeof OpCode.ping | typeof OpCode.closeSession }

export type Write = Extract<Operation, { type: MultiOp['type'] | typeof OpCode.setACL }>

/** The bytes after the request header. */
export function encodeOperation(op: Operation): Uint8Array {
  const writer = new JuteWriter()
  writeOperation(writer, op)
  return writer.finish()
}

export function writeOperation(writer: JuteWriter, op: Operation): void {
  switch (op.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
    case OpCode.delete:
    case OpCode.check:
    case OpCode.setData:
      writeMultiOp(writer, op)
      break
    case OpCode.setACL:
      writeSetAclRequest(writer, op.request)
      break
    case OpCode.multi:
      writeMultiRequest(writer, op.ops)
      break
    case OpCode.multiRead:
      writeMultiReadRequest(writer, op.ops)
      break
    default:
      writeLocal(writer, op)
  }
}

function writeLocal(
  writer: JuteWriter,
  op: Exclude<Operation, Write | { ops: readonly unknown[] }>,
): void {
  switch (op.type) {
    case OpCode.exists:
    case OpCode.getData:
    case OpCode.getChildren:
    case OpCode.getChildren2:
      writeGetDataRequest(writer, op)
      break
    case OpCode.addWatch:
      writeAddWatchRequest(writer, op)
      break
    case OpCode.removeWatches:
    case OpCode.checkWatches:
      writeRemoveWatchesRequest(writer, { path: op.path, type: op.watcherType })
      break
    case OpCode.setWatches2:
      writeSetWatches2(writer, op.request)
      break
    case OpCode.ping:
    case OpCode.closeSession:
    case OpCode.auth:
      break
    default:
      writer.string(op.path)
  }
}

const WRITES: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
  OpCode.delete,
  OpCode.setData,
  OpCode.setACL,
  OpCode.multi,
  OpCode.closeSession,
])

/** Whether it becomes a transaction. */
export function isWrite(op: Operation): boolean {
  return WRITES.has(op.type)
}
