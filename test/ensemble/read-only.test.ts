// A member that has lost its quorum serves reads to clients that ask for as little, if it is told to
// (readonlymode.enabled), and stops as soon as there is a leader.

import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '../../client/client.ts'
import { isZkError } from '../../client/zk-error.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { OUR_COMMAND } from '../../perf/ensemble/member.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { until, within } from '../support/until.ts'

const BOUND_MS = 30_000

test('reads go on without a quorum, writes do not, and both do with one', async () => {
  const ensemble = await Ensemble.prepare({
    servers: 2,
    configuration: ['minSessionTimeout=1000'],
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
