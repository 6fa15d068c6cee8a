// Reads along on a ring without consuming: what actors say to each other, for the checkers.
//
// To be polled after every turn: then nothing is missed, because a frame's space is not given back
// before the consumer's next turn.

import type { Edge } from '../../../runtime/edges/edge.ts'
import { RingConsumer } from '../../../runtime/ring/ring.ts'

const NO_BYTES = new Uint8Array(0)

export class Tap<M extends object> {
  readonly #ring: RingConsumer
  readonly #edge: Edge<M>
  readonly #heard: ReadonlySet<number>
  readonly #names: ReadonlyMap<number, keyof M & string>
  /** Has a method for what is heard. */
  readonly #listener: M
  #pieces: Uint8Array[] = []

  /** `listener` is told of the messages that it has a method for. A range of bytes is an array of its
   * own, all of it. */
  constructor(memory: SharedArrayBuffer, edge: Edge<M>, listener: Partial<M>) {
    this.#ring = new RingConsumer(memory)
    this.#edge = edge
    const types = Object.entries(edge.type) as [keyof M & string, number][]
    this.#names = new Map(types.map(([name, type]) => [type, name]))
    this.#heard = new Set(types.filter(([name]) => name in listener).map(([, type]) => type))
    this.#listener = listener as M
  }

  /** Tells all that was published since the last time. */
  listen(): void {
    while (this.next() !== null);
  }

  /** Tells the next whole message, and returns its name; null when there is none yet. */
  next(): (keyof M & string) | null {
    while (this.#ring.next()) {
      const { frame } = this.#ring
      if (!this.#heard.has(frame.type)) {
        if (frame.more) continue
        return this.#names.get(frame.type)!
      }
      const isAll = !frame.more && this.#pieces.length === 0
      const piece = frame.start === frame.end ? NO_BYTES : frame.bytes.slice(frame.start, frame.end)
      if (!isAll) this.#pieces.push(piece)
      if (frame.more) continue
      frame.bytes = isAll ? piece : joined(this.#pieces)
      frame.start = 0
      frame.end = frame.bytes.length
      if (!isAll) this.#pieces = []
      this.#edge.deliver(frame, this.#listener)
      return this.#names.get(frame.type)!
    }
    return null
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
