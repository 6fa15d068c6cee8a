// The network loop by itself: bytes in, messages out, and back; who waits, who is let go, and when.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UNREAD_BYTES_HIGH } from '../../../protocol/limits.ts'
import { RELEASES, ServingMode } from '../../../protocol/messages/network.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { ZXID_ZERO } from '../../../protocol/zxid.ts'
import { requestFrame } from '../../simulator/clients/client-stream.ts'
import { CONNECT, LoopFixture, REPLY, read, SESSION } from './loop-fixture.ts'

const bytes = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts)
const text = (characters: string): Uint8Array => Buffer.from(characters, 'latin1')

/** Cuts behind each of these places. */
function cut(whole: Uint8Array, ...places: readonly number[]): Uint8Array[] {
  return [0, ...places].map((from, i) => whole.slice(from, places[i] ?? whole.length))
}

/** The xids of the requests that reached the tree. */
function asked({ said }: LoopFixture): unknown[] {
  return said.filter(([name]) => name === 'tree.request').map(([, , xid]) => xid)
}

/** An event for these slots, as the watches actor sends it. */
function event(frame: Uint8Array, ...slots: readonly number[]): Buffer {
  const head = Buffer.alloc(4 + slots.length * 4)
  head.writeInt32BE(slots.length)
  slots.forEach((slot, i) => {
    head.writeInt32BE(slot, 4 + i * 4)
  })
  return bytes(head, frame)
}

describe('frames, however they are cut', () => {
  const whole = bytes(read(1), read(2), read(3))
  const inside = read(1).length
  const cuts: Readonly<Record<string, readonly number[]>> = {
    'in one chunk': [],
    'byte by byte': Array.from({ length: whole.length - 1 }, (_, i) => i + 1),
    'between two': [inside],
    'in a length': [2, inside + 1],
    'behind a length': [4, inside + 4],
    'before the last byte of each': [inside - 1, inside * 2 - 1, inside * 3 - 1],
  }
  for (const [name, places] of Object.entries(cuts)) {
    it(`${name}: requests`, () => {
      const fixture = new LoopFixture()
      const client = fixture.open(0)
      fixture.send(client, ...cut(whole, ...places))
      deepStrictEqual(asked(fixture), [1, 2, 3])
      deepStrictEqual(fixture.said[1]?.slice(3), [OpCode.getData, '\0\0\0\x01/\0'])
    })
  }
  it('byte by byte: a handshake, and what came behind it', () => {
    const fixture = new LoopFixture()
    const client = fixture.accept()
    const handshake = bytes(CONNECT, read(1))
    fixture.send(
      client,
      ...cut(handshake.subarray(0, 48), ...Array.from({ length: 47 }, (_, i) => i + 1)),
    )
    deepStrictEqual(fixture.names, [])
    fixture.send(client, handshake.subarray(48))
    deepStrictEqual(fixture.names, ['tree.opened', 'sessions.connect'])
    strictEqual(client.socket.isPaused, true)
    fixture.loop.connected(0, SESSION, 4000)
    fixture.turn()
    deepStrictEqual(fixture.names.slice(2), ['tree.request'])
    strictEqual(client.taken().length, 41)
    strictEqual(client.socket.isPaused, false)
  })
})

describe('what may be on its way', () => {
  const requests = (count: number): Buffer => {
    return bytes(...Array.from({ length: count }, (_, i) => read(i + 1)))
  }
  it('of one client grows with its replies, from four', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    fixture.send(client, requests(30))
    deepStrictEqual([asked(fixture).length, client.socket.isPaused], [4, true])
    fixture.reply(0, 1)
    deepStrictEqual([asked(fixture).length, client.socket.isPaused], [1 + 8, true])
    for (let xid = 2; xid <= 4; xid++) fixture.reply(0, xid)
    deepStrictEqual([asked(fixture).length, client.socket.isPaused], [30, false])
  })
  it('of one client is one request while replies are large', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    fixture.send(client, requests(30))
    const large = new Uint8Array(1 << 20)
    for (let xid = 1; xid <= 4; xid++) fixture.reply(0, xid, large)
    strictEqual(asked(fixture).length, 5)
    fixture.reply(0, 5, large)
    strictEqual(asked(fixture).length, 6)
  })
  it('of all is limited, and everybody may have one', () => {
    const fixture = new LoopFixture({ globalOutstandingLimit: 3 })
    const [one, other] = [fixture.open(0), fixture.open(1)]
    fixture.send(one, requests(5))
    strictEqual(asked(fixture).length, 3)
    fixture.send(other, requests(2))
    strictEqual(asked(fixture).length, 4)
    fixture.reply(0, 1)
    fixture.reply(0, 2)
    strictEqual(asked(fixture).length, 4 + 1)
  })
  it('is nothing while the rings are full', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    fixture.blocked = true
    fixture.send(client, requests(2))
    fixture.pass(1000)
    deepStrictEqual([asked(fixture), client.socket.isPaused], [[], true])
    fixture.blocked = false
    fixture.pass(100)
    deepStrictEqual([asked(fixture), client.socket.isPaused], [[1, 2], false])
  })
  it('ends with the connection', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    fixture.send(client, requests(3))
    strictEqual(fixture.loop.outstanding, 3)
    client.socket.fail()
    fixture.turn()
    strictEqual(fixture.loop.outstanding, 0)
    deepStrictEqual(fixture.said.slice(3), [
      ['tree.closed', 0],
      ['sessions.closed', 0],
    ])
    fixture.reply(0, 1)
    deepStrictEqual([fixture.loop.outstanding, client.taken().length], [0, 0])
  })
})

describe('what leaves', () => {
  it('leaves in the order in which it came, once a turn', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    fixture.send(client, read(1), read(2))
    const change = event(text('change'), 0)
    fixture.loop.reply(0, 1, ZXID_ZERO, false, text('first '), 0, 6)
    fixture.loop.event(change, 0, change.length)
    fixture.loop.reply(0, 2, ZXID_ZERO, false, text(' last'), 0, 5)
    strictEqual(client.taken().toString(), '')
    fixture.loop.turn()
    strictEqual(client.taken().toString(), 'first change last')
  })
  it('leaves whole, however little its client takes at a time', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    fixture.send(client, read(1), read(2), read(3))
    const replies = ['a'.repeat(50), 'b'.repeat(3000), 'c'.repeat(70)]
    let came = ''
    client.room = 7
    replies.forEach((reply, i) => {
      fixture.reply(0, i + 1, text(reply))
    })
    while (client.socket.isBusy) {
      came += client.taken()
      client.room = 7
      fixture.turn()
    }
    strictEqual(came + client.taken(), replies.join(''))
    strictEqual(client.socket.writableLength, 0)
  })
  it('is an event for those that have a session, and for nobody else', () => {
    const fixture = new LoopFixture()
    const clients = [fixture.open(0), fixture.open(1), fixture.accept()]
    fixture.send(clients[2]!, CONNECT)
    const change = event(text('change'), 0, 2, 1, 9)
    fixture.loop.event(change, 0, change.length)
    fixture.turn()
    fixture.loop.turn()
    deepStrictEqual(
      clients.map((client) => client.taken().toString()),
      ['change', 'change', ''],
    )
  })
  it('is told to the tree as it is taken; who takes nothing is not read from', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    client.room = 0
    fixture.send(client, read(1))
    const large = new Uint8Array(UNREAD_BYTES_HIGH + 1)
    fixture.reply(0, 1, large)
    fixture.send(client, read(2))
    fixture.pass(10_000)
    deepStrictEqual([asked(fixture), client.socket.isPaused], [[1], false])
    // A little more, for there may be pings among it, but not much.
    const many = Array.from({ length: 300 }, (_, i) => read(i + 3))
    fixture.send(client, bytes(...many))
    deepStrictEqual([asked(fixture), client.socket.isPaused], [[1], true])
    client.room = Number.POSITIVE_INFINITY
    fixture.turn()
    deepStrictEqual(asked(fixture).slice(0, 2), [1, 2])
    deepStrictEqual(fixture.said[1], ['tree.taken', 0, large.length])
  })
  it('is alive while it has requests that wait for us, or takes something; not because it hangs', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    const isHeard = (ms: number): boolean => {
      const before = fixture.clock.nowMs
      fixture.pass(ms)
      return fixture.heard.lastHeardMs(0) > before
    }
    fixture.send(client, bytes(...Array.from({ length: 9 }, (_, i) => read(i + 1))))
    deepStrictEqual([isHeard(1000), isHeard(1000)], [true, true])
    client.room = 0
    for (let xid = 1; xid <= 4; xid++) fixture.reply(0, xid, new Uint8Array(UNREAD_BYTES_HIGH))
    isHeard(1000)
    strictEqual(isHeard(1000), false)
    client.room = UNREAD_BYTES_HIGH + 1000
    deepStrictEqual([isHeard(1000), isHeard(1000)], [true, false])
    fixture.send(client, read(10))
    strictEqual(fixture.heard.lastHeardMs(0), fixture.clock.nowMs)
  })
  it('closes a connection when all has left, and not before', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    fixture.send(client, read(1))
    client.room = 3
    fixture.reply(0, 1, REPLY, true)
    deepStrictEqual([client.isClosed, client.taken().length], [false, 3])
    client.room = 100
    fixture.turn()
    deepStrictEqual([client.isClosed, client.taken().length], [true, REPLY.length - 3])
  })
})

describe('time is up', () => {
  it('for a handshake, whatever trickles in', () => {
    const fixture = new LoopFixture({ sessionlessCnxnTimeoutMs: 1000 })
    const client = fixture.accept()
    for (let i = 0; i < 9; i++) {
      fixture.pass(100)
      fixture.send(client, CONNECT.subarray(i, i + 1))
    }
    strictEqual(client.isClosed, false)
    fixture.pass(100)
    deepStrictEqual([client.isClosed, fixture.refused], [true, ['handshake-timeout']])
  })
  it('for a handshake that finds no leader, sooner', () => {
    const fixture = new LoopFixture()
    fixture.loop.idle()
    const [asking, silent] = [fixture.accept(), fixture.accept()]
    fixture.send(asking, CONNECT)
    fixture.pass(400)
    strictEqual(asking.isClosed, false)
    fixture.pass(100)
    deepStrictEqual([asking.isClosed, silent.isClosed], [true, false])
    deepStrictEqual(fixture.refused, ['not-serving'])
  })
  it('not for one that finds a leader meanwhile', () => {
    const fixture = new LoopFixture()
    fixture.loop.idle()
    const client = fixture.accept()
    fixture.send(client, CONNECT)
    fixture.pass(400)
    fixture.loop.serving(ZXID_ZERO, ServingMode.follower)
    fixture.pass(100)
    deepStrictEqual(fixture.names, ['tree.opened', 'sessions.connect'])
    fixture.pass(60_000)
    strictEqual(client.isClosed, false)
  })
  it('for a client that does not take the last that it is sent', () => {
    const fixture = new LoopFixture()
    const client = fixture.open(0)
    fixture.send(client, read(1))
    client.room = 0
    fixture.reply(0, 1, REPLY, true)
    fixture.pass(29_900)
    strictEqual(client.isClosed, false)
    fixture.pass(100)
    deepStrictEqual([client.isClosed, fixture.refused], [true, ['unread-replies']])
    deepStrictEqual(fixture.said.slice(1), [
      ['tree.closed', 0],
      ['sessions.closed', 0],
    ])
    fixture.pass(60_000)
    strictEqual(fixture.refused.length, 1)
  })
})

describe('who is refused', () => {
  const length = (value: number): Buffer => {
    const frame = Buffer.alloc(4)
    frame.writeInt32BE(value)
    return frame
  }
  const inHandshake: Readonly<Record<string, readonly [Uint8Array, string]>> = {
    'a length below zero': [length(-1), 'frame-length'],
    'a handshake of more than 1024 bytes': [length(1025), 'frame-length'],
    'half a handshake': [bytes(length(12), new Uint8Array(12)), 'malformed-handshake'],
    'an empty one': [length(0), 'malformed-handshake'],
  }
  const inSession: Readonly<Record<string, readonly [Uint8Array, string]>> = {
    'a length below zero': [length(-(2 ** 31)), 'frame-length'],
    'more than jute.maxbuffer': [length(0x100000), 'frame-length'],
    'a request without a header': [bytes(length(7), new Uint8Array(7)), 'malformed-frame'],
    'what only servers say': [
      bytes(length(8), length(1), length(OpCode.createSession)),
      'internal-operation',
    ],
  }
  for (const [name, [frame, reason]] of Object.entries(inHandshake)) {
    it(`first ${name}`, () => {
      const fixture = new LoopFixture()
      const client = fixture.accept()
      fixture.send(client, frame)
      deepStrictEqual([client.isClosed, fixture.refused], [true, [reason]])
    })
  }
  for (const [name, [frame, reason]] of Object.entries(inSession)) {
    it(`in a session ${name}`, () => {
      const fixture = new LoopFixture()
      const client = fixture.open(0)
      fixture.send(client, bytes(read(1), frame, read(2)))
      deepStrictEqual([client.isClosed, fixture.refused], [true, [reason]])
      deepStrictEqual(asked(fixture), [1])
    })
  }
  it('one too many from an address, until one has gone', () => {
    const fixture = new LoopFixture({ maxClientCnxns: 2 })
    const clients = [1, 2, 3].map(() => fixture.accept('10.0.0.7'))
    deepStrictEqual(
      clients.map(({ isClosed }) => isClosed),
      [false, false, true],
    )
    strictEqual(fixture.accept('::ffff:10.0.0.8').isClosed, false)
    clients[0]!.socket.emit('end')
    fixture.turn()
    strictEqual(fixture.accept('10.0.0.7').isClosed, false)
    deepStrictEqual(fixture.refused, ['too-many-connections-from-address'])
  })
})

describe('slots', () => {
  it('are given out again when all that know them have forgotten them', () => {
    const fixture = new LoopFixture()
    fixture.open(0).socket.fail()
    fixture.turn()
    for (let i = 1; i < RELEASES; i++) fixture.loop.released(0)
    fixture.open(1)
    fixture.loop.released(0)
    fixture.open(0)
  })
  it('of connections that are open are not released', () => {
    const fixture = new LoopFixture()
    fixture.open(0)
    throws(() => fixture.loop.released(0), /closed/)
  })
  it('without a connection are nobody’s', () => {
    const fixture = new LoopFixture()
    fixture.reply(5, 1)
    fixture.loop.close(5)
    fixture.loop.connected(5, SESSION, 1)
    fixture.loop.released(5)
  })
})

describe('a server that stops serving', () => {
  it('closes whoever has a session, and lets handshakes wait', () => {
    const fixture = new LoopFixture()
    const [open, fresh] = [fixture.open(0), fixture.accept()]
    fixture.loop.idle()
    fixture.turn()
    deepStrictEqual([open.isClosed, fresh.isClosed], [true, false])
  })
  it('closes everybody at the end', async () => {
    const fixture = new LoopFixture()
    const clients = [fixture.open(0), fixture.accept()]
    await fixture.loop.shutdown()
    fixture.turn()
    deepStrictEqual(
      clients.map(({ isClosed }) => isClosed),
      [true, true],
    )
  })
})

it('a session’s last request is answered before its connection closes', () => {
  const fixture = new LoopFixture()
  const client = fixture.open(0)
  fixture.send(client, requestFrame(9, { type: OpCode.closeSession }))
  fixture.reply(0, 9, REPLY, true)
  deepStrictEqual([client.taken(), client.isClosed], [Buffer.from(REPLY), true])
})
