// A snapshot over a link: from a real tree to a real tree, what waits behind it, who dies in it.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { SnapshotLoader } from '../../../actors/tree/snapshot/snapshot-loader.ts'
import {
  type FrozenTree,
  freeze,
  snapshotBody,
} from '../../../actors/tree/snapshot/snapshot-source.ts'
import { DataTree } from '../../../actors/tree/store/data-tree.ts'
import type { Link } from '../../../protocol/messages/zab.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { snapshotSignature } from '../../../protocol/quorum/snapshot-stream.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import type { LearnerLinksOptions } from '../../../runtime/peer/learner-links-options.ts'
import { ANN, Bench } from '../../actors/tree/fixture.ts'
import { until } from '../../support/until.ts'
import {
  BOUND_MS,
  type Host,
  packetBytes,
  pair,
  rawLeader,
  rawLearner,
  z,
} from './links-fixture.ts'

const running: Host[] = []

afterEach(() => {
  for (const { links } of running.splice(0)) links.shutdown()
})

async function linkedPair(options: Partial<LearnerLinksOptions> = {}): ReturnType<typeof pair> {
  const both = await pair(options)
  running.push(both.leader, both.learner)
  return both
}

function furnished(nodes: number, dataBytes: number): Bench {
  const bench = Bench.serving()
  bench.connect(1, ANN)
  bench.create(1, '/private', { acl: [{ perms: 31, id: ANN }], data: null })
  for (let i = 0; i < nodes; i++) {
    const data = new Uint8Array(i % 7 === 0 ? dataBytes : i % 50).fill(i)
    bench.create(1, `/node-${i}`, { data, flags: i % 3 === 0 ? 1 : 0 })
  }
  return bench
}

function frozenOf(bench: Bench): FrozenTree {
  return freeze(bench.data, bench.tree.lastZxid)
}

function bodyOf(frozen: FrozenTree): Buffer {
  const chunks: Uint8Array[] = []
  for (const chunk of snapshotBody(frozen)) chunks.push(chunk.slice())
  return Buffer.concat(chunks)
}

/** Each chunk is valid until the next one is asked for. */
function* streamOf(frozen: FrozenTree): Generator<Uint8Array> {
  yield* snapshotBody(frozen)
  yield snapshotSignature()
}

const ROOM_BYTES = 1 << 20

/** Sends the whole snapshot at the pace of the link; the most that waited for it. */
async function feed(leader: Host, link: Link, frozen: FrozenTree): Promise<number> {
  const { links } = leader
  let most = 0
  links.send(link, PacketType.snap, frozen.zxid, null)
  for (const chunk of streamOf(frozen)) {
    links.sendRaw(link, chunk, 0, chunk.length)
    most = Math.max(most, links.unsent(link))
    if (links.unsent(link) < ROOM_BYTES) continue
    const before = leader.ready.length
    links.awaitRoom(link)
    links.endTurn()
    await until('there is room', BOUND_MS, () => leader.ready.slice(before).includes(link))
    ok(links.unsent(link) < ROOM_BYTES)
  }
  links.endTurn()
  return most
}

describe('a snapshot', () => {
  test('of a tree comes out as the same tree, between the packets around it', async () => {
    const { leader, learner, up, down } = await linkedPair()
    const bench = furnished(3000, 5000)
    const frozen = frozenOf(bench)
    leader.links.send(down, PacketType.leaderInfo, z(0), null)
    await feed(leader, down, frozen)
    leader.links.broadcast([down], PacketType.proposal, z(2), Uint8Array.of(1))
    leader.send(down, PacketType.commit, z(2))
    await until(
      'all is heard',
      BOUND_MS,
      () => learner.heard.at(-1) === `${up}: 4 0x100000002 null`,
    )
    deepStrictEqual(
      learner.heard.filter((line) => !line.endsWith('piece')),
      [
        `${up}: 17 0x100000000 null`,
        `${up}: 15 ${formatZxid(frozen.zxid)} null`,
        `${up}: snapshot end`,
        `${up}: 2 0x100000002 [1]`,
        `${up}: 4 0x100000002 null`,
      ],
    )
    ok(learner.pieces.length > 3)
    ok(leader.progressed.length > 0 && leader.progressed.every((link) => link === down))
    ok(learner.pieces.every(({ length }) => length <= 256 * 1024))
    deepStrictEqual(Buffer.concat(learner.pieces), bodyOf(frozen))
    const tree = new DataTree({ digestEnabled: true, extendedTypes: true }, { changed: () => {} })
    const reader = new SnapshotLoader(tree)
    for (const piece of learner.pieces) reader.piece(piece, 0, piece.length)
    strictEqual(reader.end(), null)
    strictEqual(tree.digest.toHex(), bench.data.digest.toHex())
    strictEqual(tree.store.count, bench.data.store.count)
  })

  test('cut anywhere is understood, and a packet right behind it', async () => {
    const frozen = frozenOf(furnished(3, 30))
    const stream = Buffer.concat([
      packetBytes(PacketType.snap, frozen.zxid, null),
      bodyOf(frozen),
      snapshotSignature(),
      packetBytes(PacketType.newLeader, z(1), null),
    ])
    const { learner, sockets } = await rawLeader()
    running.push(learner)
    for (let cut = 1; cut < stream.length; cut += 7) {
      const from = learner.heard.length
      learner.pieces.length = 0
      const link = learner.links.connect(1)
      await until('it stands', BOUND_MS, () => learner.opened.includes(link))
      await until('it is accepted', BOUND_MS, () => sockets.length === link)
      const socket = sockets.at(-1)!
      await new Promise<void>((resolve) => socket.write(stream.subarray(0, cut), () => resolve()))
      socket.write(stream.subarray(cut))
      const last = `${link}: 10 0x100000001 null`
      await until('it is heard', BOUND_MS, () => learner.heard.at(-1) === last)
      deepStrictEqual(Buffer.concat(learner.pieces), bodyOf(frozen), `cut at ${cut}`)
      deepStrictEqual(learner.heard.slice(from).at(-2), `${link}: snapshot end`)
      learner.links.close(link)
    }
  })

  test('can be paused between two pieces', async () => {
    const { leader, learner, up, down } = await linkedPair()
    const frozen = frozenOf(furnished(400, 20_000))
    learner.onHeard = () => {
      learner.links.paused = true
    }
    const fed = feed(leader, down, frozen)
    await until('it has come piece by piece', BOUND_MS, () => {
      const before = learner.heard.length
      learner.links.paused = false
      ok(learner.heard.length <= before + 1)
      return learner.heard.at(-1) === `${up}: snapshot end`
    })
    await fed
    deepStrictEqual(Buffer.concat(learner.pieces), bodyOf(frozen))
  })

  test('to a learner that does not read waits, bounded, and lets the others have theirs', async () => {
    const { leader, learner, down } = await linkedPair()
    const deaf = await rawLearner(leader)
    deaf.pause()
    const frozen = frozenOf(furnished(3000, 50_000))
    const slow = feed(leader, leader.opened[1]!, frozen)
    const quick = feed(leader, down, frozen)
    await until('it has come', BOUND_MS, () => learner.heard.at(-1)?.endsWith('end') === true)
    await quick
    let read = 0
    deaf.on('data', (chunk) => {
      read += chunk.length
    })
    deaf.resume()
    ok((await slow) < 2 * ROOM_BYTES)
    const whole = 20 + bodyOf(frozen).length + snapshotSignature().length
    await until('all of it has come', BOUND_MS, () => read === whole)
  })
})

describe('a link for which much waits', () => {
  test('is said to be overfull once, until there is room again; and is closed in the end', async () => {
    const limits = { backlogBytesMax: 1 << 20, unsentBytesMax: 64 << 20 }
    const { leader } = await linkedPair(limits)
    const deaf = await rawLearner(leader)
    deaf.pause()
    const link = leader.opened[1]!
    const { links } = leader
    const fill = (bytes: number): void => {
      for (let sent = 0; sent < bytes; sent += 1 << 20) {
        leader.send(link, PacketType.proposal, z(1), new Uint8Array(1 << 20))
      }
    }
    deepStrictEqual(links.takeOverfull(), [])
    fill(20 << 20)
    deepStrictEqual(links.takeOverfull(), [link])
    fill(1 << 20)
    deepStrictEqual(links.takeOverfull(), [])
    links.awaitRoom(link)
    deepStrictEqual(leader.ready, [])
    deaf.resume()
    await until('there is room', BOUND_MS, () => leader.ready.length > 0)
    deepStrictEqual([leader.ready, links.unsent(link) < 1 << 20], [[link], true])
    deaf.pause()
    fill(20 << 20)
    deepStrictEqual(links.takeOverfull(), [link])
    fill(80 << 20)
    await until('it is closed', BOUND_MS, () => leader.closed.includes(link))
    links.awaitRoom(link)
    strictEqual(links.unsent(link), 0)
  })
})
