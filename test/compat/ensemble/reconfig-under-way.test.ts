// A reconfiguration that is asked for while another one waits for its quorum: whoever leads refuses it.

import { deepStrictEqual, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { readMembership } from '../../../protocol/quorum/membership-config.ts'
import { APACHE_MISSING } from '../../support/apache.ts'
import { until } from '../../support/until.ts'
import { type Kind, SERVING_MS_MAX } from './member.ts'
import { withEnsemble } from './mixed-ensemble.ts'
import { SUPER, SUPER_PROPERTY } from './super-user.ts'

const LEAVES = { joiningServers: null, newMembers: null, curConfigId: -1 }

for (const kind of ['apache', 'ours'] as const) {
  test(`a leader of kind ${kind} takes one at a time`, { skip: APACHE_MISSING }, () => {
    const kinds: readonly Kind[] = [kind, kind, kind]
    const configuration = ['reconfigEnabled=true']
    const properties = [SUPER_PROPERTY]
    return withEnsemble({ kinds, configuration, properties }, async (ensemble) => {
      await ensemble.start(3)
      const [one, two, leader] = ensemble.members
      const client = ensemble.client(leader)
      await client.addAuth('digest', Buffer.from(SUPER))
      await Promise.all([one!.suspend(), two!.suspend()])
      const first = client.reconfig({ ...LEAVES, leavingServers: '1' })
      const second = rejects(client.reconfig({ ...LEAVES, leavingServers: '2' }), {
        code: ErrorCode.reconfigInProgress,
      })
      await until('both wait', SERVING_MS_MAX, async () => {
        return Number(/^Outstanding: (\d+)$/m.exec(await leader!.word('srvr'))?.[1]) >= 2
      })
      for (const member of [one!, two!]) member.resume()
      const { data } = await first
      await second
      const { members } = readMembership(Buffer.from(data ?? []).toString())
      deepStrictEqual(
        members.map(({ id }) => id),
        [2, 3],
      )
    })
  })
}
