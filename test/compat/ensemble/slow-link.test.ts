// A learner of one kind that needs the whole tree from a leader of the other, over a link so slow that
// it takes longer than initLimit, while more is written than the link takes: it finishes, without the
// link getting any better. Our leader needs one transfer; Apache's begins another when what was written
// meanwhile has not been acknowledged within initLimit of the first.

import { strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { persistently } from '../../ensemble/load.ts'
import { Network } from '../../ensemble/proxy.ts'
import { APACHE_MISSING } from '../../support/apache.ts'
import { until } from '../../support/until.ts'
import type { Kind } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'

const VALUE_BYTES = 900_000
const TREE_VALUES = 40
/** The tree takes 12 s; initLimit of MixedEnsemble is 10. */
const BYTES_PER_MS = 3000
/** More transactions than leaders keep for those who were away. */
const SMALL_WRITES = 520
/** Written while the snapshot is on its way. Apache's leader holds all that in memory, and must have
 * the learner's answer to it within initLimit of the snapshot's end. */
const VALUES_MEANWHILE: Readonly<Record<Kind, number>> = { ours: 40, apache: 12 }
const AT_ONCE = 2
const SYNCED_MS_MAX = 120_000
const STORY_CHARS = 20_000

const LAYOUTS: readonly (readonly [learner: Kind, leader: Kind])[] = [
  ['apache', 'ours'],
  ['ours', 'apache'],
]
/** What the leader says when it begins to send the first server everything. */
const SENDS: Readonly<Record<Kind, RegExp>> = {
  apache: /Sending snapshot last zxid of peer is/g,
  ours: /"server":1,"by":"SNAP".*"synchronizes"/g,
}

for (const [learner, leader] of LAYOUTS) {
  describe(`${learner} behind a slow link to ${leader}`, { skip: APACHE_MISSING }, () => {
    const network = new Network()
    let ensemble: MixedEnsemble

    before(async () => {
      ensemble = await MixedEnsemble.prepare({
        kinds: [learner, leader, leader],
        configuration: ['commitLogCount=500', 'snapshotSizeFactor=-1'],
        route: (from, to, own) => network.route(from, to, own),
      })
      await ensemble.start(3)
    })
    after(async () => {
      network.close()
      await ensemble.stop()
    })

    test('gets its tree', async (t) => {
      const [slow, leads] = [ensemble.member(1), ensemble.member(3)]
      const client = ensemble.client(leads)
      let values = 0
      const write = (path: string, bytes = VALUE_BYTES): Promise<unknown> => {
        const data = new Uint8Array(bytes).fill(++values)
        return persistently(() => client.set(path, data))
      }
      for (let i = 0; i < TREE_VALUES; i++) await client.create(`/v${i}`, null)
      await slow.kill()
      for (let i = 0; i < TREE_VALUES; i++) await write(`/v${i}`)
      for (let i = 0; i < SMALL_WRITES; i++) await write('/v0', 10)
      network.slow(slow.id, BYTES_PER_MS)
      const logged = leads.log.length
      const sent = (): number => leads.log.slice(logged).match(SENDS[leader])?.length ?? 0
      const beganMs = performance.now()
      slow.start()
      await until('the snapshot is on its way', SYNCED_MS_MAX, () => sent() > 0)
      const writers = Array.from({ length: AT_ONCE }, async () => {
        for (let i = 0; i < VALUES_MEANWHILE[leader] / AT_ONCE; i++) await write('/v0')
      })
      await Promise.all(writers)
      strictEqual(await slow.mode(), null)
      // From now on a little less than the link takes.
      await until('the learner serves', SYNCED_MS_MAX, async () => {
        await write('/v1', BYTES_PER_MS * 10)
        return (await slow.mode()) === 'follower'
      })
      t.diagnostic(`it served after ${Math.round((performance.now() - beganMs) / 1000)} s`)
      const story = `${leads.log.slice(logged)}\n${slow.log}`
      if (leader === 'ours') strictEqual(sent(), 1, story.slice(-STORY_CHARS))
      network.heal()
      await ensemble.agrees()
    })
  })
}
