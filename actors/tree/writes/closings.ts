// Sessions that are being closed. One with many ephemerals takes several transactions
// (ZOOKEEPER-4306: there the close itself outgrew every buffer). Each is made in a turn of its own,
// so that others are served in between, and only when the one before it is applied, because what is
// committed together is applied together. From the first one on the session can do nothing more.

import { ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import type { Connection } from '../clients/connections.ts'
import type { DataTree } from '../store/data-tree.ts'
import type { TreeSession } from '../store/session-table.ts'
import type { InFlight } from './in-flight.ts'
import type { Outstanding } from './outstanding.ts'

export interface Closing {
  readonly session: TreeSession
  /** The connection that hears of the end. */
  readonly connection: Connection | null
  readonly xid: number
  /** Paths of what it may still own. */
  readonly paths: Iterator<string, undefined>
}

/** A transaction was made. */
export interface Step {
  readonly deleted: number
  readonly isLast: boolean
  readonly zxid: Zxid
}

/** These take some milliseconds. */
const DELETES_TOGETHER = 500

export class Closings {
  readonly #outstanding: Outstanding
  readonly #data: DataTree
  readonly #inFlight: InFlight
  readonly #step: (closing: Closing) => Step
  #queue: Closing[] = []
  /** How many were deleted since we last waited. */
  #deleted = 0
  /** What must be applied before we go on. */
  #awaited: Zxid = ZXID_ZERO

  constructor(
    outstanding: Outstanding,
    data: DataTree,
    inFlight: InFlight,
    step: (closing: Closing) => Step,
  ) {
    this.#outstanding = outstanding
    this.#data = data
    this.#inFlight = inFlight
    this.#step = step
  }

  add(session: TreeSession, connection: Connection | null, xid: number): void {
    this.#queue.push({ session, connection, xid, paths: this.#paths(session) })
    // Most sessions own little, and need no turn of their own.
    if (this.#queue.length === 1) this.#go()
  }

  /** True if there is more to do at once. */
  turn(): boolean {
    if (this.#queue.length === 0) return false
    this.#go()
    return this.#queue.length > 0 && this.#inFlight.isApplied(this.#awaited)
  }

  clear(): void {
    this.#queue = []
    this.#deleted = 0
    this.#awaited = ZXID_ZERO
  }

  #go(): void {
    while (this.#inFlight.isApplied(this.#awaited)) {
      const [first] = this.#queue
      if (first === undefined) return
      const { deleted, isLast, zxid } = this.#step(first)
      if (isLast) this.#queue.shift()
      this.#deleted += deleted
      if (this.#deleted < DELETES_TOGETHER) continue
      this.#deleted = 0
      this.#awaited = zxid
    }
  }

  /** What is committed, even meanwhile; then what is still under way. */
  *#paths(session: TreeSession): Generator<string, undefined> {
    for (const node of session.ephemerals) yield this.#data.path(node)
    yield* this.#outstanding.ownedPaths(session.id)
    return undefined
  }
}
