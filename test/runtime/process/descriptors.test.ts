// Who gets how many file descriptors: the server and its peers first, clients what is left.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EnsembleOptions } from '../../../config/ensemble/ensemble.ts'
import { ENSEMBLE_DEFAULTS } from '../../../config/settings/registry.ts'
import type { Member } from '../../../protocol/quorum/membership-config.ts'
import { descriptorLimit } from '../../../runtime/process/descriptor-limit.ts'
import { planDescriptors, STRANGER_ADDRESSES_MAX } from '../../../runtime/process/descriptors.ts'

function ensembleOf(count: number, addresses: number): EnsembleOptions {
  const address = { host: 'localhost', quorumPort: 1, electionPort: 2 }
  const members = Array.from(
    { length: count },
    (_, i): Member => ({
      id: i + 1,
      role: 'participant',
      addresses: Array.from({ length: addresses }, () => address),
      clientHost: null,
      clientPort: null,
    }),
  )
  return {
    ...ENSEMBLE_DEFAULTS,
    initLimit: 5,
    syncLimit: 5,
    standaloneEnabled: true,
    serverId: 1,
    membership: { version: 0n, members, groups: new Map(), weights: new Map() },
    peerType: 'participant',
  }
}

describe('file descriptors', () => {
  const CASES = [
    ['a server on its own', 256, null, 128, 160],
    ['a server on its own, few', 100, null, -28, 160],
    ['a server on its own, many', 20_000, null, 19_872, 160],
    ['one of three', 256, ensembleOf(3, 1), 85, 208],
    ['one of seven', 1024, ensembleOf(7, 1), 739, 301],
    ['one of five with two addresses each', 256, ensembleOf(5, 2), 69, 208],
  ] as const
  for (const [name, limit, ensemble, clients, needed] of CASES) {
    test(`${name}: of ${limit}, ${clients} are for clients`, () => {
      const plan = planDescriptors(ensemble, limit)
      deepStrictEqual([plan.clients, plan.needed], [clients, needed])
    })
  }

  test('peers never take what the server needs for itself', () => {
    for (let limit = 208; limit < 100_000; limit = Math.ceil(limit * 1.1)) {
      const { clients, peers, needed } = planDescriptors(ensembleOf(5, 1), limit)
      const { learnersMax, strangersMax, handshakesMax } = peers
      const most = learnersMax + handshakesMax + strangersMax * (1 + STRANGER_ADDRESSES_MAX)
      ok(limit - clients - most >= 128, `${limit}`)
      ok(learnersMax >= 8 + 4, 'every other member can follow')
      if (limit >= needed) ok(clients >= 16, `${limit}`)
    }
  })

  test('without a known limit nobody is refused', () => {
    const { clients, needed, limit, peers } = planDescriptors(null, Number.POSITIVE_INFINITY)
    strictEqual(clients, Number.POSITIVE_INFINITY)
    ok(needed < limit)
    strictEqual(peers.learnersMax, 1024)
  })

  test('the limit of this process is read', () => ok(descriptorLimit() > 64))
})
