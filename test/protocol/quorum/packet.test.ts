// The packets of port 2888: Java's bytes, every cut, lengths nobody may send.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Id, writeId } from '../../../protocol/acl.ts'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { learnerInfoBytes, readLearnerInfo } from '../../../protocol/quorum/learner-info.ts'
import {
  type Packet,
  PacketReader,
  PacketType,
  writePacket,
} from '../../../protocol/quorum/packet.ts'
import { ZXID_NONE, zxidOf } from '../../../protocol/zxid.ts'
import { generator } from '../../actors/election/mesh.ts'

const MAX = 1000

const PACKETS: readonly Packet[] = [
  { type: PacketType.upToDate, zxid: ZXID_NONE, data: null, authinfo: null },
  { type: PacketType.proposal, zxid: zxidOf(5, 7), data: Uint8Array.of(1, 2, 3), authinfo: null },
  { type: PacketType.ping, zxid: zxidOf(5, 0xffff_ffff), data: new Uint8Array(0), authinfo: null },
  {
    type: PacketType.request,
    zxid: ZXID_NONE,
    data: new Uint8Array(40).fill(7),
    authinfo: encodedIds([
      { scheme: 'ip', id: '127.0.0.1' },
      { scheme: 'digest', id: 'jürgen:x' },
    ]),
  },
  { type: PacketType.request, zxid: ZXID_NONE, data: null, authinfo: encodedIds([]) },
]

function encodedIds(ids: readonly Id[]): Uint8Array {
  const writer = new JuteWriter()
  writer.vector(ids, writeId)
  return writer.finish()
}

function encode({ type, zxid, data, authinfo }: Packet): Uint8Array {
  const writer = new JuteWriter()
  writePacket(writer, type as PacketType, zxid, data, authinfo)
  return writer.finish()
}

function readOne(
  bytes: Uint8Array,
  start: number,
  end: number,
  max: number,
): { packet: Packet; end: number } | null {
  const reader = new PacketReader(max)
  const packet = reader.read(bytes, start, end)
  return packet === null ? null : { packet, end: reader.end }
}

describe('a packet', () => {
  test('has the layout of QuorumPacket', () => {
    const bytes = Buffer.from(encode(PACKETS[1]!)).toString('hex')
    strictEqual(bytes, '00000002' + '0000000500000007' + '00000003' + '010203' + 'ffffffff')
  })

  test('comes back as it was, wherever it begins and whatever follows', () => {
    for (const packet of PACKETS) {
      const bytes = encode(packet)
      const padded = new Uint8Array(bytes.length + 9).fill(0xee)
      padded.set(bytes, 4)
      const read = readOne(padded, 4, padded.length, MAX)
      ok(read !== null)
      strictEqual(read.end, 4 + bytes.length)
      const { data, authinfo } = read.packet
      const copied = { data: data?.slice() ?? null, authinfo: authinfo?.slice() ?? null }
      deepStrictEqual({ ...read.packet, ...copied }, packet)
    }
  })

  test('that comes byte by byte is read once a field, not once a byte', () => {
    const ids = Array.from({ length: 100 }, (_, i) => ({ scheme: 'digest', id: `${i}:`.repeat(9) }))
    const data = new Uint8Array(500)
    const type = PacketType.request
    const bytes = encode({ type, zxid: ZXID_NONE, data, authinfo: encodedIds(ids) })
    const reader = new PacketReader(10_000)
    let reads = 0
    for (let end = 1; end <= bytes.length; end++) {
      if (end < reader.needed) continue
      reads++
      strictEqual(reader.read(bytes, 0, end) === null, end < bytes.length)
    }
    ok(reads <= 4 + 2 * 2 * ids.length, `${reads} reads`)
  })

  test('cut anywhere is not whole yet', () => {
    for (const packet of PACKETS) {
      const bytes = encode(packet)
      for (let end = 0; end < bytes.length; end++) {
        strictEqual(readOne(bytes, 0, end, MAX), null, `type ${packet.type} cut at ${end}`)
      }
    }
  })

  test('follows another without a frame', () => {
    const stream = Buffer.concat(PACKETS.map(encode))
    const types: number[] = []
    for (let at = 0; at < stream.length; ) {
      const read = readOne(stream, at, stream.length, MAX)!
      types.push(read.packet.type)
      at = read.end
    }
    deepStrictEqual(
      types,
      PACKETS.map(({ type }) => type),
    )
  })

  test('with a length too large or below -1 is refused before it has arrived', () => {
    for (const length of [MAX + 1, 0x7fff_ffff, -2, -0x8000_0000]) {
      const bytes = encode(PACKETS[1]!).slice(0, 16)
      new DataView(bytes.buffer).setInt32(12, length)
      throws(() => readOne(bytes, 0, 16, MAX), MalformedError, `length ${length}`)
    }
    const crowd = encode(PACKETS[0]!)
    new DataView(crowd.buffer).setInt32(16, 100_000)
    throws(() => readOne(crowd, 0, crowd.length, MAX), MalformedError)
  })

  test('whose identities are too long together is refused before the last of them has arrived', () => {
    const [scheme, id] = ['x'.repeat(MAX / 2), 'y'.repeat(MAX / 2)]
    const authinfo = encodedIds([
      { scheme, id },
      { scheme, id },
    ])
    const bytes = encode({ ...PACKETS[0]!, authinfo })
    throws(() => readOne(bytes, 0, 20 + MAX + 8, MAX), MalformedError)
  })

  test('with an epoch that no zxid can hold is refused', () => {
    const bytes = encode(PACKETS[1]!)
    new DataView(bytes.buffer).setInt32(4, 0x7fff_ffff)
    throws(() => readOne(bytes, 0, bytes.length, MAX), MalformedError)
  })

  test('of random bytes is incomplete, malformed, or within what was given', () => {
    const random = generator(7)
    for (let i = 0; i < 20_000; i++) {
      const bytes = Uint8Array.from({ length: random(60) }, () => (random(2) ? 0 : random(256)))
      try {
        const read = readOne(bytes, 0, bytes.length, MAX)
        ok(read === null || (read.end >= 20 && read.end <= bytes.length))
      } catch (error) {
        ok(error instanceof MalformedError, String(error))
      }
    }
  })
})

describe('what a learner says of itself', () => {
  test('comes back, also from one of 3.4 that has no configuration', () => {
    const bytes = learnerInfoBytes(2, 9n, 50)
    const info = { serverId: 2, protocolVersion: 0x10000, configVersion: 9n, heartbeatMs: 50 }
    deepStrictEqual(readLearnerInfo(bytes), info)
    const javas = { ...info, heartbeatMs: 0 }
    deepStrictEqual(readLearnerInfo(bytes.slice(0, 20)), javas)
    deepStrictEqual(readLearnerInfo(bytes.slice(0, 12)), { ...javas, configVersion: 0n })
  })

  test('cut before that is malformed', () => {
    const bytes = learnerInfoBytes(2, 9n, 50)
    for (let end = 0; end < 12; end++) {
      throws(() => readLearnerInfo(bytes.slice(0, end)), MalformedError, `cut at ${end}`)
    }
  })
})
