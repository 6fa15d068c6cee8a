// The election's message: both directions, every length a peer may send, and Java's bytes.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import {
  type Notification,
  PeerState,
  readNotification,
  VOTE_NONE,
  writeNotification,
} from '../../../protocol/quorum/notification.ts'
import { SERVER_NONE } from '../../../protocol/quorum/server-id.ts'

const VOTE: Notification = {
  state: PeerState.following,
  leader: 3,
  zxid: 0x2_0000_0007n,
  round: 5n,
  peerEpoch: 2n,
  config: 'server.1=127.0.0.1:2888:3888:participant\nversion=0',
}

function encode(notification: Notification): Uint8Array {
  const writer = new JuteWriter()
  writeNotification(writer, notification)
  return writer.finish()
}

test('round trip, with and without a leader and a next configuration', () => {
  const next = 'server.4=127.0.0.1:2888:3888:participant\nversion=200000008'
  for (const vote of [
    VOTE,
    { ...VOTE, next },
    { ...VOTE, next: '' },
    { ...VOTE, leader: SERVER_NONE, config: '' },
  ]) {
    const bytes = encode(vote)
    deepStrictEqual(readNotification(bytes, 0, bytes.length), vote)
  }
})

test('the layout is the one of FastLeaderElection.buildMsg', () => {
  const bytes = encode({ ...VOTE, config: 'x' })
  const expected =
    '00000001' +
    '0000000000000003' +
    '0000000200000007' +
    '0000000000000005' +
    '0000000000000002' +
    '00000002' +
    '00000001' +
    '78'
  strictEqual(Buffer.from(bytes).toString('hex'), expected)
})

test('an observer of Apache’s looks for a leader: Long.MIN_VALUE for id, zxid and epoch', () => {
  const none = '8000000000000000'
  const hex = `00000000${none}${none}0000000000000001${none}0000000200000000`
  const bytes = Buffer.from(hex, 'hex')
  deepStrictEqual(readNotification(bytes, 0, bytes.length), {
    state: PeerState.looking,
    leader: SERVER_NONE,
    zxid: VOTE_NONE,
    round: 1n,
    peerEpoch: VOTE_NONE,
    config: '',
  })
})

test('old senders: 28 bytes have no epoch, 40 bytes no version worth a name', () => {
  const bytes = encode(VOTE)
  strictEqual(readNotification(bytes, 0, 28).peerEpoch, 2n)
  deepStrictEqual(readNotification(bytes, 0, 40), { ...VOTE, config: '' })
})

test('a configuration in whatever charset is no reason not to hear a vote (4787)', () => {
  const bytes = encode({ ...VOTE, config: 'server.1=xx' })
  bytes.set([0xe9, 0xff], bytes.length - 2)
  deepStrictEqual(readNotification(bytes, 0, bytes.length), {
    ...VOTE,
    config: 'server.1=\ufffd\ufffd',
  })
})

test('every other cut is refused, and so is a state that does not exist', () => {
  const bytes = encode(VOTE)
  for (let end = 0; end < bytes.length; end++) {
    if (end === 28 || end === 40) continue
    throws(() => readNotification(bytes, 0, end), MalformedError, `cut at ${end}`)
  }
  bytes[3] = 9
  throws(() => readNotification(bytes, 0, bytes.length), MalformedError)
})
