// Reads without a leader: a member that has looked for one for a while serves clients that ask for no
// more (ReadOnlyZooKeeperServer).

import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import type { Clock } from '../actor.ts'
import type { ZabNeighbours } from './options.ts'

const NEVER: number = Number.POSITIVE_INFINITY

export class ReadOnly {
  readonly #afterMs: number
  readonly #clock: Clock
  readonly #to: Pick<ZabNeighbours, 'tree' | 'journal'>
  #isOn = false
  /** When it begins, unless there is a leader before; Infinity: not until `looking`. */
  dueMs: number = NEVER

  /** After so many ms of looking; Infinity: never. */
  constructor(afterMs: number, clock: Clock, to: Pick<ZabNeighbours, 'tree' | 'journal'>) {
    this.#afterMs = afterMs
    this.#clock = clock
    this.#to = to
  }

  /** From now on this server looks for a leader, with nothing of an earlier role on its way. */
  looking(): void {
    this.dueMs = this.#clock.nowMs + this.#afterMs
  }

  /** The clock stops: there is something to wait for first, or nothing to read. */
  stop(): void {
    this.dueMs = NEVER
  }

  /** Somebody leads. */
  end(): void {
    this.dueMs = NEVER
    if (this.#isOn) this.#to.tree.readOnly(false)
    this.#isOn = false
  }

  /** Clients are shown the tree at `zxid`, if it is time. */
  maybeBegin(zxid: Zxid): void {
    if (this.#clock.nowMs < this.dueMs) return
    this.dueMs = NEVER
    this.#isOn = true
    this.#to.journal.log('warn', 'read-only', { zxid: formatZxid(zxid) })
    this.#to.tree.readOnly(true)
  }
}
