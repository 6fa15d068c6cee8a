// Reads without a leader: a member that has looked for one for a while serves clients that ask for
// a read-only connection (ReadOnlyZooKeeperServer).

import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import type { Clock } from '../actor.ts'
import type { ZabNeighbours } from './options.ts'

const NEVER: number = Number.POSITIVE_INFINITY

export class ReadOnly {
  readonly #afterMs: number
  readonly #clock: Clock
  readonly #to: Pick<ZabNeighbours, 'tree' | 'journal'>
  #isOn = false
  /** When read-only service begins, unless a leader is found before; Infinity if we do not look for
   * one. */
  dueMs: number = NEVER

  /** `afterMs`: how long to look first; Infinity: never serve. */
  constructor(afterMs: number, clock: Clock, to: Pick<ZabNeighbours, 'tree' | 'journal'>) {
    this.#afterMs = afterMs
    this.#clock = clock
    this.#to = to
  }

  /** From now on this server looks for a leader, and nothing of an earlier role is under way. */
  looking(): void {
    this.dueMs = this.#clock.nowMs + this.#afterMs
  }

  /** Stops the clock: something else comes first, or there is nothing to read. */
  stop(): void {
    this.dueMs = NEVER
  }

  /** There is a leader. */
  end(): void {
    this.dueMs = NEVER
    if (this.#isOn) this.#to.tree.readOnly(false)
    this.#isOn = false
  }

  /** Shows clients the tree at `zxid`, if it is time. */
  maybeBegin(zxid: Zxid): void {
    if (this.#clock.nowMs < this.dueMs) return
    this.dueMs = NEVER
    this.#isOn = true
    this.#to.journal.log('warn', 'read-only', { zxid: formatZxid(zxid) })
    this.#to.tree.readOnly(true)
  }
}
