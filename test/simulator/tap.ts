// Reads along on a ring without consuming: what actors say to each other, for the checkers.
//
// To be polled after every turn: then nothing is missed, because a frame's space is not given back
// before the consumer's next turn.

import type { Edge } from '../../runtime/edges/edge.ts'
import { RingConsumer } from '../../runtime/ring/ring.ts'

const NOTHING = (): void => undefined

export class Tap<M extends object> {
  readonly #ring: RingConsumer
  readonly #edge: Edge<M>
  readonly #names: ReadonlyMap<number, keyof M & string>
  readonly #listener: M
  #pieces: Uint8Array[] = []

  /** `listener` is told of the messages that it has a method for. A range of bytes is an array of its
   * own, all of it. */
  constructor(memory: SharedArrayBuffer, edge: Edge<M>, listener: Partial<M>) {
    this.#ring = new RingConsumer(memory)
    this.#edge = edge
    const types = Object.entries(edge.type) as [keyof M & string, number][]
    this.#names = new Map(types.map(([name, type]) => [type, name]))
    const deaf = Object.fromEntries(types.map(([name]) => [name, NOTHING])) as M
    this.#listener = { ...deaf, ...listener }
  }

  /** The names of the messages published since the last time, each when the listener has been told. */
  *poll(): Generator<keyof M & string> {
    while (this.#ring.next()) {
      const { frame } = this.#ring
      this.#pieces.push(frame.bytes.slice(frame.start, frame.end))
      if (frame.more) continue
      frame.bytes = joined(this.#pieces)
      frame.start = 0
      frame.end = frame.bytes.length
      this.#pieces = []
      this.#edge.deliver(frame, this.#listener)
      yield this.#names.get(frame.type)!
    }
  }

  /** The same, for who needs no names. */
  listen(): void {
    for (const _ of this.poll());
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
