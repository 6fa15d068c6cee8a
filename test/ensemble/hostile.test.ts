// Strangers on the ports between servers, who speak rubbish, lie, or do not listen: each costs its
// own connection. The ensemble serves writes all the time, under the same leader where nobody has
// claimed what a member could truly say.

import { ok, strictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import type { Member } from '../../perf/ensemble/member.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { learnerInfoBytes } from '../../protocol/quorum/learner-info.ts'
import { PeerState, writeNotification } from '../../protocol/quorum/notification.ts'
import { PacketType, writePacket } from '../../protocol/quorum/packet.ts'
import { EPOCH_MAX, ZXID_ZERO, zxidOf } from '../../protocol/zxid.ts'
import { introductionBytes } from '../../runtime/peer/election-handshake.ts'
import { seeded } from '../support/random.ts'
import { until, within } from '../support/until.ts'
import { clientOf, SESSION_MS } from './load.ts'

const WHOLE_MS_MAX = 60_000
const CLOSED_MS_MAX = 60_000
const WRITE_MS_MAX = 30_000
const STRANGER = 77

describe('strangers on the ports between servers', () => {
  let ensemble: Ensemble
  let client: Client
  let leader: Member
  const sockets: Socket[] = []

  before(async () => {
    ensemble = await Ensemble.prepare()
    ensemble.start()
    leader = await ensemble.whole(WHOLE_MS_MAX)
    client = clientOf(ensemble.addresses, 0, SESSION_MS)
    await client.create('/hostile', null)
  })

  after(async () => {
    client.connection.abandon()
    for (const socket of sockets) socket.destroy()
    await ensemble.end()
  })

  function dial(member: Member, which: 'quorum' | 'election'): Socket {
    const port = ensemble.ports.get(member.id)![which]
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    sockets.push(socket)
    return socket
  }

  /** Resolves when the other side has hung up. */
  async function hungUp(socket: Socket): Promise<void> {
    socket.resume()
    await until('the server hangs up', CLOSED_MS_MAX, () => socket.destroyed)
  }

  /** Three writes in a row, and the same leader. */
  async function nothingHappened(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await within('a write', WRITE_MS_MAX, client.set('/hostile', new Uint8Array(i)))
    }
    strictEqual(await ensemble.whole(WHOLE_MS_MAX), leader)
  }

  function introduction(serverId: number, epoch: number, type: number): Uint8Array {
    const writer = new JuteWriter()
    const info = learnerInfoBytes(serverId, 0n, 50)
    writePacket(writer, type as typeof PacketType.followerInfo, zxidOf(epoch, 0), info)
    return writer.finish()
  }

  test('rubbish on both ports of every server', async () => {
    const random = seeded(5)
    for (const member of ensemble.members) {
      for (const which of ['quorum', 'election'] as const) {
        const rubbish = Uint8Array.from({ length: 4096 }, () => random(256))
        // No length and no type of ours: the first byte says so at once.
        rubbish[0] = 0x7f
        const socket = dial(member, which)
        socket.write(rubbish)
        // A follower does not listen for learners.
        if (which === 'election' || member === leader) await hungUp(socket)
      }
    }
    await nothingHappened()
  })

  test('lengths of two gigabytes', async () => {
    const quorum = new JuteWriter()
    quorum.int(PacketType.followerInfo)
    quorum.long(0n)
    quorum.int(0x7fff_ffff)
    const asLearner = dial(leader, 'quorum')
    asLearner.write(quorum.finish())
    await hungUp(asLearner)
    for (const member of ensemble.members) {
      const voter = dial(member, 'election')
      voter.write(introductionBytes(STRANGER, [{ host: '127.0.0.1', port: 1 }]))
      voter.write(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1, 2, 3))
      await hungUp(voter)
    }
    await nothingHappened()
  })

  test('a learner that is alive cannot be replaced by a liar with its id', async () => {
    const follower = ensemble.members.find((member) => member !== leader)!
    for (const epoch of [0, 1, 100, EPOCH_MAX - 1]) {
      const liar = dial(leader, 'quorum')
      liar.write(introduction(follower.id, epoch, PacketType.followerInfo))
      await hungUp(liar)
    }
    await nothingHappened()
  })

  test('a stranger with a later epoch, as voter and as observer, is not believed', async () => {
    for (const type of [PacketType.followerInfo, PacketType.observerInfo]) {
      const liar = dial(leader, 'quorum')
      liar.write(introduction(STRANGER, 1000, type))
      liar.resume()
    }
    const impossible = dial(leader, 'quorum')
    impossible.write(introduction(STRANGER, EPOCH_MAX - 1, PacketType.followerInfo))
    await hungUp(impossible)
    await nothingHappened()
  })

  test('a vote for somebody who is far ahead, from a stranger', async () => {
    const writer = new JuteWriter()
    const peerEpoch = BigInt(EPOCH_MAX - 1)
    const vote = { leader: STRANGER, zxid: (peerEpoch << 32n) + 1n, peerEpoch }
    writeNotification(writer, {
      state: PeerState.looking,
      ...vote,
      round: 2n ** 63n - 1n,
      config: '',
    })
    for (const member of ensemble.members) {
      const liar = dial(member, 'election')
      liar.write(introductionBytes(STRANGER, [{ host: '127.0.0.1', port: 1 }]))
      const frame = new JuteWriter()
      frame.int(writer.length)
      frame.raw(writer.bytes, 0, writer.length)
      liar.write(frame.finish())
      liar.resume()
    }
    await nothingHappened()
  })

  test('a learner that never reads what it is sent', async () => {
    const deaf = dial(leader, 'quorum')
    deaf.pause()
    deaf.write(introduction(STRANGER, 0, PacketType.followerInfo))
    const ack = new JuteWriter()
    writePacket(ack, PacketType.ackEpoch, ZXID_ZERO, Uint8Array.of(0, 0, 0, 0))
    deaf.write(ack.finish())
    const large = new Uint8Array(500_000)
    for (let i = 0; i < 40; i++) {
      await within('a write', WRITE_MS_MAX, client.set('/hostile', large))
    }
    await nothingHappened()
    ok(!deaf.readableFlowing)
  })

  test('a liar with the id of a member that is down costs an election, and no more', async () => {
    const down = ensemble.members.find((member) => member !== leader)!
    await down.kill()
    await within(
      'a write',
      WRITE_MS_MAX,
      client.set('/hostile', null).catch(() => undefined),
    )
    for (let i = 1; i <= 32; i++) {
      const liar = dial(leader, 'quorum')
      liar.write(introduction(down.id, i * 65_535, PacketType.followerInfo))
      await hungUp(liar)
    }
    const liar = dial(leader, 'quorum')
    liar.write(introduction(down.id, 50, PacketType.followerInfo))
    await hungUp(liar)
    await until('a write', WRITE_MS_MAX, async () => {
      return client.set('/hostile', null).then(
        () => true,
        () => false,
      )
    })
    down.start()
    leader = await ensemble.whole(WHOLE_MS_MAX)
    await nothingHappened()
    for (const { id } of ensemble.members) {
      const file = join(ensemble.dataFolder(id), 'version-2', 'acceptedEpoch')
      ok(Number.parseInt(readFileSync(file, 'utf8'), 10) < 100, `server ${id}`)
    }
  })
})
