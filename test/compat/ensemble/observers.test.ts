// Observers of both kinds, under our leader and then under Apache's.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'
import { doEverything } from './what-clients-do.ts'
import { sessionsLiveByPings, sessionsMove } from './what-sessions-do.ts'

const OBSERVERS = [4, 5]

describe('observers of both kinds', { skip: APACHE_MISSING }, () => {
  let ensemble: MixedEnsemble

  before(async () => {
    const kinds = ['ours', 'apache', 'ours', 'ours', 'apache'] as const
    ensemble = await MixedEnsemble.prepare({ kinds, observers: OBSERVERS })
    await ensemble.start(3)
  })
  after(() => ensemble.stop())

  test('under our leader', async () => {
    deepStrictEqual(await modes(), ['follower', 'follower', 'leader', 'observer', 'observer'])
    await Promise.all([doEverything(ensemble), sessionsLiveByPings(ensemble)])
    await sessionsMove(ensemble)
    await ensemble.agrees()
  })

  test('killed, and back', async () => {
    for (const id of OBSERVERS) await comesBack(id)
  })

  test('under Apache’s leader', async () => {
    const old = ensemble.member(3)
    await old.kill()
    await ensemble.member(2).serves('leader')
    await ensemble.serves()
    old.start()
    await old.serves('follower')
    deepStrictEqual(await modes(), ['follower', 'leader', 'follower', 'observer', 'observer'])
    await sessionsLiveByPings(ensemble)
    await ensemble.with(ensemble.member(4), (client) => client.create('/through-ours', null))
    await ensemble.with(ensemble.member(5), (client) => client.create('/through-theirs', null))
    for (const id of OBSERVERS) await comesBack(id)
    const tree = await ensemble.agrees()
    ok(tree.has('/through-ours') && tree.has('/through-theirs'))
  })

  test('no observer helps to a quorum', async () => {
    await Promise.all([ensemble.member(1).kill(), ensemble.member(3).kill()])
    for (const id of OBSERVERS) await ensemble.member(id).servesNobody()
    await ensemble.member(2).servesNobody()
    for (const id of [1, 3]) ensemble.member(id).start()
    await ensemble.serves()
    await ensemble.agrees()
  })

  function modes(): Promise<unknown[]> {
    return Promise.all(ensemble.members.map((member) => member.mode()))
  }

  async function comesBack(id: number): Promise<void> {
    const member = ensemble.member(id)
    await member.kill()
    const leader = await ensemble.leader()
    await ensemble.with(leader, (client) => client.create(`/without-${id}-${leader.id}`, null))
    member.start()
    await member.serves('observer')
    await member.learned('DIFF')
    ok((await ensemble.agrees()).has(`/without-${id}-${leader.id}`))
  }
})
