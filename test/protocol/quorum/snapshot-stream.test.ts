// The end of a snapshot in a stream: a real tree's, cut anywhere, and lengths that no tree has.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { freeze, snapshotBody } from '../../../actors/tree/snapshot/snapshot-source.ts'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import {
  SnapshotStream,
  signatureEnd,
  snapshotSignature,
} from '../../../protocol/quorum/snapshot-stream.ts'
import { ANN, Bench, container } from '../../actors/tree/fixture.ts'

const MAX = 1000
const REST = Uint8Array.of(9, 9, 9, 9, 9)

/** Sessions, access lists, null data, no data, long data, deep paths. */
function treeBody(): Uint8Array {
  const bench = Bench.serving()
  bench.connect(1, ANN)
  bench.connect(2)
  bench.ask(1, container('/container'))
  bench.create(1, '/private', { acl: [{ perms: 31, id: ANN }] })
  bench.create(1, '/private/below', { acl: [{ perms: 1, id: ANN }], data: null })
  for (let i = 0; i < 12; i++) {
    bench.create(2, `/node-${i}`, { data: new Uint8Array(i * 20), flags: i % 3 === 0 ? 1 : 0 })
  }
  const chunks: Uint8Array[] = []
  for (const chunk of snapshotBody(freeze(bench.data, bench.tree.lastZxid))) {
    chunks.push(chunk.slice())
  }
  return Uint8Array.from(Buffer.concat(chunks))
}

/** One session, one list of one entry, the root: written by hand, with one length replaced. */
function bodyWith(field: string, value: number): Uint8Array {
  const writer = new JuteWriter()
  const int = (name: string, usual: number): void => writer.int(name === field ? value : usual)
  int('sessions', 1)
  writer.raw(new Uint8Array(12), 0, 12)
  int('lists', 1)
  writer.raw(new Uint8Array(8), 0, 8)
  int('entries', 1)
  writer.int(31)
  for (const [name, text] of [
    ['scheme', 'world'],
    ['id', 'anyone'],
  ] as const) {
    int(name, text.length)
    writer.raw(Buffer.from(text), 0, text.length)
  }
  int('path', 0)
  int('data', -1)
  writer.raw(new Uint8Array(68), 0, 68)
  writer.string('/')
  return writer.finish()
}

describe('a snapshot in a stream', () => {
  const body = treeBody()
  const stream = Uint8Array.from(Buffer.concat([body, snapshotSignature(), REST]))

  test('ends at its end mark, wherever it is cut', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const scanner = new SnapshotStream(MAX)
      const first = scanner.scan(stream, 0, cut)
      strictEqual(first, Math.min(cut, body.length), `cut at ${cut}`)
      strictEqual(scanner.done, cut >= body.length, `cut at ${cut}`)
      strictEqual(scanner.scan(stream, first, stream.length), body.length, `cut at ${cut}`)
      strictEqual(scanner.done, true)
    }
  })

  test('ends there byte by byte, too', () => {
    const scanner = new SnapshotStream(MAX)
    let at = 0
    while (!scanner.done) at = scanner.scan(stream, at, at + 1)
    strictEqual(at, body.length)
  })

  test('written by hand is what the scanner follows', () => {
    for (const bytes of [bodyWith('', 0), bodyWith('data', -1)]) {
      const scanner = new SnapshotStream(MAX)
      strictEqual(scanner.scan(bytes, 0, bytes.length), bytes.length)
      strictEqual(scanner.done, true)
    }
  })

  test('with a length that no tree has is refused where the length ends', () => {
    for (const field of ['sessions', 'lists', 'entries', 'scheme', 'id', 'path', 'data']) {
      for (const length of [0x7fff_ffff, -2, -0x8000_0000]) {
        const bytes = bodyWith(field, length)
        const scan = (): number => new SnapshotStream(MAX).scan(bytes, 0, bytes.length)
        throws(scan, MalformedError, `${field} ${length}`)
      }
    }
    for (const field of ['sessions', 'lists', 'path']) {
      const bytes = bodyWith(field, -1)
      throws(() => new SnapshotStream(MAX).scan(bytes, 0, bytes.length), MalformedError, field)
    }
    const long = bodyWith('data', MAX + 1)
    throws(() => new SnapshotStream(MAX).scan(long, 0, long.length), MalformedError)
  })

  test('with a path of one byte that is no slash is refused', () => {
    const bytes = bodyWith('', 0)
    bytes[bytes.length - 1] = 0x61
    throws(() => new SnapshotStream(MAX).scan(bytes, 0, bytes.length), MalformedError)
  })
})

describe('the signature behind a snapshot', () => {
  const signature = snapshotSignature()

  test('is a string of Java', () => {
    const writer = new JuteWriter()
    writer.string('BenWasHere')
    deepStrictEqual(signature, writer.finish())
  })

  test('is whole or not yet', () => {
    const padded = Uint8Array.from(Buffer.concat([REST, signature, REST]))
    for (let end = 0; end < signature.length; end++) {
      strictEqual(signatureEnd(padded, REST.length, REST.length + end), null, `cut at ${end}`)
    }
    strictEqual(signatureEnd(padded, REST.length, padded.length), REST.length + signature.length)
  })

  test('of another text or length is refused at the first wrong byte', () => {
    for (let i = 0; i < signature.length; i++) {
      const wrong = signature.slice()
      wrong[i]! ^= 1
      strictEqual(signatureEnd(wrong, 0, i), null)
      throws(() => signatureEnd(wrong, 0, i + 1), MalformedError, `byte ${i}`)
    }
  })
})
