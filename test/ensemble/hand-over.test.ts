// An operator wants another leader: the leader hands over, clients that write meanwhile keep their sessions, and
// nothing that was acknowledged is lost.

import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import type { Member } from '../../perf/ensemble/member.ts'
import { freePorts } from '../../perf/ensemble/ports.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { until } from '../support/until.ts'
import { persistently } from './load.ts'

const WHOLE_MS_MAX = 60_000
const IDS = [1, 2, 3]
/** Any identity: everybody may do everything with `/`. */
const AUTHORIZATION = 'digest operator:secret'

describe('hand-over', () => {
  const adminPorts = new Map<number, number>()
  let ensemble: Ensemble
  /** Ends what a failed test leaves behind. */
  let isOver = false

  before(async () => {
    const ports = await freePorts(IDS.length)
    ensemble = await Ensemble.prepare({
      ids: IDS,
      configurationOf: (id) => {
        adminPorts.set(id, ports[id - 1]!)
        return ['admin.enableServer=true', `admin.serverPort=${ports[id - 1]}`]
      },
    })
    ensemble.start()
  })
  after(async () => {
    isOver = true
    await ensemble?.end()
  })

  async function handOver(member: Member, authorization?: string): Promise<[number, unknown]> {
    const url = `http://127.0.0.1:${adminPorts.get(member.id)}/commands/hand_over`
    const headers = authorization === undefined ? {} : { authorization }
    let answer: [number, unknown] = [0, null]
    await until('the admin server answers', WHOLE_MS_MAX, async () => {
      const response = await fetch(url, { method: 'POST', headers }).catch(() => null)
      if (response === null) return false
      answer = [response.status, ((await response.json()) as { error: unknown }).error]
      return true
    })
    return answer
  }

  test('another server leads, and clients keep their sessions', async (t) => {
    const old = await ensemble.whole(WHOLE_MS_MAX)
    const client = new Client({ servers: ensemble.addresses, sessionTimeoutMs: 20_000 })
    await client.create('/held', null, { mode: CreateMode.ephemeral })
    await client.create('/counter', null)
    let written = 0
    let longestMs = 0
    const writing = (async () => {
      for (; !isOver; written++) {
        const before = performance.now()
        await persistently(() => client.set('/counter', Buffer.from(String(written))))
        longestMs = Math.max(longestMs, performance.now() - before)
      }
    })()
    await until('something was written', WHOLE_MS_MAX, () => written > 10)
    const askedMs = performance.now()
    deepStrictEqual(await handOver(old, AUTHORIZATION), [200, null])
    await until('another leads', WHOLE_MS_MAX, async () => {
      const states = await Promise.all(ensemble.members.map((member) => member.state()))
      return states.some((state, i) => state?.mode === 'leader' && IDS[i] !== old.id)
    })
    await until('the old one follows', WHOLE_MS_MAX, async () => {
      return (await old.state())?.mode === 'follower'
    })
    t.diagnostic(`it follows ${Math.round(performance.now() - askedMs)} ms after it was asked`)
    const after = written
    await until('more was written', WHOLE_MS_MAX, () => written > after + 10)
    isOver = true
    await writing
    t.diagnostic(`${written} writes, the longest took ${Math.round(longestMs)} ms`)
    notStrictEqual((await ensemble.whole(WHOLE_MS_MAX)).id, old.id)
    await client.sync()
    strictEqual(String((await client.get('/counter')).data), String(written - 1))
    ok((await client.exists('/held')) !== null, 'its session went on')
    await client.close()
  })

  test('is refused to who does not say who they are, and by who does not lead', async () => {
    const leader = await ensemble.whole(WHOLE_MS_MAX)
    deepStrictEqual((await handOver(leader))[0], 401)
    const follower = ensemble.members.find((member) => member !== leader)!
    deepStrictEqual(await handOver(follower, AUTHORIZATION), [409, 'this server does not lead'])
    strictEqual((await ensemble.whole(WHOLE_MS_MAX)).id, leader.id)
  })

  test('is refused where the others are no quorum', async () => {
    const leader = await ensemble.whole(WHOLE_MS_MAX)
    const [one] = ensemble.members.filter((member) => member !== leader)
    await one!.kill()
    await until('the leader has noticed', WHOLE_MS_MAX, async () => {
      const [status, error] = await handOver(leader, AUTHORIZATION)
      if (status !== 409) return false
      strictEqual(error, 'the servers that are up to date are no quorum without this one')
      return true
    })
  })
})
