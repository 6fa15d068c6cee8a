// Requests that are small and whose replies are not: the server's memory stays bounded, others are
// served meanwhile, and the client is told. The server is a process of its own; its memory is read
// from /proc.

import { ok, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '../../client/client.ts'
import { RawConnection } from '../../client/raw-connection.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { multiRead, part } from '../compat/differential/requests.ts'
import { ChildServer, removeFolder, temporaryFolder } from '../support/own-server.ts'
import { within } from '../support/until.ts'
import {
  Canary,
  handshake,
  requestFrame,
  residentBytes,
  skipWithoutProc as skip,
} from './hostile.ts'

const MIB = 1 << 20
const WAIT_MS = 60_000
const VALUE_BYTES = 1_000_000

test('one multiRead that names a node of a megabyte 1,100 times', { skip }, async (t) => {
  const folder = temporaryFolder()
  const server = await ChildServer.start(folder)
  const client = new Client({ servers: server.address })
  t.after(async () => {
    client.connection.abandon()
    canary.abandon()
    await server.kill()
    removeFolder(folder)
  })
  await client.create('/large', Buffer.alloc(VALUE_BYTES, 7))
  const canary = await Canary.start(server.address)
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
