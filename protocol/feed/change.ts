// What a transaction did to the tree, as a list of changes: what the change feed tells of it. A failed
// transaction did nothing, and the bookkeeping of sessions changes no node.
//
// A transaction says what it makes of a node, and not what was there. So a deletion has no version, and
// a change's old version is the number before the new one.

import { readAcls } from '../acl.ts'
import { JuteReader } from '../bytes/jute-reader.ts'
import { OpCode } from '../op-code.ts'
import type { SessionId } from '../session-id.ts'
import { readTxnHeader } from '../txn.ts'
import type { Zxid } from '../zxid.ts'

/** `session-closed`: the session's ephemeral nodes went with it, and the transaction does not list
 * them. ZooKeeper writes such transactions before 3.6, or without `closeSessionTxn.enabled`. */
export type ChangeKind = 'created' | 'changed' | 'deleted' | 'acl' | 'session-closed'

export interface Change {
  readonly zxid: Zxid
  /** Its number among the changes of its transaction, from 0 on. */
  readonly index: number
  /** Milliseconds since 1970, by the leader's clock. */
  readonly timeMs: number
  /** Whose request it was; 0 for what the server did by itself. */
  readonly sessionId: SessionId
  readonly kind: ChangeKind
  /** Null only for `session-closed`. */
  readonly path: string | null
  /** Versions of the data, or of the access list for `acl`; null if there is none, or if it is not known. */
  readonly from: number | null
  readonly to: number | null
  /** Only of `created` and `changed`: a view of the transaction. */
  readonly data: Uint8Array | null
  /** Only of `created`: whether the node goes with its session. */
  readonly isEphemeral: boolean
}

type Told = Pick<Change, 'kind' | 'path' | 'from' | 'to' | 'data' | 'isEphemeral'>

/** Throws MalformedError if the bytes are no transaction. */
export function changesOf(bytes: Uint8Array, start: number, end: number): Change[] {
  const reader = new JuteReader(bytes, start, end)
  const { zxid, timeMs, sessionId, type } = readTxnHeader(reader)
  return [...told(type, reader)].map((change, index) => {
    return { zxid, index, timeMs, sessionId, ...change }
  })
}

function* told(type: number, record: JuteReader): Generator<Told> {
  if (type === OpCode.multi) yield* toldOfMulti(record)
  else if (type === OpCode.closeSession) yield* toldOfClose(record)
  else {
    const change = toldOf(type, record)
    if (change !== null) yield change
  }
}

/** A multi that holds an error failed as a whole. */
function toldOfMulti(record: JuteReader): Told[] {
  const parts = record.vector((item) => {
    const type = item.int()
    return { type, bytes: item.buffer() ?? new Uint8Array(0) }
  }, 8)
  if (parts === null || parts.some(({ type }) => type === OpCode.error)) return []
  return parts
    .map(({ type, bytes }) => toldOf(type, new JuteReader(bytes)))
    .filter((change) => change !== null)
}

function toldOfClose(record: JuteReader): Told[] {
  if (record.remaining < 4) return [{ ...NOTHING, kind: 'session-closed', path: null }]
  const paths = record.vector((item) => item.text()) ?? []
  return paths.map((path) => ({ ...NOTHING, kind: 'deleted', path }))
}

const NOTHING = { from: null, to: null, data: null, isEphemeral: false } as const

/** Null for a transaction that changes no node. */
function toldOf(type: number, record: JuteReader): Told | null {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return created(record, true)
    case OpCode.createContainer:
    case OpCode.createTTL:
      return created(record, false)
    case OpCode.delete:
    case OpCode.deleteContainer:
      return { ...NOTHING, kind: 'deleted', path: record.text() }
    case OpCode.setData:
    case OpCode.reconfig:
      return changed(record)
    case OpCode.setACL: {
      const path = record.text()
      readAcls(record)
      return { ...NOTHING, ...versions(record.int()), kind: 'acl', path }
    }
    default:
      return null
  }
}

function created(record: JuteReader, hasFlag: boolean): Told {
  const path = record.text()
  const data = record.buffer()
  readAcls(record)
  const isEphemeral = hasFlag && record.bool()
  return { kind: 'created', path, from: null, to: 0, data, isEphemeral }
}

function changed(record: JuteReader): Told {
  const path = record.text()
  const data = record.buffer()
  return { ...NOTHING, ...versions(record.int()), kind: 'changed', path, data }
}

/** The version of the configuration's node is always -1. */
function versions(to: number): Pick<Told, 'from' | 'to'> {
  return { from: to > 0 ? to - 1 : null, to }
}
