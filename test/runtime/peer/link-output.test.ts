// What a link has yet to send: when it leaves.

import { deepStrictEqual } from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { LinkOutput } from '../../../runtime/peer/link-output.ts'

/** Takes one write at a time, and says so when the test wants. */
class SlowSocket {
  writableLength = 0
  readonly written: number[][] = []
  #taken: (() => void) | null = null

  write(bytes: Uint8Array, taken: () => void): void {
    this.written.push([...bytes])
    this.writableLength = bytes.length
    this.#taken = taken
  }

  take(): void {
    const taken = this.#taken
    this.writableLength = 0
    this.#taken = null
    taken?.()
  }
}

test('what is gathered after a turn waits for the end of the next, though the socket has room', () => {
  const socket = new SlowSocket()
  const output = new LinkOutput(socket as unknown as Socket, () => undefined)
  output.writer.raw(Uint8Array.of(1, 2), 0, 2)
  output.flush()
  // An event of a socket, before the turn in which neighbours are told of it.
  output.writer.raw(Uint8Array.of(3), 0, 1)
  socket.take()
  deepStrictEqual(socket.written, [[1, 2]])
  output.flush()
  deepStrictEqual(socket.written, [[1, 2], [3]])
})

test('what a turn has gathered follows when the socket has taken what was before it', () => {
  const socket = new SlowSocket()
  const output = new LinkOutput(socket as unknown as Socket, () => undefined)
  output.writer.raw(Uint8Array.of(1), 0, 1)
  output.flush()
  output.writer.raw(Uint8Array.of(2), 0, 1)
  output.flush()
  deepStrictEqual(socket.written, [[1]])
  socket.take()
  deepStrictEqual(socket.written, [[1], [2]])
})
