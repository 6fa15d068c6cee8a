// CRC-32 against zlib's, and what follows from its being linear.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import {
  CRC32_START,
  crc32StateChange,
  crc32Update,
  crc32Value,
  crc32WordChange,
} from '../../protocol/bytes/crc32.ts'
import { seeded } from '../support/random.ts'

const LENGTH = 100

describe('CRC-32', () => {
  const draw = seeded(7)
  const bytes = Uint8Array.from({ length: LENGTH }, () => draw(256))

  it('is the one of zlib, for every length and start', () => {
    for (let start = 0; start < 9; start++) {
      for (let end = start; end <= LENGTH; end++) {
        const state = crc32Update(CRC32_START, bytes, start, end)
        strictEqual(crc32Value(state), crc32(bytes.subarray(start, end)))
      }
    }
  })

  it('is the same for long ranges, in shared memory too, and goes on from them', () => {
    const long = new Uint8Array(new SharedArrayBuffer(3000))
    for (let i = 0; i < long.length; i++) long[i] = draw(256)
    for (const length of [500, 511, 512, 513, 2000, 3000]) {
      const state = crc32Update(CRC32_START, long, 3000 - length, 3000)
      strictEqual(crc32Value(state), crc32(long.subarray(3000 - length)))
      strictEqual(state, state | 0)
      const more = crc32Update(state, long, 7, 900)
      strictEqual(more, crc32Update(state, long.slice(), 7, 900))
      strictEqual(
        more,
        [0, 1, 2].reduce(
          (s, i) => crc32Update(s, long, 7 + i * 298, i < 2 ? 305 + i * 298 : 900),
          state,
        ),
      )
    }
  })

  it('goes on from a state', () => {
    for (let cut = 0; cut <= LENGTH; cut++) {
      const half = crc32Update(CRC32_START, bytes, 0, cut)
      strictEqual(crc32Value(crc32Update(half, bytes, cut, LENGTH)), crc32(bytes))
    }
  })

  it('changes with a word by what the word and its place say', () => {
    const view = new DataView(bytes.slice().buffer)
    const before = crc32Value(crc32Update(CRC32_START, new Uint8Array(view.buffer), 0, 60))
    for (const at of [0, 4, 8, 40, 56]) {
      for (const change of [0, 1, -1, 0x8000_0000 | 0, 0x1234_5678]) {
        const changed = new DataView(view.buffer.slice(0))
        changed.setInt32(at, changed.getInt32(at) ^ change)
        const after = crc32Value(crc32Update(CRC32_START, new Uint8Array(changed.buffer), 0, 60))
        strictEqual((before ^ crc32WordChange(change, 56 - at)) >>> 0, after)
      }
    }
  })

  it('changes with the state before by what follows', () => {
    const states = [CRC32_START, 0, 1, 0x1234_5678, -0x1234_5678]
    for (const length of [4, 60]) {
      const after = states.map((state) => crc32Update(state, bytes, 0, length))
      const told = states.map((state) => {
        return after[0]! ^ crc32StateChange(states[0]! ^ state, length)
      })
      deepStrictEqual(told, after)
    }
  })
})
