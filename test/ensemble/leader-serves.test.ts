// leaderServes=no: a leader leaves clients to the others, and still leads.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { connectFrame } from '../../perf/load/frames.ts'
import { until, within } from '../support/until.ts'

const BOUND_MS = 30_000
const SESSION_MS = 10_000

/** What a client gets to read that asks for a session there, until the server closes. */
async function answerOf(port: number): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1' })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // Closed with a reset is closed.
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  socket.write(connectFrame(SESSION_MS))
  await within('the end of the connection', BOUND_MS, closed)
  return Buffer.concat(chunks)
}

test('clients stay with the followers, whoever leads', async () => {
  const ensemble = await Ensemble.prepare({ configuration: ['leaderServes=no'] })
  const client = new Client({ servers: ensemble.addresses, sessionTimeoutMs: SESSION_MS })
  ensemble.start()
  try {
    const leader = await ensemble.whole(BOUND_MS)
    await within('a write', BOUND_MS, client.create('/kept', Buffer.from('x')))
    deepStrictEqual(await answerOf(leader.clientPort), Buffer.alloc(0))
    strictEqual(await leader.word('isro'), 'rw')
    const { id } = client.connection.session
    await leader.kill()
    await until('another leads', BOUND_MS, async () => {
      const states = await ensemble.states()
      return states.some((state) => state?.mode === 'leader')
    })
    await until('the other follower serves', BOUND_MS, () =>
      client.exists('/kept').then(
        () => true,
        () => false,
      ),
    )
    strictEqual(client.connection.session.id, id)
    const states = await ensemble.states()
    const next = ensemble.members[states.findIndex((state) => state?.mode === 'leader')]!
    deepStrictEqual(await answerOf(next.clientPort), Buffer.alloc(0))
  } catch (error) {
    throw new Error(ensemble.tails(40), { cause: error })
  } finally {
    await client.close().catch(() => undefined)
    await ensemble.end()
  }
})
