// A snapshot over a link: from a real tree to a real tree, what waits behind it, who dies in it.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { DataTree } from '../../../actors/tree/data-tree.ts'
import { SnapshotReader } from '../../../actors/tree/snapshot-reader.ts'
import { type FrozenTree, freeze, snapshotBody } from '../../../actors/tree/snapshot-source.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { snapshotSignature } from '../../../protocol/quorum/snapshot-stream.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import type { LearnerLinksOptions } from '../../../runtime/peer/learner-links.ts'
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

/** Whether the snapshot went out, once it is known. */
async function outcome(told: readonly boolean[]): Promise<boolean> {
  await until('the end of the snapshot is told', BOUND_MS, () => told.length > 0)
  strictEqual(told.length, 1)
  return told[0]!
}

/** The leader's number for a new link. */
async function anotherLink(leader: Host, learner: Host): Promise<number> {
  const before = leader.opened.length
  learner.links.connect(1)
  await until('another link stands', BOUND_MS, () => leader.opened.length > before)
  return leader.opened.at(-1)!
}

describe('a snapshot', () => {
  test('of a tree comes out as the same tree, between the packets around it', async () => {
    const { leader, learner, up, down } = await linkedPair()
    const bench = furnished(3000, 5000)
    const frozen = frozenOf(bench)
    const told: boolean[] = []
    leader.links.send(down, PacketType.leaderInfo, z(0), null)
    leader.links.holdForSnapshot(down)
    leader.send(down, PacketType.newLeader, z(1))
    leader.links.sendSnapshot(down, frozen, (ok) => told.push(ok))
    leader.links.broadcast([down], PacketType.proposal, z(2), Uint8Array.of(1))
    leader.links.endTurn()
    strictEqual(await outcome(told), true)
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
        `${up}: 10 0x100000001 null`,
        `${up}: 2 0x100000002 [1]`,
        `${up}: 4 0x100000002 null`,
      ],
    )
    ok(learner.pieces.length > 3)
    ok(leader.progressed.length > 3 && leader.progressed.every((link) => link === down))
    ok(learner.pieces.every(({ length }) => length <= 256 * 1024))
    deepStrictEqual(Buffer.concat(learner.pieces), bodyOf(frozen))
    const tree = new DataTree({ digestEnabled: true, extendedTypes: true }, { changed: () => {} })
    const reader = new SnapshotReader(tree)
    for (const piece of learner.pieces) reader.piece(piece, 0, piece.length)
    strictEqual(reader.end(), null)
    strictEqual(tree.digest.toHex(), bench.data.digest.toHex())
    strictEqual(tree.store.count, bench.data.store.count)
  })

  test('is awaited by everything that was sent since it was announced', async () => {
    const { leader, learner, up, down } = await linkedPair()
    leader.links.holdForSnapshot(down)
    leader.send(down, PacketType.newLeader, z(1))
    const other = learner.links.connect(1)
    await until('another link stands', BOUND_MS, () => learner.opened.includes(other))
    leader.send(leader.opened.at(-1)!, PacketType.ping, z(3))
    await learner.hears(1)
    deepStrictEqual(learner.heard, [`${other}: 5 0x100000003 null`])
    leader.links.sendSnapshot(down, frozenOf(furnished(0, 0)), () => {})
    await until(
      'it has come',
      BOUND_MS,
      () => learner.heard.at(-1) === `${up}: 10 0x100000001 null`,
    )
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
    const told: boolean[] = []
    leader.links.sendSnapshot(down, frozen, (ok) => told.push(ok))
    await until('it has come piece by piece', BOUND_MS, () => {
      const before = learner.heard.length
      learner.links.paused = false
      ok(learner.heard.length <= before + 1)
      return learner.heard.at(-1) === `${up}: snapshot end`
    })
    deepStrictEqual(Buffer.concat(learner.pieces), bodyOf(frozen))
    strictEqual(await outcome(told), true)
  })

  test('to a learner that does not read lets the others have theirs', async () => {
    const { leader, learner, down } = await linkedPair()
    const deaf = await rawLearner(leader)
    deaf.pause()
    const bench = furnished(3000, 50_000)
    const slow: boolean[] = []
    const quick: boolean[] = []
    leader.links.sendSnapshot(leader.opened[1]!, frozenOf(bench), (ok) => slow.push(ok))
    leader.links.sendSnapshot(down, frozenOf(bench), (ok) => quick.push(ok))
    strictEqual(await outcome(quick), true)
    await until('it has come', BOUND_MS, () => learner.heard.at(-1)?.endsWith('end') === true)
    deepStrictEqual(slow, [])
    let read = 0
    deaf.on('data', (chunk) => {
      read += chunk.length
    })
    deaf.resume()
    strictEqual(await outcome(slow), true)
    const whole = 20 + bodyOf(frozenOf(bench)).length + snapshotSignature().length
    await until('all of it has come', BOUND_MS, () => read === whole)
  })

  test('that loses its link says so once, whoever ends it', async () => {
    const { leader, learner, up, down } = await linkedPair()
    const frozen = frozenOf(furnished(3000, 50_000))
    for (const end of ['leader', 'learner', 'before', 'never'] as const) {
      const told: boolean[] = []
      const link = end === 'leader' ? down : await anotherLink(leader, learner)
      if (end === 'before') leader.links.close(link)
      leader.links.sendSnapshot(end === 'never' ? 999 : link, frozen, (ok) => told.push(ok))
      if (end === 'leader') leader.links.close(link)
      if (end === 'learner') for (const one of learner.opened) learner.links.close(one)
      strictEqual(await outcome(told), false, end)
    }
    ok(!learner.heard.includes(`${up}: snapshot end`))
  })

  test('behind which too much waits costs the link', async () => {
    const { leader, learner, down } = await linkedPair({ unsentBytesMax: 1 << 20 })
    leader.links.holdForSnapshot(down)
    for (let i = 0; i < 1000; i++) {
      leader.send(down, PacketType.proposal, z(i), new Uint8Array(2000))
    }
    await until('it is closed', BOUND_MS, () => leader.closed.length === 1)
    const told: boolean[] = []
    leader.links.sendSnapshot(down, frozenOf(furnished(1, 1)), (ok) => told.push(ok))
    deepStrictEqual(told, [false])
    await until('the learner sees it', BOUND_MS, () => learner.closed.length === 1)
    deepStrictEqual(learner.heard, [])
  })
})
