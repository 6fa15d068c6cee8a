// A client's bytes cut into frames: the same frames however they come, out of a buffer that is read
// into again each time.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RequestSplitter } from '../../../../runtime/net/input/request-splitter.ts'
import { generator } from '../../../actors/election/mesh.ts'
import { bytesCopied } from '../../../support/bytes-copied.ts'

const LENGTH_MAX = 3000

function frame(body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + body.length)
  bytes.writeInt32BE(body.length)
  bytes.set(body, 4)
  return bytes
}

describe('a frame splitter', () => {
  test('finds every frame, however they are cut, with frames left for later', () => {
    const random = generator(5)
    const bodies = Array.from({ length: 400 }, (_, i) =>
      Buffer.alloc(random(5) === 0 ? random(LENGTH_MAX) : random(60), `${i} `),
    )
    const stream = Buffer.concat(bodies.map(frame))
    const splitter = new RequestSplitter(LENGTH_MAX)
    const buffer = new Uint8Array(900)
    const found: string[] = []
    for (let at = 0; at < stream.length; ) {
      const chunk = stream.subarray(at, at + 1 + random(buffer.length))
      buffer.set(chunk)
      splitter.feed(buffer.subarray(0, chunk.length))
      at += chunk.length
      // A connection that has to wait takes no more of them.
      for (let most = at === stream.length ? bodies.length : random(30); most > 0; most--) {
        if (splitter.next() !== 'frame') break
        const { bytes, start, end } = splitter
        found.push(Buffer.from(bytes.subarray(start, end)).toString())
      }
      splitter.keep()
      buffer.fill(0x55)
    }
    deepStrictEqual(
      found,
      bodies.map((body) => body.toString()),
    )
    strictEqual(splitter.buffered, 0)
  })

  test('copies no byte more than a few times, however slowly a frame comes', () => {
    for (const size of [1, 7, 1000]) {
      const splitter = new RequestSplitter(1 << 20)
      const body = Buffer.alloc(size === 1000 ? 1_000_000 : 20_000, 'x')
      const stream = frame(body)
      const copied = bytesCopied(() => {
        for (let at = 0; at < stream.length; at += size) {
          splitter.feed(stream.subarray(at, at + size))
          splitter.peekWord()
          const isWhole = at + size >= stream.length
          strictEqual(splitter.next(), isWhole ? 'frame' : 'incomplete')
          splitter.keep()
        }
      })
      ok(copied < 4 * stream.length, `${copied} bytes copied of ${stream.length}`)
    }
  })

  test('refuses a length before it keeps anything for it', () => {
    for (const length of [LENGTH_MAX + 1, -1, 0x7fffffff]) {
      const splitter = new RequestSplitter(LENGTH_MAX)
      const prefix = Buffer.alloc(4)
      prefix.writeInt32BE(length)
      splitter.feed(prefix)
      strictEqual(splitter.next(), 'bad-length')
      strictEqual(splitter.badLength, length)
    }
  })
})
