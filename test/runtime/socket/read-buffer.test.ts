// Sockets that read into the thread's buffer: accepted and dialled ones, their ends, and that node
// still has what the accepted ones rest on.

import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server, Socket } from 'node:net'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { probeHandles } from '../../../runtime/socket/handle-probe.ts'
import {
  decideToTakeHandles,
  onread,
  readingIntoBuffer,
  shareDecision,
  withItsHandle,
} from '../../../runtime/socket/read-buffer.ts'

const HOST = '127.0.0.1'

describe('read buffer', () => {
  let server: Server
  let near: Socket
  let far: Socket
  let accepted: Socket

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, HOST)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const connection = once(server, 'connection')
    near = createConnection({ host: HOST, port, noDelay: true, onread: onread(() => near) })
    accepted = (await connection)[0] as Socket
    far = withItsHandle(accepted, true)
    if (near.connecting) await once(near, 'connect')
  })

  afterEach(async () => {
    near.destroy()
    far.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  })

  test('both ways come in one buffer, as plain arrays', async () => {
    const chunks: Uint8Array[] = []
    const texts: string[] = []
    for (const [from, to, text] of [
      [near, far, 'there'],
      [far, near, 'and back'],
      [near, far, 'again'],
    ] as const) {
      from.write(text)
      await new Promise<void>((resolve) =>
        to.once('data', (chunk: Uint8Array) => {
          chunks.push(chunk)
          texts.push(Buffer.from(chunk).toString())
          resolve()
        }),
      )
    }
    deepStrictEqual(texts, ['there', 'and back', 'again'])
    notStrictEqual(far, accepted, 'node still makes sockets of handles')
    for (const chunk of chunks) {
      strictEqual(chunk.buffer, chunks[0]!.buffer)
      strictEqual(Object.getPrototypeOf(chunk), Uint8Array.prototype)
    }
  })

  test('nothing is lost or told while paused', async () => {
    const got: Uint8Array[] = []
    far.on('data', (chunk: Uint8Array) => got.push(new Uint8Array(chunk)))
    far.pause()
    const sent = Buffer.alloc(300_000, 'abcdefg')
    near.write(sent)
    // What goes the other way has come, and still nothing was told.
    far.write('x')
    await once(near, 'data')
    deepStrictEqual(got, [])
    far.resume()
    while (Buffer.concat(got).length < sent.length) await once(far, 'data')
    ok(Buffer.concat(got).equals(sent))
  })

  test('an end leaves the other half open, and the server counts what is left', async () => {
    const count = (): Promise<number> =>
      new Promise((resolve, reject) =>
        server.getConnections((error, connections) =>
          error ? reject(error) : resolve(connections),
        ),
      )
    strictEqual(await count(), 1)
    far.resume()
    near.resume()
    const ended = once(far, 'end')
    near.end()
    await ended
    const answered = once(near, 'data')
    far.write('late')
    deepStrictEqual(Buffer.from((await answered)[0] as Uint8Array).length, 4)
    const closed = [once(far, 'close'), once(near, 'close')]
    far.end()
    await Promise.all(closed)
    strictEqual(await count(), 0)
  })

  test('a reset is an error and a close', async () => {
    far.resume()
    const codes: (string | undefined)[] = []
    far.on('error', ({ code }: NodeJS.ErrnoException) => codes.push(code))
    const closed = new Promise((resolve) => far.once('close', resolve))
    near.resetAndDestroy()
    await closed
    deepStrictEqual(codes, ['ECONNRESET'])
  })

  test('a socket that is no server’s stays what it is', () => {
    const socket = new Socket()
    strictEqual(withItsHandle(socket, false), socket)
  })
})

describe('the decision to take handles', () => {
  test('is made of a connection of our own: this node lets them be taken', async () => {
    strictEqual(await probeHandles(), null)
  })

  test('is against it where that connection says so', async () => {
    const problems = await Promise.all([
      probeHandles((accepted) => accepted),
      // A node that makes nothing of the handle.
      probeHandles((accepted) => {
        accepted.pause()
        const { _handle: handle } = accepted as Socket & { _handle: { close(): void } }
        Object.assign(accepted, { _handle: null })
        handle.close()
        return new Socket({ allowHalfOpen: true })
      }),
      probeHandles(() => {
        throw new TypeError('no such option')
      }),
    ])
    deepStrictEqual(problems, [
      'an accepted socket has no handle that could be taken',
      'nothing came for two seconds',
      'no such option',
    ])
  })

  test('holds for every thread that shares it; until it is made nothing is taken', async () => {
    const memory = new SharedArrayBuffer(4)
    shareDecision(memory)
    const server = createServer((accepted) => {
      sockets.push([accepted, readingIntoBuffer(accepted, false)])
      if (sockets.length === 1) decideToTakeHandles()
    }).listen(0, HOST)
    const sockets: [Socket, Socket][] = []
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    for (let i = 0; i < 2; i++) {
      const connection = once(server, 'connection')
      const near = createConnection({ host: HOST, port }).resume()
      const closed = once(near, 'close')
      await connection
      sockets[i]![1].destroy()
      await closed
    }
    deepStrictEqual(
      sockets.map(([accepted, used]) => accepted === used),
      [true, false],
    )
    strictEqual(new Int32Array(memory)[0], 1)
    await new Promise((resolve) => server.close(resolve))
  })
})
