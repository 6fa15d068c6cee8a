// Requests that are small and whose replies are not: the server's memory stays bounded, others are
// served meanwhile, and the client is told. The server is a process of its own; its memory is read
// from /proc.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { RawConnection } from '../../client/raw-connection.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { children, get, multiRead, part, set } from '../compat/differential/requests.ts'
import { ChildServer, removeFolder, temporaryFolder } from '../support/own-server.ts'
import { until, within } from '../support/until.ts'
import {
  Canary,
  handshake,
  requestFrame,
  residentBytes,
  sessionSocket,
  skipWithoutProc as skip,
} from './hostile.ts'

const MIB = 1 << 20
const WAIT_MS = 60_000
const VALUE_BYTES = 1_000_000
const WIDE = 20_000
const READS = 3000
const CHILDREN = 150_000

interface Hosted {
  readonly server: ChildServer
  readonly client: Client
  readonly canary: Canary
}

async function hosted(t: TestContext): Promise<Hosted> {
  const folder = temporaryFolder()
  const server = await ChildServer.start(folder)
  const client = new Client({ servers: server.address })
  const canary = await Canary.start(server.address)
  t.after(async () => {
    client.connection.abandon()
    canary.abandon()
    await server.kill()
    removeFolder(folder)
  })
  return { server, client, canary }
}

/** A session that takes no more replies. Small ones, of /small, have made its window wide. */
async function withWideWindow(t: TestContext, server: ChildServer): Promise<Socket> {
  const socket = await sessionSocket(server.port)
  t.after(() => socket.destroy())
  let got = 0
  socket.on('data', (chunk: Buffer) => {
    got += chunk.length
  })
  const { type, body } = get('/small')
  for (let i = 0; i < WIDE; i++) socket.write(requestFrame(i, type, body))
  await until('the window is wide', WAIT_MS, () => got >= WIDE * 88)
  socket.pause()
  return socket
}

/** While others are served; `before` was the server's memory. */
async function staysWithin(
  mebibytes: number,
  t: TestContext,
  server: ChildServer,
  canary: Canary,
  before: number,
): Promise<void> {
  let peak = before
  const turns = canary.served
  await until('the canary is served', WAIT_MS, () => {
    peak = Math.max(peak, residentBytes(server.pid))
    return canary.served > turns + 200
  })
  const growth = peak - before
  t.diagnostic(`${Math.round(growth / MIB)} MiB, canary ${canary.slowestMs.toFixed()} ms`)
  ok(growth < mebibytes * MIB, `grew by ${Math.round(growth / MIB)} MiB`)
  await canary.stop()
}

test('one multiRead that names a node of a megabyte 1,100 times', { skip }, async (t) => {
  const { server, client, canary } = await hosted(t)
  await client.create('/large', Buffer.alloc(VALUE_BYTES, 7))
  const before = residentBytes(server.pid)
  const reader = await RawConnection.open('127.0.0.1', server.port)
  reader.send(handshake(10_000).subarray(4))
  await within('a session', WAIT_MS, reader.receive())
  for (const count of [1100, 300, 1]) {
    const { type, body } = multiRead(...Array.from({ length: count }, () => part.get('/large')))
    reader.send(requestFrame(count, type, body).subarray(4))
    const reply = await within('an answer', WAIT_MS, reader.receive())
    strictEqual(reply?.readInt32BE(0), count)
    strictEqual(reply?.readInt32BE(12), count > 1 ? ErrorCode.marshallingError : ErrorCode.ok)
  }
  const growth = residentBytes(server.pid) - before
  t.diagnostic(`${Math.round(growth / MIB)} MiB, canary ${canary.slowestMs.toFixed()} ms`)
  ok(growth < 300 * MIB, `grew by ${Math.round(growth / MIB)} MiB`)
  reader.close()
  await canary.stop()
})

for (const [name, every] of [
  ['reads', 0],
  ['reads behind writes', 20],
] as const) {
  test(`${name} of a client with a wide window that takes no reply`, { skip }, async (t) => {
    const { server, client, canary } = await hosted(t)
    await client.create('/large', Buffer.alloc(VALUE_BYTES, 7))
    await client.create('/small', null)
    const before = residentBytes(server.pid)
    const socket = await withWideWindow(t, server)
    for (let i = 0; i < READS; i++) {
      const large = get('/large')
      socket.write(requestFrame(i, large.type, large.body))
      if (every === 0 || i % every !== 0) continue
      const small = set('/small', 'x')
      socket.write(requestFrame(i, small.type, small.body))
    }
    await staysWithin(400, t, server, canary, before)
  })
}

test('large requests behind replies that are not taken', { skip }, async (t) => {
  const { server, client, canary } = await hosted(t)
  await client.create('/large', Buffer.alloc(VALUE_BYTES, 7))
  await client.create('/small', null)
  const socket = await withWideWindow(t, server)
  const before = residentBytes(server.pid)
  const large = get('/large')
  for (let i = 0; i < 8; i++) socket.write(requestFrame(i, large.type, large.body))
  const long = get(`/${'n'.repeat(900_000)}`)
  const frame = requestFrame(9, long.type, long.body)
  for (let i = 0; i < 400; i++) socket.write(frame)
  await staysWithin(150, t, server, canary, before)
})

test('a list of 150,000 children arrives, and others are served meanwhile', async (t) => {
  const { server, client, canary } = await hosted(t)
  await client.create('/list', null)
  const data = new Uint8Array(0)
  for (let i = 0; i < CHILDREN; i += 3000) {
    const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
    const ops = Array.from({ length: 3000 }, (_, k) => {
      const path = `/list/a-child-with-quite-a-name-${i + k}`
      return { type: OpCode.create, request: { path, data, acl, flags: 0 } } as const
    })
    await client.multi(ops)
  }
  const reader = await RawConnection.open('127.0.0.1', server.port)
  t.after(() => reader.close())
  reader.send(handshake(10_000).subarray(4))
  await within('a session', WAIT_MS, reader.receive())
  canary.slowestMs = 0
  const { type, body } = children('/list')
  for (let xid = 1; xid <= 20; xid++) reader.send(requestFrame(xid, type, body).subarray(4))
  for (let xid = 1; xid <= 20; xid++) {
    const reply = await within('the list', WAIT_MS, reader.receive())
    deepStrictEqual([reply?.readInt32BE(0), reply?.readInt32BE(16)], [xid, CHILDREN])
  }
  t.diagnostic(`canary ${canary.slowestMs.toFixed()} ms`)
  await canary.stop()
})
