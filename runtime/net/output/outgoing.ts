// What leaves for clients. Each socket with something to be written is written to once a turn. The
// tree is told how much clients have taken, so that it answers no more than they read. If they make
// us hold too much in all, the one furthest behind is closed.

import { UNREAD_BYTES_HIGH, UNREAD_TOTAL_HIGH, UNREAD_TOTAL_MAX } from '../../../protocol/limits.ts'
import type { TreeClientMessages } from '../../../protocol/messages/tree.ts'
import type { ClientConnection } from '../client-connection.ts'

/** While much is held in all, no connection may be far behind for longer than this. */
const BEHIND_MS_MAX = 30_000

export class Outgoing {
  readonly #tree: Pick<TreeClientMessages, 'taken'>
  /** Connections that have something to be written, or that took what was written. */
  readonly #due: Set<ClientConnection> = new Set()
  /** Connections that are far behind, and since when. */
  readonly #behind: Map<ClientConnection, number> = new Map()

  constructor(tree: Pick<TreeClientMessages, 'taken'>) {
    this.#tree = tree
  }

  /** Includes it in the next `flush`: it was given something, or its kernel has taken everything. */
  add(connection: ClientConnection): void {
    this.#due.add(connection)
  }

  flush(nowMs: number): void {
    // To empty an empty set costs a table.
    if (this.#due.size === 0) return
    for (const connection of this.#due) {
      connection.flush()
      this.#flushed(connection, nowMs)
    }
    this.#due.clear()
  }

  /** It is closed, or about to be. */
  forget(connection: ClientConnection): void {
    this.#due.delete(connection)
    this.#behind.delete(connection)
  }

  /** A connection that must be closed, if there is one. */
  excess(nowMs: number): ClientConnection | null {
    if (this.#behind.size === 0) return null
    let total = 0
    let most: ClientConnection | null = null
    let slowest: ClientConnection | null = null
    for (const [connection, sinceMs] of this.#behind) {
      total += connection.unsentBytes
      if (connection.unsentBytes > (most?.unsentBytes ?? 0)) most = connection
      if (nowMs - sinceMs > BEHIND_MS_MAX) slowest ??= connection
    }
    if (total > UNREAD_TOTAL_MAX) return most
    return total > UNREAD_TOTAL_HIGH ? slowest : null
  }

  #flushed(connection: ClientConnection, nowMs: number): void {
    const taken = connection.takenBytes()
    if (taken > 0) this.#tree.taken(connection.slot, taken)
    if (connection.unsentBytes <= UNREAD_BYTES_HIGH) {
      if (this.#behind.size > 0) this.#behind.delete(connection)
    } else if (!this.#behind.has(connection)) {
      this.#behind.set(connection, nowMs)
    }
  }
}
