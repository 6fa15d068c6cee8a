// A closed-loop load: C connections with O requests outstanding each, for some seconds; one JSON
// line. Frames are made once and patched, replies are checked and counted, so that the generator
// costs as little as it can.
//
//   node dist/perf/closed-loop.js --port 2181 --op set --connections 10 --outstanding 16
//   node dist/perf/closed-loop.js --port 2181,2182,2183 --op set
//   node dist/perf/closed-loop.js --port 2181 --op create --count 1000000 --seconds 600

import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { JuteWriter } from '../protocol/jute-writer.ts'
import { OpCode } from '../protocol/op-code.ts'

interface Load {
  /** Connections take them in turn. */
  ports: readonly number[]
  op: 'set' | 'get' | 'create'
  connections: number
  outstanding: number
  bytes: number
  seconds: number
  warmupSeconds: number
  /** Ends after this many replies, if that comes before the seconds are over. */
  count: number
}

interface Tally {
  replies: number
  errors: number
  latenciesUs: number[]
  measuring: boolean
}

const XID_AT = 4
const ERROR_AT = 16

function connectFrame(): Buffer {
  const writer = new JuteWriter()
  writer.int(0)
  writer.int(0)
  writer.longNumber(0)
  writer.int(30_000)
  writer.longNumber(0)
  writer.buffer(new Uint8Array(16))
  writer.bool(false)
  return framed(writer)
}

function framed(writer: JuteWriter): Buffer {
  writer.patchInt(0, writer.length - 4)
  return Buffer.from(writer.finish())
}

/** One request; its xid is patched before each use. */
function requestFrame(load: Load, path: string): Buffer {
  const writer = new JuteWriter()
  writer.int(0)
  writer.int(0)
  const data = Buffer.alloc(load.bytes, 'x')
  if (load.op === 'get') {
    writer.int(OpCode.getData)
    writer.string(path)
    writer.bool(false)
  } else if (load.op === 'set') {
    writer.int(OpCode.setData)
    writer.string(path)
    writer.buffer(data)
    writer.int(-1)
  } else {
    writeCreate(writer, path, data, 2)
  }
  return framed(writer)
}

function writeCreate(writer: JuteWriter, path: string, data: Uint8Array, flags: number): void {
  writer.int(OpCode.create)
  writer.string(path)
  writer.buffer(data)
  writer.int(1)
  writer.int(31)
  writer.string('world')
  writer.string('anyone')
  writer.int(flags)
}

function createFrame(path: string, bytes: number): Buffer {
  const writer = new JuteWriter()
  writer.int(0)
  writer.int(1)
  writeCreate(writer, path, Buffer.alloc(bytes, 'x'), 0)
  return framed(writer)
}

class LoadConnection {
  readonly #socket: Socket
  readonly #load: Load
  readonly #tally: Tally
  readonly #frame: Buffer
  readonly #batch: Buffer
  readonly #sentAt: number[] = []
  #sentHead = 0
  #xid = 1
  #rest: Buffer = Buffer.alloc(0)
  #phase: 'handshake' | 'create' | 'load' = 'handshake'
  readonly ready: Promise<void>
  #onReady: () => void = () => {}
  stopped = false

  constructor(load: Load, index: number, tally: Tally) {
    this.#load = load
    this.#tally = tally
    const path = `/closed-loop-${index}`
    this.#frame = requestFrame(load, load.op === 'create' ? `${path}/n-` : path)
    this.#batch = Buffer.concat(new Array(load.outstanding).fill(this.#frame))
    const port = load.ports[index % load.ports.length]!
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk) => this.#onData(chunk, createFrame(path, load.bytes)))
    this.#socket.on('error', (error) => {
      throw error
    })
    this.#socket.write(connectFrame())
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve
    })
  }

  start(): void {
    this.#phase = 'load'
    this.#send(this.#load.outstanding)
  }

  close(): void {
    this.stopped = true
    this.#socket.destroy()
  }

  #send(count: number): void {
    const length = this.#frame.length
    const now = performance.now()
    for (let i = 0; i < count; i++) {
      this.#xid = (this.#xid % 0x7fff_ffff) + 1
      this.#batch.writeInt32BE(this.#xid, i * length + XID_AT)
      this.#sentAt.push(now)
    }
    this.#socket.write(Buffer.from(this.#batch.subarray(0, count * length)))
  }

  #onData(chunk: Buffer, setup: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    let count = 0
    while (data.length - at >= 4) {
      const length = data.readInt32BE(at)
      if (data.length - at < 4 + length) break
      if (this.#phase === 'load') this.#onReply(data.readInt32BE(at + ERROR_AT))
      count++
      at += 4 + length
    }
    this.#rest = data.subarray(at)
    if (count === 0) return
    if (this.#phase === 'handshake') {
      this.#phase = 'create'
      this.#socket.write(setup)
    } else if (this.#phase === 'create') {
      this.#onReady()
    } else if (!this.stopped) {
      this.#send(count)
    }
  }

  #onReply(error: number): void {
    const tally = this.#tally
    const sentAt = this.#sentAt[this.#sentHead++] ?? 0
    if (this.#sentHead > 65536) {
      this.#sentAt.splice(0, this.#sentHead)
      this.#sentHead = 0
    }
    if (!tally.measuring) return
    tally.replies++
    if (error !== 0) tally.errors++
    tally.latenciesUs.push((performance.now() - sentAt) * 1000)
  }
}

function percentile(sorted: Float64Array, share: number): number {
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  return Math.round(sorted[index] ?? 0)
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000))

async function run(load: Load): Promise<void> {
  const tally: Tally = { replies: 0, errors: 0, latenciesUs: [], measuring: false }
  const connections: LoadConnection[] = []
  for (let i = 0; i < load.connections; i++) connections.push(new LoadConnection(load, i, tally))
  await Promise.all(connections.map((connection) => connection.ready))
  for (const connection of connections) connection.start()
  await pause(load.warmupSeconds)
  const startedMs = performance.now()
  const cpu = process.cpuUsage()
  tally.measuring = true
  const deadlineMs = startedMs + load.seconds * 1000
  while (performance.now() < deadlineMs && tally.replies < load.count) await pause(0.05)
  tally.measuring = false
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  for (const connection of connections) connection.close()
  const sorted = Float64Array.from(tally.latenciesUs).sort()
  console.log(
    JSON.stringify({
      op: load.op,
      connections: load.connections,
      outstanding: load.outstanding,
      perSecond: Math.round(tally.replies / seconds),
      errors: tally.errors,
      p50Us: percentile(sorted, 0.5),
      p99Us: percentile(sorted, 0.99),
      p999Us: percentile(sorted, 0.999),
      maxUs: percentile(sorted, 1),
      generatorCpuShare: Number(((user + system) / 1e6 / seconds).toFixed(2)),
    }),
  )
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '2181' },
    op: { type: 'string', default: 'set' },
    connections: { type: 'string', default: '10' },
    outstanding: { type: 'string', default: '16' },
    bytes: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '5' },
    warmup: { type: 'string', default: '2' },
    count: { type: 'string', default: '1000000000' },
  },
})
await run({
  ports: values.port.split(',').map(Number),
  op: values.op as Load['op'],
  connections: Number(values.connections),
  outstanding: Number(values.outstanding),
  bytes: Number(values.bytes),
  seconds: Number(values.seconds),
  warmupSeconds: Number(values.warmup),
  count: Number(values.count),
})
