// Dialling: the first address that answers, none that does, one that says nothing.

import { strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { dial, type PeerAddress } from '../../../runtime/peer/dial.ts'
import { within } from '../../support/until.ts'

const HOST = '127.0.0.1'
const BOUND_MS = 10_000
const TIMEOUT_MS = 60_000

function dialled(addresses: readonly PeerAddress[], timeoutMs: number): Promise<Socket | null> {
  const attempt = new Promise<Socket | null>((resolve) => {
    dial(addresses, timeoutMs, (socket) => {
      socket?.destroy()
      resolve(socket)
    })
  })
  return within('the attempt to end', BOUND_MS, attempt)
}

describe('dialling', () => {
  const servers: Server[] = []

  async function listening(): Promise<PeerAddress> {
    const server = createServer((socket) => socket.on('error', () => {}).resume())
    servers.push(server)
    server.listen(0, HOST)
    await once(server, 'listening')
    return { host: HOST, port: (server.address() as { port: number }).port }
  }

  async function refusing(): Promise<PeerAddress> {
    const address = await listening()
    const server = servers.pop()!
    server.close()
    await once(server, 'close')
    return address
  }

  after(() => {
    for (const server of servers) server.close()
  })

  test('takes the address that answers', async () => {
    const [bad, good] = [await refusing(), await listening()]
    const socket = await dialled([bad, good, bad], TIMEOUT_MS)
    strictEqual(socket?.remotePort ?? good.port, good.port)
    strictEqual(socket !== null, true)
  })

  test('ends when every address has refused, or there is none', async () => {
    strictEqual(await dialled([await refusing(), await refusing()], TIMEOUT_MS), null)
    strictEqual(await dialled([], TIMEOUT_MS), null)
  })

  test('is not heard of once it is cancelled', async () => {
    const address = await listening()
    let told = 0
    const cancel = dial([address], TIMEOUT_MS, () => told++)
    dial([], TIMEOUT_MS, () => told++)()
    cancel()
    await dialled([address], TIMEOUT_MS)
    strictEqual(told, 0)
  })

  test('ends by its timeout when nobody answers', async () => {
    // A thread that listens, has room for few, and accepts none: what follows them hangs.
    const blocked = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(BLOCKED_SERVER, { eval: true, workerData: blocked })
    const [port] = (await within('a port', BOUND_MS, once(worker, 'message'))) as [number]
    const fillers: (() => void)[] = []
    for (let i = 0; i < 8; i++) fillers.push(dial([{ host: HOST, port }], TIMEOUT_MS, () => {}))
    strictEqual(await dialled([{ host: HOST, port }], 50), null)
    for (const cancel of fillers) cancel()
    Atomics.store(blocked, 0, 1)
    Atomics.notify(blocked, 0)
    await worker.terminate()
  })
})

const BLOCKED_SERVER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '${HOST}', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(workerData, 0, 0)
  })
`
