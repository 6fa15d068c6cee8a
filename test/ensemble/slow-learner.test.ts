// A follower behind a slow link that needs the whole tree, while more is written than the link takes:
// its one transfer finishes, and what waits for it at the leader stays within bounds.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import type { Member } from '../../perf/ensemble/member.ts'
import { until } from '../support/until.ts'
import { clientOf, persistently, SESSION_MS } from './load.ts'
import { Network } from './proxy.ts'
import { replicasAgree } from './replicas.ts'

const BOUND_MS = 60_000
const VALUE_BYTES = 1_000_000
const TREE_VALUES = 24
/** With them, more transactions than are held in memory. */
const SMALL_WRITES = 520
/** More than ever waited for a learner. */
const VALUES_MEANWHILE = 80
const AT_ONCE = 4
/** The tree alone takes some seconds. */
const BYTES_PER_MS = 8000
const BACKLOG_BYTES_MAX = 8 << 20

async function backlogMax(leader: Member): Promise<number> {
  const answers: string[] = []
  await until('an answer to mntr', BOUND_MS, async () => {
    const name = /^zk_ringkeeper_learner_max_backlog_bytes\t(\d+)$/m
    const value = name.exec(await leader.word('mntr'))?.[1]
    if (value !== undefined) answers.push(value)
    return answers.length > 0
  })
  return Number(answers[0])
}

test('a follower behind a slow link gets its tree, whatever is written meanwhile', async (t) => {
  const network = new Network()
  const ensemble = await Ensemble.prepare({
    route: (from, to, own) => network.route(from, to, own),
    configuration: ['snapshotSizeFactor=-1'],
  })
  ensemble.start()
  const client = clientOf(ensemble.addresses, 0, SESSION_MS)
  let values = 0
  const write = (path: string): Promise<unknown> => {
    const data = new Uint8Array(VALUE_BYTES).fill(++values)
    return persistently(() => client.set(path, data))
  }
  try {
    const leader = await ensemble.whole(BOUND_MS)
    const learner = ensemble.members.find((member) => member !== leader)!
    for (let i = 0; i < TREE_VALUES; i++) await persistently(() => client.create(`/v${i}`, null))
    await learner.kill()
    for (let i = 0; i < TREE_VALUES; i++) await write(`/v${i}`)
    for (let i = 0; i < SMALL_WRITES; i++) await persistently(() => client.set('/v0', null))
    network.slow(learner.id, BYTES_PER_MS)
    const said = (text: RegExp): string[] => leader.lines.filter((line) => text.test(line))
    const begun = new RegExp(`"server":${learner.id},"by":"(\\w+)"`)
    learner.start()
    await until('the snapshot is on its way', BOUND_MS, () => said(/"by":"SNAP"/).length > 0)
    const writers = Array.from({ length: AT_ONCE }, async () => {
      for (let i = 0; i < VALUES_MEANWHILE / AT_ONCE; i++) await write('/v0')
    })
    await Promise.all(writers)
    deepStrictEqual((await learner.state())?.mode, undefined)
    network.heal()
    await ensemble.whole(BOUND_MS)
    await replicasAgree(ensemble)
    deepStrictEqual(
      said(begun)
        .map((line) => begun.exec(line)![1])
        .slice(-1),
      ['SNAP'],
    )
    deepStrictEqual([said(/"by":"SNAP"/).length, said(/learner-dropped/)], [1, []])
    const most = await backlogMax(leader)
    t.diagnostic(`${most} bytes waited at most`)
    ok(most > 0 && most <= BACKLOG_BYTES_MAX, `${most} bytes waited`)
  } catch (error) {
    throw new Error(ensemble.tails(40), { cause: error })
  } finally {
    await client.close().catch(() => undefined)
    await ensemble.end()
    network.close()
  }
})
