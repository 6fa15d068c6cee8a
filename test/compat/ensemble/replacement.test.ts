// Apache's servers are replaced by ours, one after the other, on their own data folders, and ours by
// Apache's again: nobody who uses the ensemble may notice.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ConnectionState } from '../../../client/connection-options.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { APACHE_MISSING } from '../../support/apache.ts'
import { Writer } from './acknowledged.ts'
import type { Kind } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'

const WRITES = 50

describe('a rolling replacement in place', { skip: APACHE_MISSING }, () => {
  let ensemble: MixedEnsemble

  before(async () => {
    ensemble = await MixedEnsemble.prepare({ kinds: ['apache', 'apache', 'apache'] })
    await ensemble.start(3)
  })
  after(() => ensemble.stop())

  test('Apache’s by ours, and ours by Apache’s', async () => {
    const states: ConnectionState[] = []
    const holder = ensemble.client(null, { onState: (state) => states.push(state) })
    await holder.create('/held', null, { mode: CreateMode.ephemeral })
    const { id } = holder.connection.session
    const writer = new Writer('/load', ensemble.client())
    await writer.start()
    const replaceAll = async (kind: Kind): Promise<void> => {
      for (const member of ensemble.members) {
        await member.stop()
        await writer.goesOn(WRITES)
        member.start(kind)
        await member.serves()
        await writer.goesOn(WRITES)
        strictEqual((await holder.exists('/held'))?.ephemeralOwner, id)
      }
      deepStrictEqual(
        ensemble.members.map((member) => member.kind),
        [kind, kind, kind],
      )
    }
    await replaceAll('ours')
    await replaceAll('apache')
    await writer.stop()
    const tree = await ensemble.agrees()
    writer.check(tree)
    ok(tree.has('/held'))
    strictEqual(holder.connection.session.id, id)
    strictEqual(states.includes('expired'), false)
  })
})
