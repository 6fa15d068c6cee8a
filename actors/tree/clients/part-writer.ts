// A reply that is made in steps, between which others read, and leaves in parts.
//
// The tree does not change meanwhile (slow-lane.ts), so all of a reply is of one state. A frame begins
// with its length: so the reply is written twice, the first time only to be measured, and then leaves
// in parts, of which none has to be kept here.

import { JuteWriter, TooLargeError } from '../../../protocol/bytes/jute-writer.ts'
import { STEP_BYTES, STEP_NODES } from '../../../protocol/limits.ts'

/** What is done in steps: each `yield` ends one. */
export type Steps<T> = Generator<undefined, T>

/** Takes what was written since the last time. */
type Cut = (bytes: Uint8Array, start: number, end: number) => void

/** A reply in the making, cut where a step ends. */
export class PartWriter extends JuteWriter {
  readonly #bytesMax: number
  #cut: Cut | null = null
  /** Of what was cut. */
  total = 0

  constructor(bytesMax: number) {
    super(STEP_BYTES * 2, bytesMax)
    this.#bytesMax = bytesMax
  }

  /** Whether its length is known, and it leaves now. */
  get isMeasured(): boolean {
    return this.#cut !== null
  }

  /** From now on it is not only measured. */
  begin(cut: Cut): void {
    this.#cut = cut
    this.total = 0
    this.length = 0
  }

  /** Whether the caller's step is over, after this many things: what was written is cut then. */
  endsStep(visited: number): boolean {
    if (visited % STEP_NODES !== 0 && this.length < STEP_BYTES) return false
    this.cut()
    return true
  }

  /** Throws TooLargeError when the parts are more than a reply may be. */
  cut(): void {
    this.total += this.length
    if (this.total > this.#bytesMax) throw new TooLargeError(`more than ${this.#bytesMax} bytes`)
    if (this.length > 0) this.#cut?.(this.bytes, 0, this.length)
    this.length = 0
  }
}
