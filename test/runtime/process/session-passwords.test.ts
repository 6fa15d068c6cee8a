// Passwords of sessions: ZooKeeper's, or such that only a server with the secret can make.

import { deepStrictEqual, notDeepStrictEqual, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '../../../client/client.ts'
import { RawConnection } from '../../../client/raw-connection.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { readConnectResponse, writeConnectRequest } from '../../../protocol/records/connect.ts'
import {
  passwordOf,
  SESSION_NONE,
  type SessionId,
  sessionIdOf,
} from '../../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../../protocol/zxid.ts'
import { sessionPasswords } from '../../../runtime/process/session-passwords.ts'
import { OwnServer } from '../../support/own-server.ts'
import { within } from '../../support/until.ts'

const WAIT_MS = 20_000
const ID = sessionIdOf(0x100_0000_0000_0001n)

test('without a secret they are ZooKeeper’s; with one, of the id and the secret', () => {
  deepStrictEqual(sessionPasswords(null)(ID), passwordOf(ID))
  const one = sessionPasswords('0123456789abcdef')
  strictEqual(one(ID).length, 16)
  deepStrictEqual(one(ID), sessionPasswords('0123456789abcdef')(ID))
  notDeepStrictEqual(one(ID), sessionPasswords('0123456789abcdeg')(ID))
  notDeepStrictEqual(one(ID), one(sessionIdOf(ID + 1n)))
})

test('who only sees an ephemeral does not get its session; its client does', async (t) => {
  const server = await OwnServer.start({ sessionSecret: 'nobody knows this one' })
  const sockets: RawConnection[] = []
  const client = new Client({ servers: server.address })
  t.after(async () => {
    for (const socket of sockets) socket.close()
    await client.close()
    await server.stop()
  })
  const shake = async (sessionId: SessionId, password: Uint8Array) => {
    const socket = await RawConnection.open('127.0.0.1', server.port)
    sockets.push(socket)
    const writer = new JuteWriter()
    const asked = { protocolVersion: 0, lastZxidSeen: ZXID_ZERO, timeoutMs: 9000, readOnly: false }
    writeConnectRequest(writer, { ...asked, sessionId, password })
    socket.send(writer.finish())
    const answer = await within('an answer', WAIT_MS, socket.receive())
    return readConnectResponse(new JuteReader(answer ?? new Uint8Array(0)))
  }
  const mine = await shake(SESSION_NONE, new Uint8Array(16))
  strictEqual((await shake(mine.sessionId, passwordOf(mine.sessionId))).sessionId, SESSION_NONE)
  const again = await shake(mine.sessionId, mine.password ?? new Uint8Array(0))
  strictEqual(again.sessionId, mine.sessionId)
  // Old clients notice nothing.
  await client.create('/of-an-old-client', null, { mode: 1 })
})
