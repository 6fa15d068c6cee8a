// The links between a leader and its learners, over loopback: turns, order, pauses, ends.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection, createServer, Socket } from 'node:net'
import { afterEach, describe, mock, test } from 'node:test'
import { writeId } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { ZXID_NONE } from '../../../protocol/zxid.ts'
import type { LearnerLinksOptions } from '../../../runtime/peer/learner-links-options.ts'
import { until, within } from '../../support/until.ts'
import { BOUND_MS, Host, packetBytes, pair, rawLeader, rawLearner, z } from './links-fixture.ts'

const running: Host[] = []

afterEach(() => {
  for (const { links } of running.splice(0)) links.shutdown()
})

async function linkedPair(options: Partial<LearnerLinksOptions> = {}): ReturnType<typeof pair> {
  const both = await pair(options)
  running.push(both.leader, both.learner)
  return both
}

function host(options: Partial<LearnerLinksOptions> = {}): Host {
  const one = new Host(options)
  running.push(one)
  return one
}

describe('a link', () => {
  test('carries packets both ways, with data, authinfo and neither', async () => {
    const { leader, learner, up, down } = await linkedPair()
    learner.send(up, PacketType.ack, z(7))
    leader.send(down, PacketType.proposal, z(8), Uint8Array.of(1, 2))
    const ids = new JuteWriter()
    ids.vector([{ scheme: 'ip', id: '::1' }], writeId)
    learner.links.send(up, PacketType.request, ZXID_NONE, new Uint8Array(0), ids.finish())
    learner.links.endTurn()
    await leader.hears(2)
    await learner.hears(1)
    deepStrictEqual(leader.heard, [
      `${down}: 3 0x100000007 null`,
      `${down}: 1 0xffffffffffffffff [] by ${ids.length}`,
    ])
    deepStrictEqual(learner.heard, [`${up}: 2 0x100000008 [1,2]`])
  })

  test('is written once a turn, however many packets that gathered', async () => {
    const { leader, learner, down } = await linkedPair()
    const write = mock.method(Socket.prototype, 'write')
    for (let i = 1; i <= 50; i++) leader.links.send(down, PacketType.commit, z(i), null)
    strictEqual(write.mock.callCount(), 0)
    leader.links.endTurn()
    leader.links.endTurn()
    const writes = write.mock.callCount()
    write.mock.restore()
    strictEqual(writes, 1)
    await learner.hears(50)
    strictEqual(learner.heard.at(-1)?.includes('0x100000032'), true)
  })

  test('tells of bytes that are no whole packet yet', async () => {
    const { learner, sockets } = await rawLeader()
    running.push(learner)
    const up = learner.links.connect(1)
    await until('the link stands', BOUND_MS, () => sockets.length > 0)
    const bytes = packetBytes(PacketType.proposal, z(1), new Uint8Array(1000))
    sockets[0]!.write(bytes.subarray(0, 600))
    await until('progress is told', BOUND_MS, () => learner.progressed.length > 0)
    deepStrictEqual([learner.progressed[0], learner.heard], [up, []])
    sockets[0]!.write(bytes.subarray(600))
    await learner.hears(1)
    deepStrictEqual(learner.heard, [`${up}: 2 0x100000001 1000`])
  })

  test('gets its own copy of a broadcast; links that are gone are passed over', async () => {
    const { leader, learner, down } = await linkedPair()
    const second = await rawLearner(leader)
    const third = leader.opened[1]!
    const data = new Uint8Array(100).fill(3)
    leader.links.broadcast([down, 77, third], PacketType.proposal, z(1), data)
    data.fill(9)
    leader.send(third, PacketType.commit, z(1))
    const expected = Buffer.concat([
      packetBytes(PacketType.proposal, z(1), new Uint8Array(100).fill(3)),
      packetBytes(PacketType.commit, z(1), null),
    ])
    const chunks: Buffer[] = []
    second.on('data', (chunk) => chunks.push(chunk))
    await until('all has come', BOUND_MS, () => Buffer.concat(chunks).length === expected.length)
    deepStrictEqual(Buffer.concat(chunks), expected)
    await learner.hears(1)
  })

  test('takes what is to leave soon with what leaves next, in order, or after a while', async () => {
    const { leader, learner, up, down } = await linkedPair()
    const line = (type: number, counter: number): string =>
      `${up}: ${type} 0x10000000${counter} null`
    leader.links.broadcastSoon([down, 77], PacketType.proposal, z(1), null)
    leader.links.broadcastSoon([down], PacketType.commit, z(1), null)
    leader.links.endTurn()
    strictEqual(leader.later.length, 1)
    const write = mock.method(Socket.prototype, 'write')
    leader.send(down, PacketType.proposal, z(2))
    await learner.hears(3)
    deepStrictEqual(learner.heard, [line(2, 1), line(4, 1), line(2, 2)])
    // The timer finds nothing left; the next one does.
    leader.later.shift()?.()
    leader.links.broadcastSoon([down], PacketType.commit, z(2), null)
    strictEqual(write.mock.callCount(), 1)
    leader.later.shift()?.()
    await learner.hears(4)
    strictEqual(write.mock.callCount(), 2)
    write.mock.restore()
    strictEqual(learner.heard[3], line(4, 2))
  })

  test('that does not read is closed also when all is to leave soon', async () => {
    const { leader, down } = await linkedPair({ unsentBytesMax: 1 << 20 })
    const data = new Uint8Array(100_000)
    for (let i = 1; i <= 11; i++)
      leader.links.broadcastSoon([down], PacketType.proposal, z(i), data)
    await until('it is closed', BOUND_MS, () => leader.closed.includes(down))
  })

  test('keeps what it sent while the buffer is used again', async () => {
    const { leader, learner, down } = await linkedPair()
    learner.links.paused = true
    const count = 300
    for (let i = 1; i <= count; i++) {
      leader.send(down, PacketType.proposal, z(i), new Uint8Array(40_000).fill(i))
    }
    learner.links.paused = false
    await learner.hears(count)
    deepStrictEqual(
      learner.heard.map((line) => line.split(' ')[2]),
      Array.from({ length: count }, (_, i) => `0x1${(i + 1).toString(16).padStart(8, '0')}`),
    )
  })

  test('has a number of its own, from 1 on', async () => {
    const { leader, learner, up } = await linkedPair()
    strictEqual(up, 1)
    learner.links.close(up)
    await until('the leader hears of it', BOUND_MS, () => leader.closed.length === 1)
    strictEqual(learner.links.connect(1), 2)
    await until('it stands again', BOUND_MS, () => leader.opened.length === 2)
    deepStrictEqual(leader.opened, [1, 2])
    deepStrictEqual(learner.closed, [])
  })

  test('reads packets cut anywhere', async () => {
    const { leader } = await linkedPair()
    const socket = await rawLearner(leader)
    socket.setNoDelay(true)
    const bytes = Buffer.concat([
      packetBytes(PacketType.ack, z(1), null),
      packetBytes(PacketType.ping, z(2), Uint8Array.of(5)),
    ])
    for (let i = 0; i < bytes.length; i++) {
      await new Promise<void>((resolve) => socket.write(bytes.subarray(i, i + 1), () => resolve()))
    }
    await leader.hears(2)
    deepStrictEqual(leader.heard, ['2: 3 0x100000001 null', '2: 5 0x100000002 [5]'])
    ok(leader.activities > 0)
  })
})

describe('a link that is closed', () => {
  test('is not heard of any more, not even of what has arrived', async () => {
    const { leader, learner, up, down } = await linkedPair()
    leader.onHeard = (link) => leader.links.close(link)
    for (let i = 1; i <= 5; i++) learner.links.send(up, PacketType.ack, z(i), null)
    learner.links.endTurn()
    await until('the learner hears of it', BOUND_MS, () => learner.closed.length === 1)
    deepStrictEqual(leader.heard, [`${down}: 3 0x100000001 null`])
    deepStrictEqual(leader.closed, [])
    leader.send(down, PacketType.commit, z(1))
  })

  test('by its peer is told once', async () => {
    const { leader, learner, up, down } = await linkedPair()
    leader.links.close(down)
    await until('it is told', BOUND_MS, () => learner.closed.length === 1)
    learner.send(up, PacketType.ack, z(1))
    const again = learner.links.connect(1)
    await until('another stands', BOUND_MS, () => learner.opened.includes(again))
    deepStrictEqual(learner.closed, [up])
  })

  test('while it is dialled is not opened', async () => {
    const { leader, learner } = await linkedPair()
    const link = learner.links.connect(1)
    learner.links.close(link)
    const other = learner.links.connect(1)
    await until('the other stands', BOUND_MS, () => learner.opened.includes(other))
    strictEqual(learner.opened.includes(link), false)
    deepStrictEqual(learner.closed, [])
    ok(leader.opened.length >= 2)
  })
})

describe('dialling a leader', () => {
  test('that is not there, or not known, ends in linkClosed, after connect has returned', async () => {
    const learner = host()
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as { port: number }
    gone.close()
    await once(gone, 'close')
    learner.members.set(1, [{ host: '127.0.0.1', port }])
    const links = [learner.links.connect(1), learner.links.connect(9)]
    deepStrictEqual(learner.closed, [])
    await until('both are told', BOUND_MS, () => learner.closed.length === 2)
    deepStrictEqual(learner.closed.toSorted(), links)
    deepStrictEqual(learner.opened, [])
  })

  test('tries all its addresses', async () => {
    const { leader, learner } = await linkedPair()
    const port = leader.links.port
    learner.members.set(2, [
      { host: '127.0.0.1', port: 1 },
      { host: '127.0.0.1', port },
    ])
    const link = learner.links.connect(2)
    await until('it stands', BOUND_MS, () => learner.opened.includes(link))
  })
})

describe('the quorum port', () => {
  test('is there while it is listened on, and the links outlive that', async () => {
    const { leader, learner, up, down } = await linkedPair()
    const { port } = leader.links
    leader.links.listen(false)
    const refused = createConnection(port, '127.0.0.1')
    await within('a refusal', BOUND_MS, once(refused, 'error'))
    learner.send(up, PacketType.ack, z(1))
    await leader.hears(1)
    await leader.listening()
    const link = learner.links.connect(1)
    await until('the attempt ends', BOUND_MS, () =>
      [...learner.closed, ...learner.opened].includes(link),
    )
    leader.send(down, PacketType.commit, z(1))
    await learner.hears(1)
  })

  test('that is taken is tried until it is free', async () => {
    const first = host()
    const port = await first.listening()
    const second = host({ listen: { host: '127.0.0.1', port } })
    second.links.listen(true)
    await until('it has failed', BOUND_MS, () => second.heard.length > 0)
    ok(second.heard[0]!.includes(`127.0.0.1:${port}`))
    first.links.shutdown()
    await until('it is bound', BOUND_MS, () => second.links.port === port)
  })
})

describe('paused reading', () => {
  test('stops within a chunk and goes on where it was', async () => {
    const { leader, learner, up } = await linkedPair()
    leader.onHeard = () => {
      if (leader.heard.length % 3 === 0) leader.links.paused = true
    }
    for (let i = 1; i <= 10; i++) learner.links.send(up, PacketType.ack, z(i), null)
    learner.links.endTurn()
    for (const count of [3, 6, 9]) {
      await until(`${count} are heard`, BOUND_MS, () => leader.heard.length === count)
      strictEqual(leader.links.paused, true)
      leader.links.paused = false
    }
    await leader.hears(10)
    strictEqual(leader.heard.at(-1)?.includes('0x10000000a'), true)
  })

  test('holds back the sender, and loses nothing', async () => {
    const { leader, learner, up } = await linkedPair()
    leader.links.paused = true
    const sent = 40
    for (let i = 1; i <= sent; i++) {
      learner.send(up, PacketType.request, ZXID_NONE, new Uint8Array(500_000))
    }
    const late = await rawLearner(leader)
    late.write(packetBytes(PacketType.ack, z(1), null))
    const other = await rawLearner(leader)
    await new Promise<void>((resolve) => other.write(new Uint8Array(1), () => resolve()))
    strictEqual(leader.heard.length, 0)
    leader.links.paused = false
    await leader.hears(sent + 1)
  })

  test('hears what was sent before the peer closed', async () => {
    const { leader } = await linkedPair()
    const socket = await rawLearner(leader)
    leader.links.paused = true
    socket.end(packetBytes(PacketType.ack, z(1), null))
    await within('its end', BOUND_MS, once(socket, 'finish'))
    leader.links.paused = false
    await until('the link is closed', BOUND_MS, () => leader.closed.length === 1)
    deepStrictEqual(leader.heard, ['2: 3 0x100000001 null'])
  })
})
