// Ids of servers as ensembles out there have them: from 0 on, and from 1001 on.

import { strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { within } from '../support/until.ts'
import { clientOf, SESSION_MS } from './load.ts'

const WHOLE_MS_MAX = 60_000
const ANSWER_MS_MAX = 30_000

for (const ids of [
  [0, 1, 2],
  [1001, 1002, 1003],
]) {
  describe(`servers ${ids.join(', ')}`, () => {
    let ensemble: Ensemble
    const clients: Client[] = []

    before(async () => {
      ensemble = await Ensemble.prepare({ ids })
      ensemble.start()
      await ensemble.whole(WHOLE_MS_MAX)
    })
    after(async () => {
      for (const client of clients) client.connection.abandon()
      await ensemble.end()
    })

    test('each serves, and gives sessions ids that begin with the last byte of its own', async () => {
      for (const [i, member] of ensemble.members.entries()) {
        const client = clientOf(member.address, i, SESSION_MS)
        clients.push(client)
        const mode = CreateMode.ephemeral
        await within('a write', ANSWER_MS_MAX, client.create(`/of-${member.id}`, null, { mode }))
        const top = BigInt.asUintN(64, client.connection.session.id) >> 56n
        strictEqual(Number(top), member.id % 256)
      }
    })

    test('each may lead: the others elect when it is killed', async () => {
      for (let round = 0; round < 2; round++) {
        const leader = await ensemble.whole(WHOLE_MS_MAX)
        await leader.kill()
        leader.start()
        const next = await ensemble.whole(WHOLE_MS_MAX)
        const client = clientOf(next.address, 10 + round, SESSION_MS)
        clients.push(client)
        await client.sync('/')
        for (const { id } of ensemble.members) {
          strictEqual((await client.exists(`/of-${id}`)) !== null, true, `/of-${id}`)
        }
      }
    })
  })
}
