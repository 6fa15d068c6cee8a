// The splitter finds the same frames however the stream is cut.

import { deepStrictEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { FrameError, FrameSplitter } from '../../client/frame-splitter.ts'

const FRAMES = ['', 'a', 'bcd', 'e'.repeat(300), '', 'f']

function stream(): Buffer {
  return Buffer.concat(
    FRAMES.map((text) => {
      const frame = Buffer.alloc(4 + text.length)
      frame.writeInt32BE(text.length, 0)
      frame.write(text, 4)
      return frame
    }),
  )
}

test('any chunk size gives the same frames', () => {
  const bytes = stream()
  for (let size = 1; size <= bytes.length; size++) {
    const splitter = new FrameSplitter(1000)
    const found: string[] = []
    for (let at = 0; at < bytes.length; at += size) {
      splitter.push(bytes.subarray(at, at + size), (chunk, start, end) =>
        found.push(Buffer.from(chunk.subarray(start, end)).toString()),
      )
    }
    deepStrictEqual(found, FRAMES)
  }
})

test('a length out of bounds is an error', () => {
  for (const length of [-1, 1001, -0x8000_0000]) {
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(length, 0)
    throws(() => new FrameSplitter(1000).push(prefix, () => {}), FrameError)
  }
})
