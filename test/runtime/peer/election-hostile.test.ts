// Peers that mean no good on the election port: each costs its own link and nothing else.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { introductionBytes } from '../../../runtime/peer/election-handshake.ts'
import type { ElectionPeersOptions } from '../../../runtime/peer/election-peers.ts'
import { until } from '../../support/until.ts'
import { BOUND_MS, Elector, frame, membersOf, type RawPeer } from './election-fixture.ts'

const running: Elector[] = []

afterEach(() => {
  for (const { peers } of running.splice(0)) peers.close()
})

async function start(options: Partial<ElectionPeersOptions> = {}): Promise<Elector> {
  const elector = await Elector.start(1, membersOf(1, 2, 3, 4), options)
  running.push(elector)
  return elector
}

async function introduced(one: Elector, id: number): Promise<RawPeer> {
  const peer = await one.connection()
  peer.introduce(id)
  await until(`${id} is linked`, BOUND_MS, () => one.linked.has(id))
  return peer
}

async function stillHears(one: Elector, id: number, peer: RawPeer): Promise<void> {
  const before = one.heard.length
  peer.say('well')
  await until(`${id} is heard`, BOUND_MS, () => one.heard.length > before)
  strictEqual(one.heard.at(-1), `${id}: well`)
  peer.heard = Buffer.alloc(0)
  one.say(id, 'and you')
  await until(`${id} is answered`, BOUND_MS, () => peer.heard.length > 0)
}

function int(value: number): Uint8Array {
  const writer = new JuteWriter()
  writer.int(value)
  return writer.finish()
}

describe('on the election port', () => {
  test('garbage instead of a header is hung up on', async () => {
    const one = await start()
    const good = await introduced(one, 2)
    const header = introductionBytes(3, [{ host: 'h', port: 1 }])
    const longText = header.slice()
    longText.set(int(0x7fff_ffff), 16)
    for (const bytes of [new Uint8Array(100).fill(0xff), Buffer.from('GET / HTTP/1.1'), longText]) {
      const bad = await one.connection()
      bad.socket.write(bytes)
      await until('it is hung up on', BOUND_MS, () => bad.closed)
    }
    deepStrictEqual(one.events, ['up 2'])
    await stillHears(one, 2, good)
  })

  test('a frame of 2 GB, of nothing, or of less costs the link', async () => {
    const one = await start()
    const good = await introduced(one, 2)
    for (const length of [0x7fff_ffff, 524_289, 0, -1, -0x8000_0000]) {
      const bad = await introduced(one, 3)
      bad.socket.write(int(length))
      await until('it is hung up on', BOUND_MS, () => bad.closed)
      await until('it is told', BOUND_MS, () => !one.linked.has(3))
    }
    strictEqual(one.heard.length, 0)
    await stillHears(one, 2, good)
  })

  test('half a header is waited for as long as told, not longer', async () => {
    const one = await start({ headerTimeoutMs: 30 })
    const slow = await one.connection()
    slow.socket.write(introductionBytes(2, [{ host: 'h', port: 1 }]).subarray(0, 22))
    const silent = await one.connection()
    await until('both are hung up on', BOUND_MS, () => slow.closed && silent.closed)
    deepStrictEqual(one.events, [])
  })

  test('half a frame for ever keeps nobody else waiting', async () => {
    const one = await start()
    const [good, slow] = [await introduced(one, 2), await introduced(one, 3)]
    const bytes = Buffer.concat([int(524_288), new Uint8Array(524_288)])
    let at = 0
    for (; at < 300; at++) {
      slow.socket.write(bytes.subarray(at, at + 1))
      if (at % 100 === 0) await stillHears(one, 2, good)
    }
    slow.socket.write(bytes.subarray(at))
    await until('it comes to an end', BOUND_MS, () => one.heard.includes('3: 524288'))
  })

  test('silent connections by the hundred keep no member out', async () => {
    const one = await start({ headerTimeoutMs: 600_000 })
    const crowd: RawPeer[] = []
    for (let i = 0; i < 300; i++) crowd.push(await one.connection())
    const member = await introduced(one, 2)
    await stillHears(one, 2, member)
    const gone = (): number => crowd.filter(({ closed }) => closed).length
    await until('the oldest are hung up on', BOUND_MS, () => gone() >= 300 - 64)
    ok(crowd.slice(0, 200).every(({ closed }) => closed))
    for (const { socket } of crowd) socket.destroy()
  })

  test('a peer that does not read gets the newest, and nothing is kept but that', async () => {
    const one = await start()
    const [good, deaf] = [await introduced(one, 2), await introduced(one, 3)]
    deaf.socket.pause()
    const rounds = 120
    const message = new Uint8Array(500_000)
    for (let i = 0; i < rounds; i++) {
      message.fill(i)
      one.peers.send(3, message, 0, message.length)
      good.heard = Buffer.alloc(0)
      one.say(2, `round ${i}`)
      await until('the other one hears', BOUND_MS, () => good.heard.length > 0)
      deepStrictEqual(Uint8Array.from(good.heard), frame(`round ${i}`))
    }
    deaf.socket.resume()
    await until('the newest comes', BOUND_MS, () => deaf.heard.at(-1) === rounds - 1)
    const frames = deaf.heard.length / (4 + message.length)
    ok(frames < rounds / 2, `${frames} messages were kept for it`)
  })

  test('an id taken by a liar is the liar’s link alone', async () => {
    const one = await start()
    const [two, three] = [await introduced(one, 2), await introduced(one, 3)]
    const liar = await one.connection()
    liar.introduce(2)
    await until('the older link goes', BOUND_MS, () => two.closed)
    liar.socket.write(int(-5))
    await until('the liar goes', BOUND_MS, () => liar.closed && !one.linked.has(2))
    await stillHears(one, 3, three)
    const back = await introduced(one, 2)
    await stillHears(one, 2, back)
  })
})
