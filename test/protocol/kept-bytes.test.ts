// Copies of byte ranges that lie together: each stays as it is, whatever is copied after it.

import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CHUNK_BYTES, KeptBytes } from '../../protocol/bytes/kept-bytes.ts'

describe('kept bytes', () => {
  it('stay, and most of them in memory that they share', () => {
    const kept = new KeptBytes()
    const source = new Uint8Array(CHUNK_BYTES)
    const lengths = [0, 1, 33, 5000, CHUNK_BYTES / 8, CHUNK_BYTES / 8 + 1, CHUNK_BYTES]
    const views = Array.from({ length: 70 }, (_, i) => {
      source.fill(i)
      return kept.view(source, 0, lengths[i % lengths.length] ?? 0)
    })
    source.fill(255)
    for (const [i, view] of views.entries()) {
      strictEqual(view.length, lengths[i % lengths.length])
      ok(view.every((byte) => byte === i))
    }
    strictEqual(views[1]?.buffer, views[2]?.buffer)
    // One that is long shares with nobody.
    const shared = new Set(views.filter(({ length }) => length < 5001).map(({ buffer }) => buffer))
    for (const { buffer, length } of views) if (length > 10_000) ok(!shared.has(buffer))
  })

  it('begin where the copy says', () => {
    const kept = new KeptBytes()
    const source = Uint8Array.of(1, 2, 3, 4, 5)
    const first = kept.copy(source, 1, 3)
    const { chunk } = kept
    const second = kept.copy(source, 0, 5)
    deepStrictEqual([...chunk.subarray(first, first + 2)], [2, 3])
    deepStrictEqual([...kept.chunk.subarray(second, second + 5)], [1, 2, 3, 4, 5])
    kept.copy(source, 0, 1)
    strictEqual(kept.chunk, chunk)
    kept.copy(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES)
    notStrictEqual(kept.chunk, chunk)
  })
})
