// What is said first on the election port: Java's bytes, every cut, what nobody may say.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { introductionBytes, readIntroduction } from '../../../runtime/peer/election-handshake.ts'

const ONE = [{ host: '127.0.0.1', port: 3888 }]
const TWO = [
  { host: 'zoo.example', port: 3888 },
  { host: '::1', port: 3889 },
]

function said(version: bigint, id: bigint, length: number, text: string): Uint8Array {
  const writer = new JuteWriter()
  writer.long(version)
  writer.long(id)
  writer.int(length)
  writer.raw(Buffer.from(text), 0, Buffer.byteLength(text))
  return writer.finish()
}

function read(bytes: Uint8Array): ReturnType<typeof readIntroduction> {
  return readIntroduction(bytes, 0, bytes.length)
}

describe('an introduction', () => {
  test('has the layout of InitialMessage', () => {
    strictEqual(
      Buffer.from(introductionBytes(2, ONE)).toString('hex'),
      'ffffffffffff0000' +
        '0000000000000002' +
        '0000000e' +
        Buffer.from('127.0.0.1:3888').toString('hex'),
    )
  })

  test('with several addresses is of version 2', () => {
    const text = 'zoo.example:3888|[::1]:3889'
    deepStrictEqual(introductionBytes(3, TWO), said(-65535n, 3n, text.length, text))
  })

  test('comes back, wherever it is cut and whatever follows', () => {
    for (const addresses of [ONE, TWO]) {
      const bytes = introductionBytes(7, addresses)
      const padded = Uint8Array.from(Buffer.concat([Buffer.from('abc'), bytes, Buffer.from('de')]))
      for (let end = 0; end < bytes.length; end++) {
        strictEqual(readIntroduction(padded, 3, 3 + end), null, `cut at ${end}`)
      }
      deepStrictEqual(readIntroduction(padded, 3, padded.length), {
        introduction: { serverId: 7, addresses },
        end: 3 + bytes.length,
      })
    }
  })

  test('before 3.5 is an id alone', () => {
    const bytes = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, 1, 2)
    deepStrictEqual(read(bytes), { introduction: { serverId: 5, addresses: [] }, end: 8 })
  })

  test('of an observer without an id has none', () => {
    const bytes = said(-65536n, 2n ** 63n - 1n, 3, 'a:1')
    deepStrictEqual(read(bytes)?.introduction, {
      serverId: null,
      addresses: [{ host: 'a', port: 1 }],
    })
  })

  test('with a wildcard says nothing of where to dial', () => {
    for (const text of ['0.0.0.0:3888', '[::]:3888']) {
      const bytes = said(-65536n, 1n, text.length, text)
      deepStrictEqual(read(bytes)?.introduction.addresses, [], text)
    }
  })

  test('that Java refuses is refused', () => {
    const bad = [
      said(-1n, 1n, 3, 'a:1'),
      said(-65537n, 1n, 3, 'a:1'),
      said(-65536n, -1n, 3, 'a:1'),
      said(-65536n, 2n ** 60n, 3, 'a:1'),
      said(-65536n, 1n, 0, ''),
      said(-65536n, 1n, -1, ''),
      said(-65536n, 1n, 2049, ''),
      said(-65536n, 1n, 0x7fff_ffff, ''),
    ]
    for (const text of ['a', 'a:', ':1', 'a:b', 'a:65536', 'a:1|', '::1:3888', '[::1]', 'a b']) {
      bad.push(said(-65536n, 1n, text.length, text))
    }
    for (const bytes of bad)
      throws(() => read(bytes), MalformedError, Buffer.from(bytes).toString())
  })
})
