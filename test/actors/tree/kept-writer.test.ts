// Messages that stay where they were written.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KeptWriter } from '../../../actors/tree/writes/kept-writer.ts'

const CHUNK_BYTES = 65536

describe('kept messages', () => {
  it('stay as they were, small and large', () => {
    const writer = new KeptWriter()
    const kept: { bytes: Uint8Array; start: number; end: number; whole: Uint8Array }[] = []
    for (let i = 0; i < 200; i++) {
      const whole = new Uint8Array(i % 9 === 0 ? 100_000 : 300).fill(i)
      writer.reset()
      writer.raw(whole, 0, whole.length)
      kept.push({ bytes: writer.bytes, start: writer.start, end: writer.length, whole })
      writer.next()
    }
    for (const { bytes, start, end, whole } of kept) {
      deepStrictEqual(bytes.subarray(start, end), whole)
    }
  })

  it('that are large do not grow the chunk without end', () => {
    const writer = new KeptWriter()
    const large = new Uint8Array(100_000)
    for (let i = 0; i < 100; i++) {
      writer.reset()
      writer.raw(large, 0, large.length)
      ok(writer.bytes.length <= 4 * CHUNK_BYTES, `message ${i}: ${writer.bytes.length} bytes`)
      writer.next()
    }
  })
})
