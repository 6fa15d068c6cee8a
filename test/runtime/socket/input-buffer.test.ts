// Bytes received and not yet understood: whatever the chunks, the stream is the same.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InputBuffer } from '../../../runtime/socket/input-buffer.ts'
import { generator } from '../../actors/election/mesh.ts'

describe('an input buffer', () => {
  test('gives back what it was given, in order, however it is cut', () => {
    const random = generator(3)
    const input = new InputBuffer()
    let [sent, read] = [0, 0]
    for (let i = 0; i < 5000; i++) {
      const chunk = Buffer.from(Array.from({ length: 1 + random(40) }, () => sent++ & 0xff))
      input.append(chunk)
      strictEqual(input.length, sent - read)
      const taken = random(3) === 0 ? input.length : random(input.length + 1)
      const got = [...input.bytes.subarray(input.start, input.start + taken)]
      deepStrictEqual(
        got,
        got.map((_, at) => (read + at) & 0xff),
      )
      read += taken
      input.consume(input.start + taken)
      input.keep()
      chunk.fill(0x55)
    }
    ok(read > 10_000)
  })

  test('does not copy what is understood at once, and hands out no Buffer', () => {
    const input = new InputBuffer()
    const chunk = Buffer.from('abc')
    input.append(chunk)
    strictEqual(input.bytes.buffer, chunk.buffer)
    strictEqual(Buffer.isBuffer(input.bytes), false)
    input.consume(input.end)
    strictEqual(input.bytes.length, 0)
  })

  test('leaves the chunk it was given alone when more comes', () => {
    const input = new InputBuffer()
    const whole = Buffer.from('abcdef')
    input.append(whole.subarray(0, 2))
    input.append(Buffer.from('xy'))
    strictEqual(whole.toString(), 'abcdef')
    strictEqual(Buffer.from(input.bytes.subarray(input.start, input.end)).toString(), 'abxy')
  })

  test('uses the memory of a long message again, and gives little of it to who keeps little', () => {
    const chunk = Buffer.alloc(1 << 16, 1)
    const receive = (input: InputBuffer): Set<ArrayBufferLike> => {
      const used = new Set<ArrayBufferLike>()
      for (let i = 0; i < 16; i++) {
        input.append(chunk)
        input.keep()
        used.add(input.bytes.buffer)
      }
      deepStrictEqual(
        [input.length, new Set(input.bytes.subarray(input.start, input.end))],
        [16 * chunk.length, new Set([1])],
      )
      input.consume(input.end)
      return used
    }
    const before = receive(new InputBuffer())
    const after = receive(new InputBuffer())
    ok([...after].some((memory) => before.has(memory)))
    const short = new InputBuffer()
    short.append(chunk.subarray(0, 100))
    short.keep()
    ok(short.bytes.length <= 200)
  })
})
