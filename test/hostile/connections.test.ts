// Connections that are up to no good: lengths that lie, handshakes that never end, floods, and
// operations that only servers may use. What is refused is counted.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { ErrorCode } from '../../protocol/error-code.ts'
import { OpCode } from '../../protocol/op-code.ts'
import type { RefusalReason } from '../../runtime/net/input/refusals.ts'
import { auth } from '../compat/differential/requests.ts'
import { OwnServer } from '../support/own-server.ts'
import { until } from '../support/until.ts'
import { Canary, closed, handshake, rawSocket, requestFrame, sessionSocket } from './hostile.ts'

const DEADLINE_MS = 1000
const WAIT_MS = 30_000
const SLOW = 200
const FLOOD = 2000
const TRICKLE_MS = 50
const AUTH_REPLY_BYTES = 20
const PACKETS_MAX = 1000

describe('hostile connections', () => {
  let server: OwnServer
  let canary: Canary

  before(async () => {
    server = await OwnServer.start({ maxClientCnxns: 0, sessionlessCnxnTimeoutMs: DEADLINE_MS })
    canary = await Canary.start(server.address)
  })
  after(async () => {
    await canary?.stop()
    await server?.stop()
  })

  function refused(reason: RefusalReason): number {
    return server.server.network.refusals.counts().get(reason) ?? 0
  }

  test('lengths that lie close the connection, before and after the handshake', async () => {
    const lengths = [-1, -2, 0x10_0000, 0x7fff_ffff, -0x8000_0000]
    const earlier = refused('frame-length')
    for (const length of lengths) {
      const prefix = Buffer.alloc(4)
      prefix.writeInt32BE(length)
      for (const socket of [await rawSocket(server.port), await sessionSocket(server.port)]) {
        socket.write(prefix)
        await closed(socket)
      }
    }
    strictEqual(refused('frame-length') - earlier, 2 * lengths.length)
  })

  test('a handshake of a megabyte is refused by its length', async () => {
    const earlier = refused('frame-length')
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(1_000_000)
    const socket = await rawSocket(server.port)
    socket.write(prefix)
    await closed(socket)
    strictEqual(refused('frame-length') - earlier, 1)
  })

  test('handshakes that are none are refused', async () => {
    const earlier = refused('malformed-handshake')
    const whole = handshake(5000)
    const cut = Buffer.from(whole.subarray(0, 20))
    cut.writeInt32BE(16)
    const socket = await rawSocket(server.port)
    socket.write(cut)
    await closed(socket)
    strictEqual(refused('malformed-handshake') - earlier, 1)
  })

  test('a handshake has a deadline that bytes do not extend', async (t) => {
    const earlier = refused('handshake-timeout')
    const sockets: Socket[] = []
    for (let i = 0; i < SLOW; i++) sockets.push(await rawSocket(server.port))
    const started = performance.now()
    const bytes = handshake(5000)
    let next = 0
    const trickle = setInterval(() => {
      const byte = bytes.subarray(next, ++next)
      // Half of them are silent.
      for (const [i, socket] of sockets.entries()) if (i % 2 === 0) socket.write(byte)
      if (next === bytes.length - 1) clearInterval(trickle)
    }, TRICKLE_MS)
    try {
      await Promise.all(sockets.map(closed))
    } finally {
      clearInterval(trickle)
    }
    t.diagnostic(`all closed after ${Math.round(performance.now() - started)} ms`)
    strictEqual(refused('handshake-timeout') - earlier, SLOW)
  })

  test('a connection proves no more identities than can travel with its writes', async () => {
    const users: [string, number][] = [
      ['u'.repeat(100_000), 1],
      ['u', 200],
    ]
    for (const [user, packetsMin] of users) {
      const socket = await sessionSocket(server.port)
      let replies = Buffer.alloc(0)
      let packets = 0
      const lastError = () => replies.readInt32BE(replies.length - 4)
      const prove = () => {
        const { type, body } = auth('digest', `${user}:${packets++}`)
        socket.write(requestFrame(-4, type, body))
      }
      // One at a time: a write that fails, the server having closed, ends reading too.
      socket.on('data', (chunk: Buffer) => {
        replies = Buffer.concat([replies, chunk])
        const isWhole = replies.length === packets * AUTH_REPLY_BYTES
        if (isWhole && lastError() === ErrorCode.ok && packets < PACKETS_MAX) prove()
      })
      prove()
      await closed(socket)
      strictEqual(lastError(), ErrorCode.authFailed)
      ok(packets >= packetsMin, `${packets} packets`)
    }
  })

  test('operations of servers among themselves are refused', async () => {
    const earlier = refused('internal-operation')
    const path = Buffer.from('/canary/song')
    for (const type of [OpCode.createSession, OpCode.deleteContainer]) {
      const socket = await sessionSocket(server.port)
      socket.write(requestFrame(1, type, path))
      await closed(socket)
    }
    strictEqual(refused('internal-operation') - earlier, 2)
  })

  test('the canary sang all the while', (t) => {
    t.diagnostic(`${canary.served} turns, the slowest ${canary.slowestMs.toFixed()} ms`)
    ok(canary.served > 100)
  })
})

// With the usual deadline of handshakes: a busy machine takes longer than the one above.
test('many connections at once are all served', async (t) => {
  const server = await OwnServer.start({ maxClientCnxns: 0 })
  t.after(() => server.stop())
  const started = performance.now()
  const sockets = await Promise.all(Array.from({ length: FLOOD }, () => sessionSocket(server.port)))
  t.diagnostic(`${FLOOD} sessions in ${Math.round(performance.now() - started)} ms`)
  const { network } = server.server
  strictEqual(network.connectionCount, FLOOD)
  for (const socket of sockets) socket.destroy()
  await until('all are gone', WAIT_MS, () => network.connectionCount === 0)
})

test('the limit of connections from one address is kept exactly', async () => {
  const max = 10
  const server = await OwnServer.start({ maxClientCnxns: max })
  const sockets: Socket[] = []
  for (let i = 0; i < max; i++) sockets.push(await sessionSocket(server.port))
  for (let i = 0; i < 5; i++) await closed(await rawSocket(server.port))
  const { network } = server.server
  deepStrictEqual([...network.refusals.counts()], [['too-many-connections-from-address', 5]])
  strictEqual(network.connectionCount, max)
  sockets[0]!.destroy()
  await until('one is gone', WAIT_MS, () => network.connectionCount === max - 1)
  sockets[0] = await sessionSocket(server.port)
  for (const socket of sockets) socket.destroy()
  await server.stop()
})
