// A member that has lost its quorum serves reads to clients that ask for as little, if it is told to
// (readonlymode.enabled), and stops as soon as there is a leader.

import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '../../client/client.ts'
import { RawConnection } from '../../client/raw-connection.ts'
import { isZkError } from '../../client/zk-error.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { OUR_COMMAND } from '../../perf/ensemble/member.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { readConnectResponse, writeConnectRequest } from '../../protocol/records/connect.ts'
import { SESSION_NONE, type SessionId, sessionIdOf } from '../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../protocol/zxid.ts'
import { until, within } from '../support/until.ts'

const BOUND_MS = 30_000

interface Session {
  readonly sessionId: SessionId
  readonly password: Uint8Array | null
}

test('without local sessions nobody is served while there is no quorum, and no session goes on', async () => {
  const ensemble = await Ensemble.prepare({
    servers: 2,
    command: [...OUR_COMMAND, '-Dreadonlymode.enabled=true'],
  })
  const sockets: RawConnection[] = []
  /** Asks for a session, which may be an old one; null if the server hangs up. */
  const shake = async (port: number, { sessionId, password }: Session): Promise<Session | null> => {
    const socket = await RawConnection.open('127.0.0.1', port)
    sockets.push(socket)
    const writer = new JuteWriter()
    const lastZxidSeen = ZXID_ZERO
    const asked = { protocolVersion: 0, lastZxidSeen, timeoutMs: 4000, sessionId, password }
    writeConnectRequest(writer, { ...asked, readOnly: true })
    socket.send(writer.finish())
    const answer = await within('an answer', BOUND_MS, socket.receive())
    return answer === null ? null : readConnectResponse(new JuteReader(answer))
  }
  const none = { sessionId: SESSION_NONE, password: new Uint8Array(16) }
  ensemble.start()
  const leader = await ensemble.whole(BOUND_MS)
  const kept = ensemble.members.find((member) => member !== leader)!
  try {
    const session = await shake(kept.clientPort, none)
    ok(session !== null && session.sessionId !== SESSION_NONE)
    await leader.kill()
    await until('reads are served', BOUND_MS, async () => {
      return (await kept.word('srvr')).includes('Mode: read-only')
    })
    strictEqual(await shake(kept.clientPort, none), null)
    strictEqual(await shake(kept.clientPort, session), null)
    const unknown = { ...session, sessionId: sessionIdOf(0x1234n) }
    strictEqual((await shake(kept.clientPort, unknown))?.sessionId, SESSION_NONE)
  } catch (error) {
    throw new Error(ensemble.tails(40), { cause: error })
  } finally {
    for (const socket of sockets) socket.close()
    await ensemble.end()
  }
})

test('reads go on without a quorum, writes do not, and both do with one', async () => {
  const ensemble = await Ensemble.prepare({
    servers: 2,
    configuration: ['minSessionTimeout=1000', 'localSessionsEnabled=true'],
    command: [...OUR_COMMAND, '-Dreadonlymode.enabled=true'],
  })
  const clients: Client[] = []
  const open = (readOnly: boolean): Client => {
    const client = new Client({ servers: kept.address, readOnly, sessionTimeoutMs: 4000 })
    clients.push(client)
    return client
  }
  ensemble.start()
  const leader = await ensemble.whole(BOUND_MS)
  const kept = ensemble.members.find((member) => member !== leader)!
  try {
    await open(false).create('/kept', Buffer.from('x'))
    await leader.kill()
    await until('reads are served', BOUND_MS, async () => {
      return (await kept.word('srvr')).includes('Mode: read-only')
    })
    strictEqual(await kept.word('isro'), 'ro')
    const reader = open(true)
    const { data } = await within('a read', BOUND_MS, reader.get('/kept'))
    deepStrictEqual(Buffer.from(data ?? []), Buffer.from('x'))
    strictEqual(reader.connection.state, 'connectedReadOnly')
    await rejects(reader.create('/new', null), { code: ErrorCode.notReadOnly })
    leader.start()
    await ensemble.whole(BOUND_MS)
    await until('it writes', BOUND_MS, () =>
      reader.create('/new', null).then(
        () => true,
        // Made before, and the answer was lost.
        (error: unknown) => isZkError(error, ErrorCode.nodeExists),
      ),
    )
  } catch (error) {
    throw new Error(ensemble.tails(40), { cause: error })
  } finally {
    for (const client of clients) await client.close().catch(() => undefined)
    await ensemble.end()
  }
})
