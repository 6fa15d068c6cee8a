// With a server of Apache's: votes over its election port, from a larger and from a smaller id, and
// a snapshot over its quorum port, once as its leader and once as its learner.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { SnapshotLoader } from '../../../actors/tree/snapshot/snapshot-loader.ts'
import { freeze, snapshotBody } from '../../../actors/tree/snapshot/snapshot-source.ts'
import { DataTree } from '../../../actors/tree/store/data-tree.ts'
import { freePort } from '../../../perf/ensemble/ports.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import {
  type Notification,
  PeerState,
  readNotification,
  writeNotification,
} from '../../../protocol/quorum/notification.ts'
import { PacketType, PROTOCOL_VERSION } from '../../../protocol/quorum/packet.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { snapshotSignature } from '../../../protocol/quorum/snapshot-stream.ts'
import { epochOf, formatZxid, ZXID_NONE, ZXID_ZERO, zxidOf } from '../../../protocol/zxid.ts'
import { ANN, Bench } from '../../actors/tree/fixture.ts'
import { APACHE_MISSING } from '../../support/apache.ts'
import { until } from '../../support/until.ts'
import { ApacheMember, type MemberPorts } from './apache-member.ts'
import { Elector, membersOf } from './election-fixture.ts'
import { Host } from './links-fixture.ts'

const BOUND_MS = 60_000
const APACHE: ServerId = 2

const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** Apache's is server 2; 1 and 3 elect with it, and `links` is 3 on the quorum port. */
async function ensemble(
  properties: readonly string[] = [],
): Promise<{ one: Elector; three: Elector; links: Host }> {
  const members = membersOf(1, APACHE, 3)
  const [one, three] = [await Elector.start(1, members), await Elector.start(3, members)]
  const links = new Host()
  const quorum = await links.listening()
  ends.push(
    () => one.peers.close(),
    () => three.peers.close(),
    () => links.links.shutdown(),
  )
  const own = { quorum: await freePort(), election: await freePort() }
  members.get(APACHE)!.push({ host: '127.0.0.1', port: own.election })
  links.members.set(APACHE, [{ host: '127.0.0.1', port: own.quorum }])
  const ports = new Map<ServerId, MemberPorts>([
    [1, { quorum: await freePort(), election: one.peers.port }],
    [APACHE, own],
    [3, { quorum, election: three.peers.port }],
  ])
  const apache = new ApacheMember(APACHE, ports, properties)
  ends.push(() => apache.stop())
  one.peers.dial()
  three.peers.dial()
  for (const elector of [one, three]) {
    await until(`${elector.id} hears its vote`, BOUND_MS, () => elector.lastFrom.has(APACHE))
    const vote = voteOf(elector)
    strictEqual(vote.state, PeerState.looking)
    strictEqual(vote.leader, APACHE)
    ok(vote.config.includes(`server.1=127.0.0.1:`), vote.config)
  }
  return { one, three, links }
}

function voteOf(elector: Elector): Notification {
  const bytes = elector.lastFrom.get(APACHE)!
  return readNotification(bytes, 0, bytes.length)
}

/** Says what Apache's said last, but for this leader. */
function vote(elector: Elector, leader: ServerId): void {
  const writer = new JuteWriter()
  writeNotification(writer, { ...voteOf(elector), leader })
  elector.peers.send(APACHE, writer.bytes, 0, writer.length)
}

function int(value: number): Uint8Array {
  const writer = new JuteWriter(4)
  writer.int(value)
  return writer.finish()
}

describe('with Apache ZooKeeper', { skip: APACHE_MISSING }, () => {
  test('the smaller id’s vote counts, and a snapshot of ours is loaded', async () => {
    const { one, three, links } = await ensemble()
    vote(one, 3)
    await until('its new vote comes to the larger id', BOUND_MS, () => voteOf(three).leader === 3)
    await until('it dials its leader', BOUND_MS, () => links.opened.length > 0)
    await links.hears(1)
    const link = links.opened[0]!
    const bench = Bench.serving()
    bench.connect(1, ANN)
    for (let i = 0; i < 2000; i++) bench.create(1, `/node-${i}`, { data: new Uint8Array(i) })
    bench.create(1, '/private', { acl: [{ perms: 31, id: ANN }], data: null })
    const frozen = freeze(bench.data, bench.tree.lastZxid)
    const epoch = zxidOf(epochOf(frozen.zxid) + 1, 0)
    links.send(link, PacketType.leaderInfo, epoch, int(PROTOCOL_VERSION))
    await links.hears(2)
    links.send(link, PacketType.snap, frozen.zxid)
    for (const chunk of snapshotBody(frozen)) links.links.sendRaw(link, chunk, 0, chunk.length)
    links.links.sendRaw(link, snapshotSignature(), 0, snapshotSignature().length)
    links.send(link, PacketType.newLeader, epoch)
    await links.hears(3)
    links.send(link, PacketType.upToDate, ZXID_NONE)
    await links.hears(4)
    const ack = `${link}: ${PacketType.ack} ${formatZxid(epoch)} null`
    deepStrictEqual(
      links.heard.slice(0, 4).map((line) => line.split(' ').slice(0, 2).join(' ')),
      [`${link}: 11`, `${link}: 18`, `${link}: 3`, `${link}: 3`],
    )
    deepStrictEqual(links.heard.slice(2, 4), [ack, ack])
  })

  test('the larger id’s vote counts, and its snapshot is loaded', async () => {
    const { three, links } = await ensemble(['zookeeper.forceSnapshotSync=true'])
    vote(three, APACHE)
    // It listens for learners a moment after it has won.
    let link = -1
    await until('it leads', BOUND_MS, () => {
      if (link === -1 || links.closed.includes(link)) link = links.links.connect(APACHE)
      return links.opened.includes(link)
    })
    links.send(link, PacketType.followerInfo, ZXID_ZERO, learnerInfoBytes(3, 0n, 0))
    await links.hears(1)
    links.send(link, PacketType.ackEpoch, ZXID_ZERO, int(0))
    const kinds = (): string[] => links.heard.map((line) => line.split(' ')[1]!)
    await until('the snapshot and what follows it come', BOUND_MS, () => kinds().includes('10'))
    deepStrictEqual(kinds(), ['17', '15', 'piece', 'snapshot', '10'])
    const tree = new DataTree({ digestEnabled: true, extendedTypes: true }, { changed: () => {} })
    const reader = new SnapshotLoader(tree)
    for (const piece of links.pieces) reader.piece(piece, 0, piece.length)
    reader.end()
    // The root, /zookeeper, /zookeeper/quota and /zookeeper/config.
    strictEqual(tree.store.count, 4)
    links.send(link, PacketType.ack, zxidOf(1, 0))
    await until('we are up to date', BOUND_MS, () => kinds().includes('12'))
  })
})
