// Sessions in an ensemble of both kinds: they stay while their client pings, wherever it is
// connected; they end with it; and they move to a server of the other kind.

import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import type { ConnectionState } from '../../../client/connection-options.ts'
import type { ZkError } from '../../../client/zk-error.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { until } from '../../support/until.ts'
import type { Member } from './member.ts'
import type { MixedEnsemble } from './mixed-ensemble.ts'

const SHORT_MS = 2500
const GONE_MS_MAX = 30_000
const MOVED = ErrorCode.sessionMoved
const EPHEMERAL = { mode: CreateMode.ephemeral }

/** At each member two sessions; one loses its client. By the time that it has expired, the other
 * would have, if its server did not tell the leader of its pings. */
export async function sessionsLiveByPings(ensemble: MixedEnsemble): Promise<void> {
  await Promise.all(
    ensemble.members.map(async (member) => {
      const options = { sessionTimeoutMs: SHORT_MS }
      const [kept, left] = [ensemble.client(member, options), ensemble.client(member, options)]
      const path = `/live-${member.id}`
      await kept.create(path, null, EPHEMERAL)
      await left.create(`${path}-left`, null, EPHEMERAL)
      strictEqual(kept.connection.timeoutMs, SHORT_MS)
      left.connection.abandon()
      for (const reader of ensemble.members) {
        const observer = ensemble.client(reader)
        const gone = async (): Promise<boolean> => (await observer.exists(`${path}-left`)) === null
        await until(`a session of ${member.name} ends at ${reader.name}`, GONE_MS_MAX, gone)
        await observer.sync()
        ok(await observer.exists(path), `the session at ${member.name} ended, says ${reader.name}`)
        await observer.close()
      }
      await kept.close()
      await ensemble.with(member, async (client) => strictEqual(await client.exists(path), null))
    }),
  )
}

/** From each member to each other one. */
export async function sessionsMove(ensemble: MixedEnsemble): Promise<void> {
  for (const from of ensemble.members) {
    for (const to of ensemble.others(from)) await sessionMoves(ensemble, from, to)
  }
}

async function sessionMoves(ensemble: MixedEnsemble, from: Member, to: Member): Promise<void> {
  const path = `/moves-${from.id}-${to.id}`
  // Once it has lost its connection it stays away.
  const onState = (state: ConnectionState): void => {
    if (state === 'connecting') old.connection.abandon()
  }
  const old = ensemble.client(from, { onState })
  await old.create(path, null, EPHEMERAL)
  const moved = ensemble.client(to, { session: old.connection.session })
  await moved.sync()
  strictEqual(moved.connection.session.id, old.connection.session.id)
  deepStrictEqual(await moved.getEphemerals(path), [path])
  // The session is elsewhere: who still writes at its old place is hung up on.
  await rejects(old.set(path, Buffer.from('old')), (error: ZkError) => error.code !== MOVED)
  strictEqual(old.connection.state, 'closed')
  const stat = await moved.set(path, Buffer.from('new'))
  strictEqual(stat.ephemeralOwner, moved.connection.session.id)
  await moved.close()
  await ensemble.with(from, async (client) => {
    await client.sync()
    strictEqual(await client.exists(path), null)
  })
}

/** A password that was never given opens nothing. */
export async function strangersAreRefused(ensemble: MixedEnsemble): Promise<void> {
  const client = ensemble.client()
  await client.sync()
  const { id } = client.connection.session
  for (const member of ensemble.members) {
    const session = { id, password: new Uint8Array(16).fill(7) }
    const stranger = ensemble.client(member, { session })
    await rejects(stranger.sync())
    strictEqual(stranger.connection.state, 'expired')
  }
  await client.close()
}
