// Clients that do not read what they asked for: the server's memory stays bounded, others are
// served. The server is a process of its own; its memory is read from /proc.

import { ok } from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { Client } from '../../client/client.ts'
import { addWatch, get } from '../compat/differential/requests.ts'
import { ChildServer, removeFolder, temporaryFolder } from '../support/own-server.ts'
import { until, within } from '../support/until.ts'
import {
  Canary,
  closed,
  requestFrame,
  residentBytes,
  sessionSocket,
  skipWithoutProc as skip,
} from './hostile.ts'

const MIB = 1 << 20
const READERS = 40
const REQUESTS = 50
const VALUE_BYTES = 1_000_000
/** 2 GB are asked for. */
const GROWTH_MAX = 400 * MIB
const WAIT_MS = 60_000
const PATH_BYTES = 100_000
const EVENTS = 1500

test('replies that nobody reads', { skip }, async (t) => {
  const folder = temporaryFolder()
  const server = await ChildServer.start(folder)
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    client.connection.abandon()
    canary.abandon()
    await server.kill()
    removeFolder(folder)
  })
  const sockets: Socket[] = []
  const client = new Client({ servers: server.address })
  await client.create('/large', Buffer.alloc(VALUE_BYTES, 7))
  const canary = await Canary.start(server.address)
  const before = residentBytes(server.pid)
  let peak = before
  for (let i = 0; i < READERS; i++) {
    const socket = await sessionSocket(server.port)
    socket.pause()
    sockets.push(socket)
    for (let xid = 1; xid <= REQUESTS; xid++) {
      socket.write(requestFrame(xid, get('/large').type, get('/large').body))
    }
    peak = Math.max(peak, residentBytes(server.pid))
  }
  const turns = canary.served
  await until('the canary is served', WAIT_MS, () => {
    peak = Math.max(peak, residentBytes(server.pid))
    return canary.served > turns + 200
  })
  const growth = peak - before
  t.diagnostic(`${Math.round(growth / MIB)} MiB, canary ${canary.slowestMs.toFixed()} ms`)
  ok(growth < GROWTH_MAX, `grew by ${Math.round(growth / MIB)} MiB`)
  // Those who read in the end get all.
  const [late] = sockets
  let bytes = 0
  late!.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  late!.resume()
  await until('every reply came', WAIT_MS, () => bytes >= REQUESTS * VALUE_BYTES)
  await canary.stop()
})

test('a watcher that does not read is closed before it takes the memory', { skip }, async (t) => {
  const folder = temporaryFolder()
  const server = await ChildServer.start(folder)
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    client.connection.abandon()
    canary.abandon()
    await server.kill()
    removeFolder(folder)
  })
  const sockets: Socket[] = []
  const client = new Client({ servers: server.address })
  const canary = await Canary.start(server.address)
  const path = `/${'p'.repeat(PATH_BYTES)}`
  await client.create(path, null)
  const before = residentBytes(server.pid)
  const socket = await sessionSocket(server.port)
  sockets.push(socket)
  socket.pause()
  const watch = addWatch('/', 1)
  socket.write(requestFrame(1, watch.type, watch.body))
  let peak = before
  for (let i = 0; i < EVENTS; i += 50) {
    const sets = Array.from({ length: 50 }, () => client.set(path, null))
    await within('fifty sets', WAIT_MS, Promise.all(sets))
    peak = Math.max(peak, residentBytes(server.pid))
  }
  const growth = peak - before
  t.diagnostic(`${Math.round(growth / MIB)} MiB, canary ${canary.slowestMs.toFixed()} ms`)
  ok(growth < GROWTH_MAX, `grew by ${Math.round(growth / MIB)} MiB`)
  await closed(socket)
  await canary.stop()
})
