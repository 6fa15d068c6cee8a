// One transaction as a line of text, in the words of ZooKeeper's TxnLogToolkit.

import { type Acl, readAcls } from '../../protocol/acl.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import { readTxnHeader } from '../../protocol/txn.ts'
import { formatZxid } from '../../protocol/zxid.ts'

const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(OpCode).map(([name, code]) => [code, name]),
)

const decoder = new TextDecoder()

/** Throws MalformedError when the bytes are no transaction. `time` words a moment. */
export function txnText(
  bytes: Uint8Array,
  start: number,
  end: number,
  time: (timeMs: number) => string,
): string {
  const reader = new JuteReader(bytes, start, end)
  const header = readTxnHeader(reader)
  const name = NAMES[header.type] ?? `unknown ${header.type}`
  const ids =
    `session ${formatSessionId(header.sessionId)} cxid 0x${(header.cxid >>> 0).toString(16)} ` +
    `zxid ${formatZxid(header.zxid)}`
  return `${time(header.timeMs)} ${ids} ${name} ${recordText(reader, header.type)}`.trimEnd()
}

function recordText(reader: JuteReader, type: number): string {
  if (type !== OpCode.multi) return simpleText(reader, type)
  const parts = reader.vector((item) => {
    const subType = item.int()
    const data = item.buffer() ?? new Uint8Array(0)
    return `${NAMES[subType] ?? subType}:${simpleText(new JuteReader(data), subType)}`
  }, 8)
  return (parts ?? []).join(';')
}

function simpleText(reader: JuteReader, type: number): string {
  switch (type) {
    case OpCode.create:
    case OpCode.create2: {
      const node = nodeText(reader)
      const ephemeral = reader.bool()
      // Before ZooKeeper 3.4 the parent's version was not there.
      return `${node},${ephemeral},${reader.remaining >= 4 ? reader.int() : -1}`
    }
    case OpCode.createContainer:
      return `${nodeText(reader)},${reader.int()}`
    case OpCode.createTTL:
      return `${nodeText(reader)},${reader.int()},${reader.long()}`
    case OpCode.delete:
    case OpCode.deleteContainer:
      return `${reader.string()}`
    case OpCode.setData:
    case OpCode.reconfig:
      return `${reader.string()},${dataText(reader)},${reader.int()}`
    case OpCode.setACL:
      return `'${reader.string()},v{${juteAcls(reader).join(',')}},${reader.int()}`
    case OpCode.check:
      return `${reader.string()},${reader.int()}`
    case OpCode.createSession:
    case OpCode.error:
      return `${reader.int()}`
    case OpCode.closeSession: {
      if (reader.remaining < 4) return ''
      const paths = reader.vector((item) => `'${item.string()}`) ?? []
      return `v{${paths.join(',')}}`
    }
    default:
      return ''
  }
}

function nodeText(reader: JuteReader): string {
  return `${reader.string()},${dataText(reader)},${aclText(reader)}`
}

function dataText(reader: JuteReader): string {
  const data = reader.buffer()
  return data === null ? '' : decoder.decode(data)
}

function aclText(reader: JuteReader): string {
  const acls = readAcls(reader) ?? []
  return `[${acls.map(oneAcl).join(', ')}]`
}

/** As jute words a record that ZooKeeper's tool has no words of its own for. */
function juteAcls(reader: JuteReader): string[] {
  return (readAcls(reader) ?? []).map((acl) => `s{${oneAcl(acl)}}`)
}

function oneAcl({ perms, id }: Acl): string {
  return `${perms},s{'${id.scheme},'${id.id}}`
}
