// Every ensemble of three in which both kinds of servers are, each kind as the leader: what clients
// do through all members, and every member killed and back again.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import type { Kind } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'
import { doEverything } from './what-clients-do.ts'

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

    test('modes, the configuration, and what clients do', async () => {
      const modes = await Promise.all(ensemble.members.map((member) => member.mode()))
      deepStrictEqual(modes, ['follower', 'follower', 'leader'])
      await doEverything(ensemble, 'first')
      const configurations = ensemble.members.map((member) =>
        ensemble.with(member, async (client) =>
          Buffer.from((await client.getConfig()).data ?? []).toString(),
        ),
      )
      const [first, ...others] = await Promise.all(configurations)
      for (const other of others) strictEqual(other, first)
      await ensemble.agrees()
    })
  })
}
