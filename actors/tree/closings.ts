// Sessions that are being closed. One with many ephemerals takes several transactions (ZOOKEEPER-4306:
// there the close itself outgrew every buffer), in turns of their own, so that others are served
// between them. From the first on the session can do nothing more.

import type { Connection } from './connections.ts'
import type { DataTree } from './data-tree.ts'
import type { Outstanding } from './outstanding.ts'
import type { TreeSession } from './session-table.ts'

export interface Closing {
  readonly session: TreeSession
  /** Who hears of the end. */
  readonly connection: Connection | null
  readonly xid: number
  /** Of what it may own still. */
  readonly paths: Iterator<string, undefined>
}

/** A transaction was made. */
export interface Step {
  readonly deleted: number
  readonly isLast: boolean
}

/** Some milliseconds. */
const DELETES_A_TURN = 500

export class Closings {
  readonly #outstanding: Outstanding
  readonly #data: DataTree
  readonly #step: (closing: Closing) => Step
  #queue: Closing[] = []
  /** Deleted in this turn. */
  #deleted = 0

  constructor(outstanding: Outstanding, data: DataTree, step: (closing: Closing) => Step) {
    this.#outstanding = outstanding
    this.#data = data
    this.#step = step
  }

  add(session: TreeSession, connection: Connection | null, xid: number): void {
    this.#queue.push({ session, connection, xid, paths: this.#paths(session) })
    // Most own little: that needs no turn of its own.
    if (this.#queue.length === 1) this.#go()
  }

  /** True when there is more to do at once. */
  turn(): boolean {
    this.#deleted = 0
    this.#go()
    return this.#queue.length > 0
  }

  clear(): void {
    this.#queue = []
  }

  #go(): void {
    while (this.#deleted < DELETES_A_TURN) {
      const [first] = this.#queue
      if (first === undefined) return
      const { deleted, isLast } = this.#step(first)
      this.#deleted += deleted
      if (isLast) this.#queue.shift()
    }
  }

  /** What is committed, also meanwhile; then what is still under way. */
  *#paths(session: TreeSession): Generator<string, undefined> {
    for (const node of session.ephemerals) yield this.#data.path(node)
    yield* this.#outstanding.ownedPaths(session.id)
    return undefined
  }
}
