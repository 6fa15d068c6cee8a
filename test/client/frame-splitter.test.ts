// The splitter finds the same frames however the stream is cut.

import { deepStrictEqual, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { FrameError, FrameSplitter } from '../../client/frame-splitter.ts'
import { bytesCopied } from '../support/bytes-copied.ts'

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

test('copies each byte once, however slowly a frame comes', () => {
  const frame = Buffer.alloc(100_004, 'x')
  frame.writeInt32BE(100_000)
  for (const size of [1, 7, 1000]) {
    const splitter = new FrameSplitter(200_000)
    let frames = 0
    const copied = bytesCopied(() => {
      for (let at = 0; at < frame.length; at += size) {
        splitter.push(frame.subarray(at, at + size), () => frames++)
      }
    })
    deepStrictEqual(frames, 1)
    ok(copied <= frame.length, `${copied} bytes copied`)
  }
})

test('a length out of bounds is an error', () => {
  for (const length of [-1, 1001, -0x8000_0000]) {
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(length, 0)
    throws(() => new FrameSplitter(1000).push(prefix, () => {}), FrameError)
  }
})
