// An ensemble of Apache's servers becomes one of ours by reconfiguration alone, and one of Apache's again:
// each server that joins is new, and each that leaves is stopped. What is refused, and how, is the same
// whoever leads.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from '../../../client/client.ts'
import type { ConnectionState } from '../../../client/connection-options.ts'
import { isZkError, ZkError } from '../../../client/zk-error.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { readMembership } from '../../../protocol/quorum/membership-config.ts'
import type { ReconfigRequest } from '../../../protocol/records/reconfig.ts'
import { APACHE_MISSING } from '../../support/apache.ts'
import { until } from '../../support/until.ts'
import { Writer } from './acknowledged.ts'
import type { Member } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'
import { SUPER, SUPER_PROPERTY } from './super-user.ts'

const WRITES = 50
const RECONFIG_MS_MAX = 60_000
const NOTHING: ReconfigRequest = {
  ...{ joiningServers: null, leavingServers: null, newMembers: null },
  curConfigId: -1,
}
const FIRST = [1, 2, 3]
const OURS = [4, 5, 6]
const LAST = [7, 8, 9]

describe('an ensemble that is reconfigured', { skip: APACHE_MISSING }, () => {
  let ensemble: MixedEnsemble

  before(async () => {
    ensemble = await MixedEnsemble.prepare({
      kinds: [...FIRST.map(() => 'apache' as const), ...OURS.map(() => 'ours' as const)].concat(
        LAST.map(() => 'apache' as const),
      ),
      founders: (id) => (LAST.includes(id) ? OURS : FIRST),
      configuration: ['reconfigEnabled=true'],
      properties: [SUPER_PROPERTY],
    })
    for (const id of FIRST) ensemble.member(id).start()
    await ensemble.serves()
  })
  after(() => ensemble.stop())

  async function operator(member: Member): Promise<Client> {
    const client = ensemble.client(member)
    await client.addAuth('digest', Buffer.from(SUPER))
    return client
  }

  /** Repeated for as long as the joiner is not up to date, or the leader has just changed. */
  async function reconfigure(by: Member, change: Partial<ReconfigRequest>): Promise<void> {
    const client = await operator(by)
    await until(`a reconfiguration by ${by.name}`, RECONFIG_MS_MAX, async () => {
      try {
        await client.reconfig({ ...NOTHING, ...change })
        return true
      } catch (error) {
        const { connectionLoss, newConfigNoQuorum, reconfigInProgress } = ErrorCode
        const again = [connectionLoss, newConfigNoQuorum, reconfigInProgress]
        if (again.some((code) => isZkError(error, code))) return false
        throw error
      }
    })
    await client.close()
  }

  /** What this one answers to requests that are wrong, in the order of asking. */
  async function refusals(by: Member): Promise<string[]> {
    const client = await operator(by)
    const stranger = ensemble.client(by)
    const nobody = (id: number): string =>
      `server.${id}=127.0.0.1:${id}:${id + 1}:participant;127.0.0.1:${id + 2}`
    const { members } = await membershipOf(client)
    const inside = members.map(({ id }) => id).join()
    const asked: [Client, Partial<ReconfigRequest>][] = [
      [stranger, { leavingServers: '99' }],
      [client, { leavingServers: '99', curConfigId: 77 }],
      [client, { joiningServers: 'server.x=nonsense' }],
      [client, { joiningServers: 'server.8=127.0.0.1' }],
      [client, { leavingServers: inside }],
      [client, { leavingServers: 'x' }],
      [client, { newMembers: [101, 201, 301].map((port) => nobody(1000 + port)).join() }],
      [client, {}],
    ]
    const errors: string[] = []
    for (const [who, change] of asked) {
      try {
        await who.reconfig({ ...NOTHING, ...change })
        errors.push(`${JSON.stringify(change)}: done`)
      } catch (error) {
        if (!(error instanceof ZkError)) throw error
        errors.push(`${JSON.stringify(change)}: ${error.code}`)
      }
    }
    await Promise.all([client.close(), stranger.close()])
    return errors.map((text) => text.replaceAll(inside, 'all'))
  }

  /** The new ones join one after the other, then the old ones leave. */
  async function replace(old: readonly number[], by: readonly number[], writer: Writer) {
    for (const id of by) {
      const member = ensemble.member(id)
      member.start()
      await member.serves()
      await reconfigure(ensemble.member(old[0]!), { joiningServers: member.specification })
      await writer.goesOn(WRITES)
    }
    for (const id of old) {
      await reconfigure(ensemble.member(by[0]!), { leavingServers: String(id) })
      await ensemble.member(id).stop()
      await writer.goesOn(WRITES)
    }
    await ensemble.serves()
  }

  test('becomes one of ours and one of Apache’s again, and refuses the same', async () => {
    const states: ConnectionState[] = []
    const holder = ensemble.client(null, { onState: (state) => states.push(state) })
    await holder.create('/held', null, { mode: CreateMode.ephemeral })
    const writer = new Writer('/load', ensemble.client())
    await writer.start()
    const apaches = await refusals(ensemble.member(1))
    await replace(FIRST, OURS, writer)
    deepStrictEqual(await refusals(ensemble.member(4)), apaches)
    const { members } = await membershipOf(holder)
    deepStrictEqual(
      members.map(({ id }) => id),
      OURS,
    )
    await replace(OURS, LAST, writer)
    await writer.stop()
    const tree = await ensemble.agrees()
    writer.check(tree)
    strictEqual((await holder.exists('/held'))?.ephemeralOwner, holder.connection.session.id)
    strictEqual(states.includes('expired'), false)
    const codes = apaches.map((text) => text.slice(text.lastIndexOf(' ') + 1))
    for (const code of [-8, -13, -102, -103]) ok(codes.includes(String(code)), apaches.join('\n'))
  })
})

async function membershipOf(client: Client) {
  const { data } = await client.getConfig()
  return readMembership(Buffer.from(data ?? []).toString())
}
