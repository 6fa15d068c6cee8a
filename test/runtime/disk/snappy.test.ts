// The stream format of snappy-java.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { OpenFile } from '../../../actors/log/files/files.ts'
import { SnappyStream, snappyChunk, snappyHeader } from '../../../runtime/disk/snappy.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'

/** How every file of SnappyOutputStream begins. */
const OF_JAVA = Buffer.from('82534e41505059000000000100000001', 'hex')

function fileOf(...parts: readonly Uint8Array[]): OpenFile {
  const disk = new SimulatedDisk()
  disk.put('snapshot', 'f', new Uint8Array(Buffer.concat(parts)))
  return disk.open('snapshot', 'f', 'read')
}

function readAll(file: OpenFile): Buffer {
  const stream = new SnappyStream(file)
  const pieces: Uint8Array[] = []
  for (let piece = stream.next(); piece.length > 0; piece = stream.next()) pieces.push(piece)
  return Buffer.concat(pieces)
}

function int(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const A = snappyChunk(Buffer.from('a'.repeat(1000)))
const B = snappyChunk(Buffer.from('b'))
const BOTH = `${'a'.repeat(1000)}b`

describe('a snappy stream', () => {
  test('of our own', () => {
    strictEqual(readAll(fileOf(snappyHeader(), A, B)).toString(), BOTH)
  })

  test('two in a row, and a chunk of nothing', () => {
    const nothing = snappyChunk(new Uint8Array(0))
    strictEqual(readAll(fileOf(snappyHeader(), A, nothing, snappyHeader(), B)).toString(), BOTH)
  })

  test('a header is that of snappy-java', () => {
    deepStrictEqual(Buffer.from(snappyHeader()), OF_JAVA)
  })

  test('cut anywhere, ends at its last whole chunk', () => {
    const whole = Buffer.concat([snappyHeader(), A, B])
    for (let length = 0; length < whole.length; length++) {
      const expected = length < 16 + A.length ? 0 : 1000
      strictEqual(readAll(fileOf(whole.subarray(0, length))).length, expected, `${length}`)
    }
  })

  test('damage that can be seen is thrown', () => {
    throws(() => readAll(fileOf(snappyHeader(), int(-5))), /a snappy chunk at 20 is -5 bytes long/)
    throws(() => readAll(fileOf(snappyHeader(), int(1 << 21))), /2097152 bytes long: at most/)
    const bomb = Buffer.from('ffffffff0f00', 'hex')
    throws(() => readAll(fileOf(snappyHeader(), int(6), bomb)), /4294967295 bytes long/)
    throws(() => readAll(fileOf(snappyHeader(), int(3), Buffer.from('09ffff', 'hex'))))
  })
})
