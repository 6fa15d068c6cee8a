// The mesh on the election port, over loopback: who keeps which link, what waits, what is sent
// again, who comes back.

import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { introductionBytes } from '../../../runtime/peer/election-handshake.ts'
import type { ElectionPeersOptions } from '../../../runtime/peer/election-peers.ts'
import { until } from '../../support/until.ts'
import { BOUND_MS, Elector, frame, type Members, membersOf, RawPeer } from './election-fixture.ts'

const running: { close(): void }[] = []

afterEach(() => {
  for (const one of running.splice(0)) one.close()
})

async function start(
  id: ServerId,
  members: Members,
  options: Partial<ElectionPeersOptions> = {},
): Promise<Elector> {
  const elector = await Elector.start(id, members, options)
  running.push(elector.peers)
  return elector
}

/** A member that is only a port: what connects to it. */
async function port(id: ServerId, members: Members): Promise<RawPeer[]> {
  const accepted: RawPeer[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    accepted.push(new RawPeer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.push({
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  })
  const address = server.address() as { port: number }
  members.get(id)!.push({ host: '127.0.0.1', port: address.port })
  return accepted
}

async function linked(...electors: Elector[]): Promise<void> {
  await until('everybody is linked', BOUND_MS, () =>
    electors.every(({ linked }) => linked.size === electors.length - 1),
  )
}

async function heard(elector: Elector, what: string): Promise<void> {
  await until(`${elector.id} hears ${what}`, BOUND_MS, () => elector.heard.includes(what))
}

describe('the election mesh', () => {
  test('is whole whoever dials', async () => {
    for (const dialling of [[1], [2], [1, 2]]) {
      const members = membersOf(1, 2)
      const electors = [await start(1, members), await start(2, members)]
      for (const id of dialling) electors[id - 1]!.peers.dial()
      await linked(...electors)
      electors[0]!.say(2, 'from one')
      electors[1]!.say(1, 'from two')
      await heard(electors[0]!, '2: from two')
      await heard(electors[1]!, '1: from one')
    }
  })

  test('of three carries every pair', async () => {
    const members = membersOf(1, 2, 3)
    const electors = [await start(1, members), await start(2, members), await start(3, members)]
    for (const { peers } of electors) peers.dial()
    await linked(...electors)
    for (const from of electors) {
      for (const to of electors) if (to !== from) from.say(to.id, `hello ${to.id}`)
    }
    for (const from of electors) {
      for (const to of electors) if (to !== from) await heard(to, `${from.id}: hello ${to.id}`)
    }
  })

  test('from the smaller side is asked for: the header in one piece, then the end', async () => {
    const members = membersOf(1, 2)
    const accepted = await port(2, members)
    const one = await start(1, members)
    one.peers.dial()
    await until('it has asked', BOUND_MS, () => accepted[0]?.closed === true)
    const own = members.get(1)!
    deepStrictEqual(Uint8Array.from(accepted[0]!.heard), introductionBytes(1, own))
    strictEqual(one.linked.size, 0)
    await until('it asks again', BOUND_MS, () => accepted.length > 1)
  })

  test('from the larger side begins with the header and stays', async () => {
    const members = membersOf(1, 2)
    const accepted = await port(1, members)
    const two = await start(2, members)
    two.peers.dial()
    await until('it is linked', BOUND_MS, () => two.linked.has(1))
    two.say(1, 'vote')
    const own = members.get(2)!
    const expected = Buffer.concat([introductionBytes(2, own), frame('vote')])
    await until('all has come', BOUND_MS, () => accepted[0]?.heard.length === expected.length)
    deepStrictEqual(accepted[0]!.heard, expected)
    accepted[0]!.say('answer')
    await heard(two, '1: answer')
    strictEqual(accepted.length, 1)
  })

  test('is dialled back when the smaller side has asked', async () => {
    const members = membersOf(1, 2)
    const accepted = await port(1, members)
    const two = await start(2, members)
    const asking = await two.connection()
    asking.introduce(1)
    await until('it hangs up', BOUND_MS, () => asking.closed)
    await until('it calls back', BOUND_MS, () => two.linked.has(1))
    strictEqual(accepted.length, 1)
  })

  test('takes what comes right behind the header', async () => {
    const members = membersOf(1, 2)
    const one = await start(1, members)
    const header = introductionBytes(2, [{ host: 'h', port: 1 }])
    const two = await one.connection()
    two.socket.write(Buffer.concat([header, frame('a'), frame('b'), frame('c').subarray(0, 3)]))
    await heard(one, '2: b')
    deepStrictEqual(one.heard, ['2: a', '2: b'])
    two.socket.write(frame('c').subarray(3))
    await heard(one, '2: c')
  })

  test('takes a peer from before 3.5, which says its id only', async () => {
    const one = await start(1, membersOf(1, 2))
    const old = await one.connection()
    old.socket.write(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2))
    old.say('old')
    await heard(one, '2: old')
  })
})

describe('a message', () => {
  test('waits for a link; only the newest does', async () => {
    const members = membersOf(1, 2)
    const [one, two] = [await start(1, members), await start(2, members)]
    for (const text of ['first', 'second', 'third']) one.say(2, text)
    one.peers.dial()
    await heard(two, '1: third')
    one.say(2, 'fourth')
    await heard(two, '1: fourth')
    strictEqual(two.heard.includes('1: first') || two.heard.includes('1: second'), false)
  })

  test('sent last is sent again over a new link', async () => {
    const members = membersOf(1, 2)
    const one = await start(1, members)
    for (const round of [1, 2]) {
      const two = await one.connection()
      two.introduce(2)
      await until('it is linked', BOUND_MS, () => one.events.length === round)
      if (round === 1) one.say(2, 'vote')
      await until('it hears', BOUND_MS, () => two.heard.length > 0)
      deepStrictEqual(Uint8Array.from(two.heard), frame('vote'))
    }
  })

  test('is copied when it is given', async () => {
    const members = membersOf(1, 2)
    const [one, two] = [await start(1, members), await start(2, members)]
    const bytes = Buffer.from('vote')
    one.peers.send(2, bytes, 0, bytes.length)
    bytes.fill(0)
    one.peers.dial()
    await heard(two, '1: vote')
  })

  test('of the largest size arrives, either way', async () => {
    const members = membersOf(1, 2)
    const electors = [await start(1, members), await start(2, members)] as const
    electors[0].peers.dial()
    await linked(...electors)
    const bytes = new Uint8Array(524_288)
    electors[0].peers.send(2, bytes, 0, bytes.length)
    electors[1].peers.send(1, bytes, 0, bytes.length)
    await heard(electors[1], '1: 524288')
    await heard(electors[0], '2: 524288')
  })

  test('to nobody, and to oneself, goes nowhere', async () => {
    const one = await start(1, membersOf(1))
    one.say(9, 'x')
    one.say(1, 'x')
    strictEqual(one.heard.length, 0)
  })
})

describe('a link', () => {
  test('lost with its server comes back with it', async () => {
    for (const restarted of [0, 1]) {
      const members = membersOf(1, 2)
      const electors = [await start(1, members), await start(2, members)]
      for (const { peers } of electors) peers.dial()
      await linked(...electors)
      const stays = electors[1 - restarted]!
      const gone = electors[restarted]!
      gone.peers.close()
      await until('it is missed', BOUND_MS, () => stays.linked.size === 0)
      // It says nothing itself: the other one has to find it.
      const again = await start(gone.id, members)
      await until('it is found', BOUND_MS, () => stays.linked.has(gone.id))
      stays.say(gone.id, 'welcome')
      await heard(again, `${stays.id}: welcome`)
    }
  })

  test('is replaced by a newer one, and nobody else is touched', async () => {
    const one = await start(1, membersOf(1, 2, 3))
    const [first, third] = [await one.connection(), await one.connection()]
    first.introduce(2)
    third.introduce(3)
    await until('both are linked', BOUND_MS, () => one.linked.size === 2)
    const second = await one.connection()
    second.introduce(2)
    await until('the older one goes', BOUND_MS, () => first.closed)
    second.say('new')
    third.say('still')
    await heard(one, '2: new')
    await heard(one, '3: still')
    deepStrictEqual(one.events.toSorted(), ['up 2', 'up 2', 'up 3'])
  })

  test('that stands stays when its peer is said to ask, until the call succeeds', async () => {
    const members = membersOf(1, 2)
    const accepted = await port(1, members)
    const two = await start(2, members, { connectTimeoutMs: 60_000 })
    two.peers.dial()
    await until('it is linked', BOUND_MS, () => two.linked.has(1))
    const liar = await two.connection()
    liar.introduce(1, 9)
    await until('the member is called, not the liar', BOUND_MS, () => accepted.length === 2)
    await until('the new link is taken', BOUND_MS, () => two.events.length === 2)
    deepStrictEqual(two.events, ['up 1', 'up 1'])
    accepted[1]!.say('it is me')
    await heard(two, '1: it is me')
  })

  test('with our own id is refused', async () => {
    const one = await start(1, membersOf(1, 2))
    const self = await one.connection()
    self.introduce(1)
    await until('it is closed', BOUND_MS, () => self.closed)
    deepStrictEqual(one.events, [])
  })

  test('to a server that is not there yet is dialled until it is', async () => {
    const members = membersOf(1, 2)
    const two = await start(2, members)
    two.peers.dial()
    await start(1, members)
    await until('it is linked', BOUND_MS, () => two.linked.has(1))
  })
})

describe('a stranger', () => {
  test('with a larger id is answered as long as its link stands', async () => {
    const one = await start(1, membersOf(1, 2))
    const stranger = await one.connection()
    stranger.introduce(9)
    stranger.say('who are you')
    await heard(one, '9: who are you')
    one.say(9, 'one')
    await until('it is answered', BOUND_MS, () => stranger.heard.length > 0)
    deepStrictEqual(Uint8Array.from(stranger.heard), frame('one'))
    stranger.socket.destroy()
    await until('it is forgotten', BOUND_MS, () => !one.linked.has(9))
    one.say(9, 'nobody hears')
    const again = await one.connection()
    again.introduce(9)
    again.say('back')
    await heard(one, '9: back')
    strictEqual(again.heard.length, 0)
  })

  test('with a smaller id is called where it says', async () => {
    const two = await start(2, membersOf(2))
    const stranger = await start(1, membersOf(1, 2))
    const asking = await two.connection()
    asking.introduce(1, stranger.peers.port)
    await until('it is called', BOUND_MS, () => stranger.linked.has(2))
    two.say(1, 'here')
    await heard(stranger, '2: here')
  })

  test('with a hundred addresses is not called at all of them', async () => {
    const members = membersOf(1, 2)
    const accepted = await port(1, members)
    const two = await start(2, membersOf(2))
    const asking = await two.connection()
    const [address] = members.get(1)!
    asking.socket.write(introductionBytes(1, Array(100).fill(address)))
    await until('it is called', BOUND_MS, () => two.linked.has(1))
    two.say(1, 'here')
    await until('it hears', BOUND_MS, () => accepted.some(({ heard }) => heard.length > 0))
    ok(accepted.length <= 4, `${accepted.length} connections`)
  })

  test('that has no id gets one below zero', async () => {
    const one = await start(1, membersOf(1))
    for (const id of [-2, -3]) {
      const observer = await one.connection()
      const bytes = introductionBytes(1, [{ host: 'h', port: 1 }])
      new DataView(bytes.buffer).setBigInt64(8, 2n ** 63n - 1n)
      observer.socket.write(bytes)
      await until('it is linked', BOUND_MS, () => one.linked.has(id))
      one.say(id, 'hello')
      await until('it is answered', BOUND_MS, () => observer.heard.length > 0)
    }
  })

  test('finds no place when there are too many, and takes none from a member', async () => {
    const one = await start(1, membersOf(1, 2))
    const strangers: RawPeer[] = []
    for (let i = 0; i < 20; i++) {
      const stranger = await one.connection()
      stranger.introduce(100 + i)
      strangers.push(stranger)
      await until('it is linked or not', BOUND_MS, () => one.linked.has(100 + i) || stranger.closed)
    }
    strictEqual(one.linked.size, 16)
    const two = await one.connection()
    two.introduce(2)
    await until('the member is linked', BOUND_MS, () => one.linked.has(2))
    strangers[0]!.socket.destroy()
    await until('a place is free', BOUND_MS, () => !one.linked.has(100))
    const late = await one.connection()
    late.introduce(150)
    await until('it is taken', BOUND_MS, () => one.linked.has(150))
  })
})

describe('the election port', () => {
  test('that is taken is tried as often as told, and named', async () => {
    const members = membersOf(1, 2)
    const one = await start(1, members)
    const taken = { host: '127.0.0.1', port: one.peers.port }
    const bind = { tries: 3, delayMs: 1 }
    const failing = Elector.start(2, members, { listen: taken, bind })
    await rejects(failing, (error: Error) => {
      match(error.message, new RegExp(`127\\.0\\.0\\.1:${taken.port}`))
      return true
    })
  })

  test('that comes free meanwhile is bound', async () => {
    const members = membersOf(1, 2)
    const one = await start(1, members)
    const listen = { host: '127.0.0.1', port: one.peers.port }
    const starting = start(2, members, { listen, bind: { tries: 0, delayMs: 1 } })
    one.peers.close()
    const two = await starting
    strictEqual(two.peers.port, listen.port)
  })

  test('and everything else is silent once closed', async () => {
    const members = membersOf(1, 2)
    const electors = [await start(1, members), await start(2, members)] as const
    electors[1].peers.dial()
    await linked(...electors)
    const [one, two] = electors
    const silent = await one.connection()
    one.peers.close()
    one.peers.dial()
    const events = one.events.length
    await until('the other one notices', BOUND_MS, () => two.linked.size === 0)
    await until('the silent one is closed', BOUND_MS, () => silent.closed)
    strictEqual(one.events.length, events)
    strictEqual(one.peers.port, 0)
    ok(!two.linked.has(1))
  })
})
