// Servers 0, 1 and 2 of both kinds: 0 is a server like the others, also where it leads.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import type { Kind } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'

const LAYOUTS: readonly (readonly [Kind, Kind, Kind])[] = [
  ['apache', 'ours', 'ours'],
  ['ours', 'apache', 'apache'],
]

describe('an ensemble with a server 0', { skip: APACHE_MISSING }, () => {
  for (const kinds of LAYOUTS) {
    test(`which is ${kinds[0]}, with ${kinds[1]} and ${kinds[2]}`, async () => {
      const ensemble = await MixedEnsemble.prepare({ kinds, ids: [0, 1, 2] })
      try {
        await ensemble.start(2)
        const modes = await Promise.all(ensemble.members.map((member) => member.mode()))
        deepStrictEqual(modes, ['follower', 'follower', 'leader'])
        for (const member of ensemble.members) {
          await ensemble.with(member, (client) => client.create(`/through-${member.id}`, null))
        }
        // Nobody but 0 is left of those that have this.
        const [zero, one, two] = ensemble.members
        await one!.kill()
        await ensemble.with(zero!, (client) => client.create('/without-1', null))
        await two!.kill()
        one!.start()
        await zero!.serves('leader')
        two!.start()
        await ensemble.serves()
        await ensemble.agrees()
      } finally {
        await ensemble.stop()
      }
    })
  }
})
