// The requests of a load, encoded once, and what their replies must say.
//
// Every connection writes znodes of its own. So it knows which version and which value each of its
// requests must find, and every reply is compared with that, not only looked at for an error.

import { ANY_VERSION } from '../../client/operations.ts'
import { OPEN_ACL } from '../../protocol/acl.ts'
import { CreateMode, OpCode } from '../../protocol/op-code.ts'
import { type CreateRequest, writeCreateRequest } from '../../protocol/records/create.ts'
import { writeGetChildrenRequest } from '../../protocol/records/get-children.ts'
import { writeGetDataRequest } from '../../protocol/records/get-data.ts'
import { writeMultiRequest } from '../../protocol/records/multi.ts'
import { writeSetDataRequest } from '../../protocol/records/set-data.ts'
import { STAT_BYTES } from '../../protocol/stat.ts'
import { frameOf } from './frames.ts'
import { CHILDREN, MULTI_OPS, type OperationName } from './spec.ts'

const VERSION_IN_STAT = 32
const LENGTH_IN_STAT = 52
const SEQUENCE_DIGITS = 10
const MULTI_HEADER_BYTES = 9

export type Verdict = 'right' | 'error' | 'wrong'

/** Which write counts, by which its connection knows what comes back. */
export type Counter = OperationName | 'none'

export interface Operation {
  /** Whole; the xid is patched in. */
  readonly frame: Buffer
  /** Where the value's number is patched in. */
  readonly valueAt: readonly number[]
  /** Which of the connection's counters it raises, and which of them its reply must show. */
  readonly raises: Counter
  readonly shows: Counter
  /** The body of a reply whose header says that all is well. */
  check(frame: Buffer, start: number, end: number, expected: number): Verdict
}

/** The znodes of a connection, made before the load begins. */
export function setupFrames(
  path: string,
  names: ReadonlySet<OperationName>,
  bytes: number,
): Buffer[] {
  const frames = [createFrame(path, value(bytes))]
  if (names.has('create')) frames.push(createFrame(`${path}/made`, null))
  if (names.has('getChildren')) {
    frames.push(createFrame(`${path}/list`, null))
    for (let i = 0; i < CHILDREN; i++) frames.push(createFrame(`${path}/list/c${10 + i}`, null))
  }
  for (const name of names) {
    const writes = MULTI_OPS[name] ?? 0
    for (let i = 0; i < writes; i++) frames.push(createFrame(`${path}/${name}-${i}`, value(bytes)))
  }
  return frames
}

export function operation(name: OperationName, path: string, bytes: number): Operation {
  switch (name) {
    case 'set':
      return setOperation(path, bytes)
    case 'get':
      return getOperation(path, bytes)
    case 'create':
      return createOperation(path, bytes)
    case 'getChildren':
      return childrenOperation(path)
    case 'multi':
    case 'multi2':
    case 'multi100':
      return multiOperation(name, path, bytes)
  }
}

/** A number, 0 at first, and filling. */
function value(bytes: number): Buffer {
  const data = Buffer.alloc(bytes, 'x')
  data.writeInt32BE(0, 0)
  return data
}

function createRecord(path: string, data: Buffer | null, flags: number): CreateRequest {
  return { path, data, acl: OPEN_ACL, flags }
}

function createFrame(path: string, data: Buffer | null): Buffer {
  return frameOf(OpCode.create, writeCreateRequest, createRecord(path, data, CreateMode.persistent))
}

/** Where the values in a frame are: each begins with the number 0 and filling. */
function valuesIn(frame: Buffer, bytes: number): number[] {
  const lengthAndValue = Buffer.concat([Buffer.alloc(4), value(bytes)])
  lengthAndValue.writeInt32BE(bytes, 0)
  const found: number[] = []
  for (
    let at = frame.indexOf(lengthAndValue);
    at >= 0;
    at = frame.indexOf(lengthAndValue, at + 1)
  ) {
    found.push(at + 4)
  }
  return found
}

function statIsRight(frame: Buffer, at: number, version: number, bytes: number): boolean {
  return (
    frame.readInt32BE(at + VERSION_IN_STAT) === version &&
    frame.readInt32BE(at + LENGTH_IN_STAT) === bytes
  )
}

function setOperation(path: string, bytes: number): Operation {
  const record = { path, data: value(bytes), version: ANY_VERSION }
  const frame = frameOf(OpCode.setData, writeSetDataRequest, record)
  return {
    frame,
    valueAt: valuesIn(frame, bytes),
    raises: 'set',
    shows: 'set',
    check: (reply, start, end, expected) =>
      end - start === STAT_BYTES && statIsRight(reply, start, expected, bytes) ? 'right' : 'wrong',
  }
}

function getOperation(path: string, bytes: number): Operation {
  const rest = value(bytes).subarray(4)
  return {
    frame: frameOf(OpCode.getData, writeGetDataRequest, { path, watch: false }),
    valueAt: [],
    raises: 'none',
    shows: 'set',
    check: (reply, start, end, expected) =>
      end - start === 4 + bytes + STAT_BYTES &&
      reply.readInt32BE(start) === bytes &&
      reply.readInt32BE(start + 4) === expected &&
      reply.compare(rest, 0, rest.length, start + 8, start + 4 + bytes) === 0 &&
      statIsRight(reply, start + 4 + bytes, expected, bytes)
        ? 'right'
        : 'wrong',
  }
}

function createOperation(path: string, bytes: number): Operation {
  const prefix = Buffer.from(`${path}/made/n-`)
  const data = Buffer.alloc(bytes, 'x')
  const record = createRecord(prefix.toString(), data, CreateMode.persistentSequential)
  const length = prefix.length + SEQUENCE_DIGITS
  return {
    frame: frameOf(OpCode.create, writeCreateRequest, record),
    valueAt: [],
    raises: 'create',
    shows: 'create',
    check: (reply, start, end, expected) =>
      end - start === 4 + length &&
      reply.compare(prefix, 0, prefix.length, start + 4, start + 4 + prefix.length) === 0 &&
      Number(reply.toString('latin1', end - SEQUENCE_DIGITS, end)) === expected - 1
        ? 'right'
        : 'wrong',
  }
}

function childrenOperation(path: string): Operation {
  const nameBytes = 3
  return {
    frame: frameOf(OpCode.getChildren, writeGetChildrenRequest, {
      path: `${path}/list`,
      watch: false,
    }),
    valueAt: [],
    raises: 'none',
    shows: 'none',
    check: (reply, start, end) =>
      reply.readInt32BE(start) === CHILDREN && end - start === 4 + CHILDREN * (4 + nameBytes)
        ? 'right'
        : 'wrong',
  }
}

function multiOperation(name: OperationName, path: string, bytes: number): Operation {
  const writes = MULTI_OPS[name] ?? 0
  const ops = Array.from({ length: writes }, (_, i) => ({
    type: OpCode.setData,
    request: { path: `${path}/${name}-${i}`, data: value(bytes), version: ANY_VERSION },
  }))
  const frame = frameOf(OpCode.multi, writeMultiRequest, ops)
  const partBytes = MULTI_HEADER_BYTES + STAT_BYTES
  return {
    frame,
    valueAt: valuesIn(frame, bytes),
    raises: name,
    shows: name,
    check(reply, start, end, expected) {
      // A multi that failed has a header without an error and parts that are one.
      if (reply.readInt32BE(start) === OpCode.error) return 'error'
      if (end - start !== writes * partBytes + MULTI_HEADER_BYTES) return 'wrong'
      for (let i = 0; i < writes; i++) {
        const at = start + i * partBytes
        const isSet = reply.readInt32BE(at) === OpCode.setData
        if (!isSet || !statIsRight(reply, at + MULTI_HEADER_BYTES, expected, bytes)) return 'wrong'
      }
      return 'right'
    },
  }
}
