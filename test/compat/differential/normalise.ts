// A reply as text that two servers must agree on, byte for byte, but for what cannot agree: times
// are there or not, zxids count from the script's beginning, session ids get names, and sets of
// children have an order.

import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { STAT_BYTES } from '../../../protocol/stat.ts'

const CREATED: ReadonlySet<number> = new Set([
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
])

export class Normaliser {
  /** The zxid at the beginning of the script. */
  base = 0n
  readonly #sessions: bigint[] = []

  /** Everything up to the beginning is older than what a script does. */
  zxid(value: bigint): string {
    if (value <= 0n) return `${value}`
    return value > this.base ? `+${value - this.base}` : 'old'
  }

  session(id: bigint): string {
    if (id === 0n || id === -(2n ** 63n) || id >> 56n === -1n) return `${id}`
    if (!this.#sessions.includes(id)) this.#sessions.push(id)
    return `session${this.#sessions.indexOf(id)}`
  }

  /** `type` is the request's operation code. */
  reply(frame: Buffer, type: number): string {
    const xid = frame.readInt32BE(0)
    const header = `${xid} ${this.zxid(frame.readBigInt64BE(4))} err=${frame.readInt32BE(12)}`
    if (frame.length === 16) return header
    const reader = new JuteReader(frame, 16, frame.length)
    try {
      const body = this.#body(reader, type)
      const rest = reader.remaining > 0 ? ` and ${hex(reader)}` : ''
      return `${header} ${body}${rest}`
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      return `${header} unreadable ${frame.subarray(16).toString('hex')}`
    }
  }

  event(frame: Buffer): string {
    const zxid = this.zxid(frame.readBigInt64BE(4))
    const reader = new JuteReader(frame, 16, frame.length)
    const fields = `type=${reader.int()} state=${reader.int()} ${reader.string()}`
    return `event zxid=${zxid} err=${frame.readInt32BE(12)} ${fields}${hex(reader)}`
  }

  #body(reader: JuteReader, type: number): string {
    if (type === OpCode.create || type === OpCode.sync) return string(reader)
    if (CREATED.has(type)) return `${string(reader)} ${this.#stat(reader)}`
    switch (type) {
      case OpCode.exists:
      case OpCode.setData:
      case OpCode.setACL:
        return this.#stat(reader)
      case OpCode.getData:
        return `${buffer(reader)} ${this.#stat(reader)}`
      case OpCode.getACL:
        return `${acls(reader)} ${this.#stat(reader)}`
      case OpCode.getChildren:
      case OpCode.getEphemerals:
        return strings(reader)
      case OpCode.getChildren2:
        return `${strings(reader)} ${this.#stat(reader)}`
      case OpCode.whoAmI:
        // Identities are a set.
        return JSON.stringify(reader.vector((r) => `${r.string()} ${r.string()}`)?.sort() ?? null)
      case OpCode.multi:
      case OpCode.multiRead:
        return this.#multi(reader)
      default:
        return hex(reader)
    }
  }

  #multi(reader: JuteReader): string {
    const parts: string[] = []
    for (;;) {
      const [type, done, err] = [reader.int(), reader.bool(), reader.int()]
      const header = `{${type} ${done} ${err}}`
      if (done) return [...parts, header].join(' ')
      if (type === OpCode.error) parts.push(`${header} ${reader.int()}`)
      else if (type === OpCode.delete || type === OpCode.check) parts.push(header)
      else parts.push(`${header} ${this.#body(reader, type)}`)
    }
  }

  #stat(reader: JuteReader): string {
    if (reader.remaining < STAT_BYTES) throw new MalformedError('stat cut short')
    const [czxid, mzxid, ctime, mtime] = [
      reader.long(),
      reader.long(),
      reader.long(),
      reader.long(),
    ]
    const versions = `${reader.int()},${reader.int()},${reader.int()}`
    const owner = this.session(reader.long())
    const counts = `${reader.int()},${reader.int()}`
    const times = `${ctime > 0n ? 't' : ctime},${mtime > 0n ? 't' : mtime}`
    const zxids = `${this.zxid(czxid)},${this.zxid(mzxid)},${this.zxid(reader.long())}`
    return `<zxids ${zxids} times ${times} versions ${versions} owner ${owner} counts ${counts}>`
  }
}

function string(reader: JuteReader): string {
  return JSON.stringify(reader.string())
}

function buffer(reader: JuteReader): string {
  const value = reader.buffer()
  if (value === null) return 'null'
  const text = Buffer.from(value).toString('latin1')
  return text.length > 200 ? `${text.length} bytes` : JSON.stringify(text)
}

function strings(reader: JuteReader): string {
  return JSON.stringify(reader.vector((r) => r.string())?.sort() ?? null)
}

function acls(reader: JuteReader): string {
  return JSON.stringify(reader.vector((r) => `${r.int()} ${r.string()} ${r.string()}`))
}

function hex(reader: JuteReader): string {
  const rest = Buffer.from(reader.bytes.subarray(reader.offset, reader.end)).toString('hex')
  reader.offset = reader.end
  return rest
}
