// Every ensemble of three in which both kinds of servers are, each kind as the leader: what clients
// do through all members, and every member killed and back again.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CreateMode } from '../../../protocol/op-code.ts'
import { APACHE_MISSING } from '../../support/apache.ts'
import { Writer } from './acknowledged.ts'
import type { Kind } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'
import { doEverything } from './what-clients-do.ts'
import { sessionsLiveByPings, sessionsMove, strangersAreRefused } from './what-sessions-do.ts'

const WRITES = 100

/** By id; the third leads. */
const LAYOUTS: readonly (readonly [Kind, Kind, Kind])[] = [
  ['ours', 'ours', 'apache'],
  ['ours', 'apache', 'ours'],
  ['ours', 'apache', 'apache'],
  ['apache', 'apache', 'ours'],
]

for (const kinds of LAYOUTS) {
  const [one, two, leader] = kinds
  describe(`${leader} leads ${one} and ${two}`, { skip: APACHE_MISSING }, () => {
    let ensemble: MixedEnsemble

    before(async () => {
      ensemble = await MixedEnsemble.prepare({ kinds })
      await ensemble.start(3)
    })
    after(() => ensemble.stop())

    test('modes, the configuration, what clients and sessions do', async () => {
      const modes = await Promise.all(ensemble.members.map((member) => member.mode()))
      deepStrictEqual(modes, ['follower', 'follower', 'leader'])
      const configurations = ensemble.members.map((member) =>
        ensemble.with(member, async (client) =>
          Buffer.from((await client.getConfig()).data ?? []).toString(),
        ),
      )
      const [first, ...others] = await Promise.all(configurations)
      for (const other of others) strictEqual(other, first)

      await Promise.all([doEverything(ensemble), sessionsLiveByPings(ensemble)])
      await sessionsMove(ensemble)
      await strangersAreRefused(ensemble)
      await ensemble.agrees()
    })

    for (const id of [1, 2, 3]) {
      test(`server ${id} (${kinds[id - 1]}) is killed, and comes back`, async () => {
        const victim = ensemble.member(id)
        const client = ensemble.client()
        const ephemeral = `/ephemeral-${id}`
        await client.create(ephemeral, null, { mode: CreateMode.ephemeral })
        const { session } = client.connection
        const there = new Writer(`/through-${id}`, ensemble.client(victim))
        const everywhere = new Writer(`/around-${id}`, client)
        await Promise.all([there.start(), everywhere.start()])
        await Promise.all([there.goesOn(WRITES), everywhere.goesOn(WRITES)])

        await victim.kill()
        await ensemble.leader()
        await everywhere.goesOn(WRITES)
        victim.start()
        await victim.serves('follower')
        await Promise.all([there.goesOn(WRITES), everywhere.goesOn(WRITES)])
        await Promise.all([there.stop(), everywhere.stop()])

        const tree = await ensemble.agrees()
        there.check(tree)
        everywhere.check(tree)
        strictEqual(tree.has(ephemeral), true)
        strictEqual(client.connection.session.id, session.id)
        await client.close()
      })
    }
  })
}
