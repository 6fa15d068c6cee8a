// Peers that mean no good on the quorum port, and leaders that do: each costs its own link.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { createConnection, type Socket } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import type { LearnerLinksOptions } from '../../../runtime/peer/learner-links-options.ts'
import { until } from '../../support/until.ts'
import { BOUND_MS, Host, packetBytes, pair, rawLeader, rawLearner, z } from './links-fixture.ts'

const running: Host[] = []

afterEach(() => {
  for (const { links } of running.splice(0)) links.shutdown()
})

async function listening(options: Partial<LearnerLinksOptions> = {}): Promise<Host> {
  const leader = new Host(options)
  running.push(leader)
  await leader.listening()
  return leader
}

/** An honest learner is heard. */
async function stillHears(leader: Host, socket: Socket): Promise<void> {
  const before = leader.heard.length
  socket.write(packetBytes(PacketType.ack, z(1), null))
  await until('the honest one is heard', BOUND_MS, () => leader.heard.length > before)
}

describe('on the quorum port', () => {
  test('what is no packet costs the link, and is told once', async () => {
    const leader = await listening({ fieldBytesMax: 1000 })
    const good = await rawLearner(leader)
    const longData = packetBytes(PacketType.ack, z(1), new Uint8Array(0))
    const bad: Uint8Array[] = [new Uint8Array(64).fill(0x7f)]
    for (const length of [0x7fff_ffff, 1001, -2]) {
      const bytes = longData.slice()
      new DataView(bytes.buffer).setInt32(12, length)
      bad.push(bytes.slice(0, 16))
    }
    const crowd = longData.slice()
    new DataView(crowd.buffer).setInt32(16, 0x7fff_ffff)
    bad.push(crowd)
    for (const bytes of bad) {
      const socket = await rawLearner(leader)
      const link = leader.opened.at(-1)!
      const closed = new Promise((resolve) => socket.resume().once('close', resolve))
      socket.write(bytes)
      await until('it is told', BOUND_MS, () => leader.closed.includes(link))
      await closed
    }
    deepStrictEqual(leader.closed, [2, 3, 4, 5, 6])
    deepStrictEqual(leader.heard, [])
    await stillHears(leader, good)
  })

  test('half a packet for ever keeps nobody waiting', async () => {
    const leader = await listening()
    const [good, slow] = [await rawLearner(leader), await rawLearner(leader)]
    slow.setNoDelay(true)
    const packet = packetBytes(PacketType.proposal, z(1), new Uint8Array(1 << 20))
    let at = 0
    for (; at < 300; at++) {
      slow.write(packet.subarray(at, at + 1))
      if (at % 100 === 0) await stillHears(leader, good)
    }
    const before = leader.heard.length
    slow.write(packet.subarray(at))
    await until('it comes to an end', BOUND_MS, () => leader.heard.length > before)
  })

  test('connections beyond the limit take the place of those that say nothing', async () => {
    const leader = await listening({ acceptedMax: 10 })
    const good = await rawLearner(leader)
    await stillHears(leader, good)
    const crowd: Socket[] = []
    for (let i = 0; i < 60; i++) crowd.push(await rawLearner(leader))
    await until('the oldest are gone', BOUND_MS, () => leader.closed.length === 51)
    await stillHears(leader, good)
    strictEqual(leader.closed.includes(1), false)
    for (const socket of crowd) socket.destroy()
  })

  test('when all that are connected have something to say, the next is refused', async () => {
    const leader = await listening({ acceptedMax: 2 })
    const learners = [await rawLearner(leader), await rawLearner(leader)]
    for (const learner of learners) await stillHears(leader, learner)
    const late = createConnection(leader.links.port, '127.0.0.1').on('error', () => {})
    const closed = new Promise((resolve) => late.resume().once('close', resolve))
    await closed
    deepStrictEqual(leader.opened, [1, 2])
    learners[0]!.destroy()
    await until('one is gone', BOUND_MS, () => leader.closed.length === 1)
    await rawLearner(leader)
    deepStrictEqual(leader.opened, [1, 2, 3])
  })

  test('a learner that does not read is closed at its limit; the others get everything', async () => {
    const { leader, learner, down } = await pair({ unsentBytesMax: 4 << 20 })
    running.push(leader, learner)
    const deaf = await rawLearner(leader)
    deaf.pause()
    const link = leader.opened[1]!
    const data = new Uint8Array(100_000)
    let sent = 0
    while (!leader.closed.includes(link)) {
      leader.links.broadcast([down, link], PacketType.proposal, z(++sent), data)
      leader.links.endTurn()
      await learner.hears(sent)
      ok(sent < 1000, 'memory is taken without a limit')
    }
    deepStrictEqual(leader.closed, [link])
    deaf.destroy()
  })

  test('a turn that gathers more than the limit for one link ends it, later', async () => {
    const { leader, learner, down } = await pair({ unsentBytesMax: 1 << 20 })
    running.push(leader, learner)
    const data = new Uint8Array(100_000)
    for (let i = 0; i < 1000; i++) leader.links.send(down, PacketType.proposal, z(i), data)
    deepStrictEqual(leader.closed, [])
    leader.links.endTurn()
    await until('it is told', BOUND_MS, () => leader.closed.length === 1)
    deepStrictEqual(learner.heard, [])
  })
})

describe('a leader that sends', () => {
  async function snapshotOf(...rest: Uint8Array[]): Promise<Host> {
    const { learner, sockets } = await rawLeader({ fieldBytesMax: 1000 })
    running.push(learner)
    learner.links.connect(1)
    await until('it is linked', BOUND_MS, () => sockets.length * learner.opened.length === 1)
    sockets[0]!.write(Buffer.concat([packetBytes(PacketType.snap, z(0), null), ...rest]))
    return learner
  }

  function ints(...values: number[]): Uint8Array {
    const writer = new JuteWriter()
    for (const value of values) writer.int(value)
    return writer.finish()
  }

  const END_MARK = Uint8Array.of(0, 0, 0, 1, 0x2f)

  test('no snapshot behind SNAP is left', async () => {
    for (const bytes of [ints(0, 0, 0x7fff_ffff), ints(-1), ints(0, 0, 0, 1001)]) {
      const learner = await snapshotOf(bytes)
      await until('it is told', BOUND_MS, () => learner.closed.length === 1)
      deepStrictEqual(learner.heard, ['1: 15 0x100000000 null'])
    }
  })

  test('another signature is left before the end of the snapshot is told', async () => {
    const learner = await snapshotOf(ints(0, 0), END_MARK, ints(10), Buffer.from('BenWasThere'))
    await until('it is told', BOUND_MS, () => learner.closed.length === 1)
    deepStrictEqual(learner.heard, ['1: 15 0x100000000 null', '1: piece'])
  })

  test('SNAP to a leader is a packet like others', async () => {
    const leader = await listening()
    const learner = await rawLearner(leader)
    learner.write(packetBytes(PacketType.snap, z(0), null))
    learner.write(packetBytes(PacketType.ack, z(1), null))
    await leader.hears(2)
    strictEqual(leader.pieces.length, 0)
  })
})
