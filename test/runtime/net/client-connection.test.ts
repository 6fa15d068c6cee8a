// What a connection gathers and writes: in order, once a turn, from buffers that others use next.

import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert/strict'
import { Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { REQUEST_BYTES_HIGH } from '../../../protocol/limits.ts'
import { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { OutputBuffers } from '../../../runtime/net/output/output-buffers.ts'
import type { ClientSocket } from '../../../runtime/net/transport/client-transport.ts'

/** Takes what is written at once, or only when told to. */
class Sink extends Writable {
  readonly written: string[] = []
  readonly #chunks: Buffer[] = []
  readonly #isSlow: boolean
  #taken: () => void = () => {}

  constructor(isSlow: boolean) {
    super()
    this.#isSlow = isSlow
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk)
    this.#taken = done
    if (!this.#isSlow) this.take()
  }

  take(): void {
    this.written.push(Buffer.concat(this.#chunks.splice(0)).toString())
    this.#taken()
  }
}

function connection(sink: Sink, buffers: OutputBuffers): ClientConnection {
  const clock = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => 0 }
  return new ClientConnection(0, sink as unknown as ClientSocket, '', clock, buffers)
}

function gather(to: ClientConnection, text: string): void {
  const bytes = Buffer.from(text)
  to.gather(bytes, 0, bytes.length)
  bytes.fill('x')
}

describe('client connection', () => {
  it('has few large requests on their way, however many its window takes', () => {
    const client = connection(new Sink(false), new OutputBuffers())
    for (let i = 0; i < 10; i++) {
      client.onRequest(0, 100)
      client.onReply(0, 0, 20)
    }
    let sent = 0
    for (; !client.windowFull; sent++) client.onRequest(0, 1_000_000)
    strictEqual(sent, Math.floor(REQUEST_BYTES_HIGH / 1_000_000) + 1)
    client.onReply(0, 0, 20)
    strictEqual(client.windowFull, false)
    while (client.outstanding > 0) client.onReply(0, 0, 20)
    for (let i = 0; i < 100; i++) client.onRequest(0, 1000)
    strictEqual(client.windowFull, false)
  })

  it('says how much of its replies was taken, in steps worth a message', () => {
    const sink = new Sink(true)
    const client = connection(sink, new OutputBuffers())
    const reply = Buffer.alloc(200_000)
    const send = () => {
      client.onPart(reply, 0, 150_000)
      client.gather(reply, 150_000, reply.length)
      client.onRequest(0, 10)
      client.onReply(0, 0, reply.length)
      client.flush()
    }
    send()
    send()
    strictEqual(client.unsentBytes, 400_000)
    strictEqual(client.takenBytes(), 0)
    sink.take()
    strictEqual(client.unsentBytes, 200_000)
    strictEqual(client.takenBytes(), 0, 'not yet')
    sink.take()
    strictEqual(client.takenBytes(), 400_000)
    strictEqual(client.takenBytes(), 0)
  })

  it('writes replies and shared events in the order they came, once a turn', () => {
    const sink = new Sink(false)
    const client = connection(sink, new OutputBuffers())
    const event = Buffer.from('event ')
    client.gatherShared(event)
    strictEqual(client.unsentBytes, 6)
    gather(client, 'reply ')
    client.gatherShared(event)
    client.flush()
    client.gatherShared(event)
    client.flush()
    client.flush()
    deepStrictEqual(sink.written, ['event reply event ', 'event '])
    strictEqual(client.sent, 4)
    strictEqual(client.unsentBytes, 0)
  })

  it('grows for a reply of any length', () => {
    const sink = new Sink(false)
    const client = connection(sink, new OutputBuffers())
    const long = 'long '.repeat(50_000)
    gather(client, 'short ')
    gather(client, long)
    client.flush()
    deepStrictEqual(sink.written, [`short ${long}`])
  })

  it('lends a buffer to the next connection only when the kernel has taken what is in it', () => {
    const buffers = new OutputBuffers()
    const slow = new Sink(true)
    const client = connection(slow, buffers)
    gather(client, 'first')
    client.flush()
    const other = connection(new Sink(false), buffers)
    gather(other, 'other')
    other.flush()
    slow.take()
    deepStrictEqual(slow.written, ['first'])

    const lent = buffers.take(1)
    notStrictEqual(buffers.take(1), lent)
    buffers.give(lent)
    strictEqual(buffers.take(1), lent)
  })
})
