// A server that answers every request of a load at once, from memory, and keeps nothing: what the
// load generator reaches against it is the generator's own ceiling. It acknowledges writes without
// a sync. With --lie it answers wrongly, each time in a way that the harness has to notice; with
// --stall it answers nothing for so many milliseconds, once, in the middle of a load.
//
//   node dist/perf/servers/canned.js [--lie error|xid|version|data] [--stall MS] zoo.cfg

import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { FrameSplitter } from '../../client/frame-splitter.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { utf8 } from '../../protocol/bytes/text.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { CreateMode, EventType, KeeperState, OpCode, Xid } from '../../protocol/op-code.ts'
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
import { writeWatcherEvent } from '../../protocol/records/watcher-event.ts'
import { sessionIdOf } from '../../protocol/session-id.ts'
import { type Stat, writeStat } from '../../protocol/stat.ts'
import { ZXID_NONE, ZXID_ZERO } from '../../protocol/zxid.ts'
import { readingIntoBuffer } from '../../runtime/socket/read-buffer.ts'

const FRAME_BYTES_MAX = 16 << 20
const SEQUENCE_DIGITS = 10
const FIRST_WORD = 'srvr'
/** Requests before the stall. */
const STALL_AFTER = 100

/** What all connections share. */
interface Shared {
  readonly znodes: Map<string, Znode>
  readonly lie: Lie
  readonly stallMs: number
  requests: number
}

type Lie = 'none' | 'error' | 'xid' | 'version' | 'data'

interface Znode {
  data: Uint8Array
  version: number
  created: number
  readonly children: string[]
  readonly watchers: Set<CannedConnection>
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
  readonly #shared: Shared
  readonly #splitter = new FrameSplitter(FRAME_BYTES_MAX)
  readonly #writer = new JuteWriter()
  #hasSession = false

  constructor(socket: Socket, shared: Shared) {
    this.#socket = socket
    this.#shared = shared
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Uint8Array) => this.#onData(chunk))
  }

  tell(event: Uint8Array): void {
    this.#socket.write(event)
  }

  #onData(chunk: Uint8Array): void {
    if (!this.#hasSession && utf8(chunk, 0, Math.min(chunk.length, 4)) === FIRST_WORD) {
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
    if (this.#writer.length === 0) return
    const replies = this.#writer.finish()
    const { requests, stallMs } = this.#shared
    if (stallMs > 0 && requests > STALL_AFTER) {
      // All connections share the thread, and so the stall.
      this.#shared.requests = Number.NEGATIVE_INFINITY
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs)
    }
    this.#socket.write(replies)
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
    this.#shared.requests++
    const { xid, type } = readRequestHeader(reader)
    const { lie } = this.#shared
    const isWrite = type === OpCode.setData
    const err = isWrite && lie === 'error' ? ErrorCode.noNode : ErrorCode.ok
    const shown = isWrite && lie === 'xid' ? xid + 1 : xid
    writeReplyHeader(this.#writer, { xid: shown, zxid: ZXID_ZERO, err })
    if (err === ErrorCode.ok) this.#body(type, reader)
  }

  #body(type: number, reader: JuteReader): void {
    const writer = this.#writer
    if (type === OpCode.setData) {
      const { path, data } = readSetDataRequest(reader)
      writeStat(writer, this.#set(path, data))
    } else if (type === OpCode.getData) {
      const { path, watch } = readGetDataRequest(reader)
      const { data, version, watchers } = this.#znode(path)
      if (watch) watchers.add(this)
      const shown = this.#shared.lie === 'data' ? data.map((byte) => byte ^ 1) : data
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
    } else if (type !== OpCode.ping && type !== OpCode.closeSession) {
      throw new Error(`no operation ${type} here`)
    }
  }

  #set(path: string, data: Uint8Array | null): Stat {
    const znode = this.#znode(path)
    znode.data = Uint8Array.from(data ?? [])
    znode.version += this.#shared.lie === 'version' ? 2 : 1
    if (znode.watchers.size > 0) {
      const event = eventFrame(path)
      for (const watcher of znode.watchers) watcher.tell(event)
      znode.watchers.clear()
    }
    return { ...STAT, version: znode.version, dataLength: znode.data.length }
  }

  #create(reader: JuteReader): string {
    const { path, data, flags } = readCreateRequest(reader)
    const slash = path.lastIndexOf('/')
    const parent = this.#shared.znodes.get(path.slice(0, slash))
    if (flags === CreateMode.persistentSequential && parent !== undefined) {
      return path + String(parent.created++).padStart(SEQUENCE_DIGITS, '0')
    }
    parent?.children.push(path.slice(slash + 1))
    const bytes = Uint8Array.from(data ?? [])
    this.#shared.znodes.set(path, {
      data: bytes,
      version: 0,
      created: 0,
      children: [],
      watchers: new Set(),
    })
    return path
  }

  #znode(path: string): Znode {
    const znode = this.#shared.znodes.get(path)
    if (znode === undefined) throw new Error(`no znode ${path} here`)
    return znode
  }
}

function eventFrame(path: string): Uint8Array {
  const writer = new JuteWriter()
  writer.int(0)
  writeReplyHeader(writer, { xid: Xid.notification, zxid: ZXID_NONE, err: ErrorCode.ok })
  const type = EventType.nodeDataChanged
  writeWatcherEvent(writer, { type, state: KeeperState.syncConnected, path })
  writer.patchInt(0, writer.length - 4)
  return writer.finish()
}

const { values, positionals } = parseArgs({
  options: {
    lie: { type: 'string', default: 'none' },
    stall: { type: 'string', default: '0' },
  },
  allowPositionals: true,
})
const port = /^clientPort=(\d+)$/m.exec(readFileSync(positionals[0] ?? '', 'utf8'))?.[1]
const stallMs = Number(values.stall)
const shared: Shared = { znodes: new Map(), lie: values.lie as Lie, stallMs, requests: 0 }
createServer((socket) => new CannedConnection(readingIntoBuffer(socket, false), shared)).listen({
  port: Number(port),
  host: '127.0.0.1',
})
