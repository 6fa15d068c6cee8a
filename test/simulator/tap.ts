// Reads along on a ring without consuming: what actors say to each other, for the checkers.
//
// To be polled after every turn: then nothing is missed, because a frame's space is not given back
// before the consumer's next turn.

import { RingConsumer } from '../../runtime/ring/ring.ts'

export interface TappedMessage {
  readonly type: number
  readonly slot: number
  readonly zxid: number
  readonly a: number
  readonly b: number
  readonly payload: Uint8Array
}

export class Tap {
  readonly #ring: RingConsumer
  #pieces: Uint8Array[] = []

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new RingConsumer(memory)
  }

  /** The messages published since the last time. */
  *poll(): Generator<TappedMessage> {
    while (this.#ring.next()) {
      const { type, slot, zxid, a, b, more, bytes, start, end } = this.#ring.frame
      this.#pieces.push(bytes.slice(start, end))
      if (more) continue
      const payload = joined(this.#pieces)
      this.#pieces = []
      yield { type, slot, zxid, a, b, payload }
    }
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
