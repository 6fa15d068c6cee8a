// DIFF, SNAP and TRUNC between leaders and learners of different kinds: each really provoked, and
// read from the log of whoever learned.

import { match, ok, rejects, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ANYONE } from '../../../protocol/acl.ts'
import { Perm } from '../../../protocol/op-code.ts'
import { APACHE_MISSING } from '../../support/apache.ts'
import { until } from '../../support/until.ts'
import type { Kind, Member } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'

/** Transactions that a leader keeps for those who were away; Apache's keeps no fewer. */
const KEPT = 500
const LOGGED_MS_MAX = 20_000
const BIG_BYTES = 900_000
const OWN_ACL = [
  { perms: Perm.all, id: { scheme: 'auth', id: '' } },
  { perms: Perm.read, id: ANYONE },
]

/** What the leader says when it sends these. */
const SENT: Readonly<Record<Kind, Readonly<Record<'DIFF' | 'SNAP' | 'TRUNC', RegExp>>>> = {
  apache: {
    DIFF: /Using committedLog for peer sid: 1/,
    SNAP: /Sending snapshot last zxid of peer is .*, zxid of leader is/,
    // It says so only to those who debug it.
    TRUNC: /Synchronizing with Learner sid: 3/,
  },
  ours: {
    DIFF: /"server":1,"by":"DIFF".*"synchronizes"/,
    SNAP: /"server":1,"by":"SNAP".*"synchronizes"/,
    TRUNC: /"server":3,"by":"TRUNC".*"synchronizes"/,
  },
}

/** The third server leads, the others learn from it; then the second leads, and the third learns. */
const LAYOUTS: readonly (readonly [learner: Kind, leader: Kind])[] = [
  ['ours', 'apache'],
  ['apache', 'ours'],
]

for (const [learner, leader] of LAYOUTS) {
  describe(`${learner} and ${leader}`, { skip: APACHE_MISSING }, () => {
    let ensemble: MixedEnsemble

    before(async () => {
      // A leader that nobody answers soon reads no more from clients: a part of the shortest timeout is enough.
      const configuration = ['minSessionTimeout=10000', 'snapshotSizeFactor=-1']
      configuration.push(`commitLogCount=${KEPT}`)
      ensemble = await MixedEnsemble.prepare({ kinds: [learner, learner, leader], configuration })
      await ensemble.start(3)
    })
    after(() => ensemble.stop())

    test(`DIFF: ${learner} was away from ${leader} for a moment`, async () => {
      await write(ensemble.member(3), '/before', 3)
      await ensemble.member(1).kill()
      await write(ensemble.member(3), '/meanwhile', KEPT / 10)
      await comesBack(1, 'DIFF')
    })

    test(`SNAP: ${learner} was away from ${leader} for long`, async () => {
      await ensemble.member(1).kill()
      await write(ensemble.member(3), '/long', KEPT + 100)
      await ensemble.with(ensemble.member(3), async (client) => {
        await client.create('/big', new Uint8Array(BIG_BYTES).fill(1))
        await client.addAuth('digest', Buffer.from('user:secret'))
        await client.create('/mine', null, { acl: OWN_ACL })
      })
      await comesBack(1, 'SNAP')
    })

    test(`a DIFF after that SNAP, from ${leader} to ${learner}`, async () => {
      await ensemble.member(1).kill()
      await write(ensemble.member(3), '/again', 2)
      await comesBack(1, 'DIFF')
    })

    test(`TRUNC: ${leader} has logged what nobody else has heard, and ${learner} leads`, async () => {
      const [first, second, old] = [ensemble.member(1), ensemble.member(2), ensemble.member(3)]
      await ensemble.agrees()
      const client = ensemble.client(old)
      await client.sync()
      // A session that one of the two has heard of, and the other not, would decide who leads.
      await until('all have logged the same', LOGGED_MS_MAX, async () => {
        const zxids = await Promise.all([first, second, old].map((member) => member.zxid()))
        return new Set(zxids).size === 1
      })
      await Promise.all([first, second].map((member) => member.suspend()))
      const lost = ['/lost-1', '/lost-2', '/lost-3'].map((path) => client.create(path, null))
      const refusals = Promise.all(lost.map((reply) => rejects(reply)))
      await until('the lost are logged', LOGGED_MS_MAX, () => old.hasLogged('/lost-3'))
      await old.kill()
      client.connection.abandon()
      await refusals
      // They go without having read what lies in their sockets.
      await Promise.all([first.kill(), second.kill()])
      for (const member of [first, second]) member.start()
      await second.serves('leader')
      // Apache's leader has a cut to offer only until its epoch has a transaction.
      if (second.kind === 'ours') await write(second, '/after', 3)
      await comesBack(3, 'TRUNC')
      if (second.kind === 'apache') await write(second, '/after', 3)
      const tree = await ensemble.agrees()
      for (const path of ['/lost-1', '/lost-2', '/lost-3']) strictEqual(tree.has(path), false)
      ok(tree.has('/after-2'))
      ok(tree.has('/big'))
      await write(old, '/through-the-cut-one', 2)
      await ensemble.agrees()
    })

    async function comesBack(id: number, sync: 'DIFF' | 'SNAP' | 'TRUNC'): Promise<void> {
      const member = ensemble.member(id)
      const from = await ensemble.leader()
      const logged = from.log.length
      member.start()
      await member.serves('follower')
      await member.learned(sync)
      match(from.log.slice(logged), SENT[from.kind][sync])
      await ensemble.agrees()
    }

    async function write(member: Member, path: string, count: number): Promise<void> {
      await ensemble.with(member, async (client) => {
        const paths = Array.from({ length: count }, (_, i) => `${path}-${i}`)
        await Promise.all(paths.map((each) => client.create(each, Buffer.from(path))))
      })
    }
  })
}
