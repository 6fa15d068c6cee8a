// A server that answers every request of a load at once, from memory, and keeps nothing: what the
// load generator reaches against it is the generator's own ceiling. It acknowledges writes without
// a sync, and with --lie it answers wrongly, each in a way that the harness has to notice.
//
//   node dist/perf/servers/canned.js [--lie error|xid|version|data] zoo.cfg

import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { FrameSplitter } from '../../client/frame-splitter.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { JuteReader } from '../../protocol/jute-reader.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import { CreateMode, OpCode } from '../../protocol/op-code.ts'
import { readConnectRequest, writeConnectResponse } from '../../protocol/records/connect.ts'
import { readCreateRequest } from '../../protocol/records/create.ts'
import { readGetChildrenRequest } from '../../protocol/records/get-children.ts'
import { readGetDataRequest } from '../../protocol/records/get-data.ts'
import { readRequestHeader, writeReplyHeader } from '../../protocol/records/header.ts'
import {
  type MultiResult,
  readMultiRequest,
  writeMultiResponse,
} from '../../protocol/records/multi.ts'
import { readSetDataRequest } from '../../protocol/records/set-data.ts'
import { sessionIdOf } from '../../protocol/session-id.ts'
import { type Stat, writeStat } from '../../protocol/stat.ts'
import { ZXID_ZERO } from '../../protocol/zxid.ts'

const FRAME_BYTES_MAX = 16 << 20
const SEQUENCE_DIGITS = 10
const FIRST_WORD = 'srvr'

type Lie = 'none' | 'error' | 'xid' | 'version' | 'data'

interface Znode {
  data: Uint8Array
  version: number
  created: number
  readonly children: string[]
}

const STAT: Stat = {
  czxid: ZXID_ZERO,
  mzxid: ZXID_ZERO,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
  pzxid: ZXID_ZERO,
}

class CannedConnection {
  readonly #socket: Socket
  readonly #lie: Lie
  readonly #splitter = new FrameSplitter(FRAME_BYTES_MAX)
  readonly #writer = new JuteWriter()
  readonly #znodes: Map<string, Znode>
  #hasSession = false

  constructor(socket: Socket, znodes: Map<string, Znode>, lie: Lie) {
    this.#socket = socket
    this.#znodes = znodes
    this.#lie = lie
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
  }

  #onData(chunk: Buffer): void {
    if (!this.#hasSession && chunk.toString('latin1', 0, 4) === FIRST_WORD) {
      this.#socket.end('Zxid: 0x0\nMode: standalone\nNode count: 1\n')
      return
    }
    this.#writer.reset()
    this.#splitter.push(chunk, (bytes, start, end) => {
      const reader = new JuteReader(bytes.subarray(start, end))
      const at = this.#writer.length
      this.#writer.int(0)
      if (this.#hasSession) this.#onRequest(reader)
      else this.#onConnect(reader)
      this.#writer.patchInt(at, this.#writer.length - at - 4)
    })
    if (this.#writer.length > 0) this.#socket.write(this.#writer.finish())
  }

  #onConnect(reader: JuteReader): void {
    const { timeoutMs } = readConnectRequest(reader)
    this.#hasSession = true
    writeConnectResponse(this.#writer, {
      protocolVersion: 0,
      timeoutMs,
      sessionId: sessionIdOf(1n),
      password: new Uint8Array(16),
      readOnly: false,
    })
  }

  #onRequest(reader: JuteReader): void {
    const { xid, type } = readRequestHeader(reader)
    const isWrite = type === OpCode.setData
    const err = isWrite && this.#lie === 'error' ? ErrorCode.noNode : ErrorCode.ok
    const shown = isWrite && this.#lie === 'xid' ? xid + 1 : xid
    writeReplyHeader(this.#writer, { xid: shown, zxid: ZXID_ZERO, err })
    if (err === ErrorCode.ok) this.#body(type, reader)
  }

  #body(type: number, reader: JuteReader): void {
    const writer = this.#writer
    if (type === OpCode.setData) {
      const { path, data } = readSetDataRequest(reader)
      writeStat(writer, this.#set(path, data))
    } else if (type === OpCode.getData) {
      const { data, version } = this.#znode(readGetDataRequest(reader).path)
      const shown = this.#lie === 'data' ? data.map((byte) => byte ^ 1) : data
      writer.buffer(shown)
      writeStat(writer, { ...STAT, version, dataLength: data.length })
    } else if (type === OpCode.create) {
      writer.string(this.#create(reader))
    } else if (type === OpCode.getChildren) {
      const { children } = this.#znode(readGetChildrenRequest(reader).path)
      writer.vector(children, (to, name) => to.string(name))
    } else if (type === OpCode.multi) {
      const results = readMultiRequest(reader).map((op): MultiResult => {
        if (op.type !== OpCode.setData) throw new Error(`no operation ${op.type} in a multi here`)
        return { type: op.type, stat: this.#set(op.request.path, op.request.data) }
      })
      writeMultiResponse(writer, results)
    } else {
      throw new Error(`no operation ${type} here`)
    }
  }

  #set(path: string, data: Uint8Array | null): Stat {
    const znode = this.#znode(path)
    znode.data = Uint8Array.from(data ?? [])
    znode.version += this.#lie === 'version' ? 2 : 1
    return { ...STAT, version: znode.version, dataLength: znode.data.length }
  }

  #create(reader: JuteReader): string {
    const { path, data, flags } = readCreateRequest(reader)
    const slash = path.lastIndexOf('/')
    const parent = this.#znodes.get(path.slice(0, slash))
    if (flags === CreateMode.persistentSequential && parent !== undefined) {
      return path + String(parent.created++).padStart(SEQUENCE_DIGITS, '0')
    }
    parent?.children.push(path.slice(slash + 1))
    const bytes = Uint8Array.from(data ?? [])
    this.#znodes.set(path, { data: bytes, version: 0, created: 0, children: [] })
    return path
  }

  #znode(path: string): Znode {
    const znode = this.#znodes.get(path)
    if (znode === undefined) throw new Error(`no znode ${path} here`)
    return znode
  }
}

const { values, positionals } = parseArgs({
  options: { lie: { type: 'string', default: 'none' } },
  allowPositionals: true,
})
const port = /^clientPort=(\d+)$/m.exec(readFileSync(positionals[0] ?? '', 'utf8'))?.[1]
const znodes = new Map<string, Znode>()
createServer((socket) => new CannedConnection(socket, znodes, values.lie as Lie)).listen({
  port: Number(port),
  host: '127.0.0.1',
})
