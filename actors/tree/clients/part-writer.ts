// A reply that is made in steps, with other reads answered in between, and that leaves in parts.
//
// The tree does not change meanwhile (slow-lane.ts), so the whole reply reflects one state. A frame
// begins with its length. So the reply is written twice: once only to measure it, and once to send
// it, in parts that need not be kept here.

import { JuteWriter, TooLargeError } from '../../../protocol/bytes/jute-writer.ts'
import { STEP_BYTES, STEP_NODES } from '../../../protocol/limits.ts'

/** Most need no more; others grow to what a step writes. */
const INITIAL_BYTES = 4096

/** Work that is done in steps: each `yield` ends one. */
export type Steps<T> = Generator<undefined, T>

/** Takes what was written since the last call. */
type Cut = (bytes: Uint8Array, start: number, end: number) => void

/** A reply in the making, cut where a step ends. */
export class PartWriter extends JuteWriter {
  readonly #bytesMax: number
  #cut: Cut | null = null
  /** Bytes cut so far. */
  total = 0

  constructor(bytesMax: number) {
    super(INITIAL_BYTES, bytesMax)
    this.#bytesMax = bytesMax
  }

  /** Whether its length is known, so that it is being sent. */
  get isMeasured(): boolean {
    return this.#cut !== null
  }

  /** From now on it is sent, not measured. */
  begin(cut: Cut): void {
    this.#cut = cut
    this.total = 0
    this.length = 0
  }

  /** Whether the caller's step is over after visiting this many items. If so, what was written is
   * cut. */
  endsStep(visited: number): boolean {
    if (visited % STEP_NODES !== 0 && this.length < STEP_BYTES) return false
    this.cut()
    return true
  }

  /** Throws TooLargeError if the parts exceed what a reply may be. */
  cut(): void {
    this.total += this.length
    if (this.total > this.#bytesMax) throw new TooLargeError(`more than ${this.#bytesMax} bytes`)
    if (this.length > 0) this.#cut?.(this.bytes, 0, this.length)
    this.length = 0
  }
}
