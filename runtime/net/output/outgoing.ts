// What leaves for clients: each socket that has something to be written is written to once a turn.
// The tree is told what clients took, so that it answers no more than a client reads; and whoever
// makes us hold too much in all is closed.

import { UNREAD_BYTES_HIGH, UNREAD_TOTAL_HIGH, UNREAD_TOTAL_MAX } from '../../../protocol/limits.ts'
import type { TreeClientMessages } from '../../../protocol/messages/tree.ts'
import type { ClientConnection } from '../client-connection.ts'

/** While there is much in all, nobody may be so far behind for longer. */
const BEHIND_MS_MAX = 30_000

export class Outgoing {
  readonly #tree: Pick<TreeClientMessages, 'taken'>
  /** With something to write, or that took what was written. */
  readonly #due: Set<ClientConnection> = new Set()
  /** Who is far behind, and since when. */
  readonly #behind: Map<ClientConnection, number> = new Map()

  constructor(tree: Pick<TreeClientMessages, 'taken'>) {
    this.#tree = tree
  }

  /** In the next `flush`: it was given something, or its kernel has taken all that it had. */
  add(connection: ClientConnection): void {
    this.#due.add(connection)
  }

  flush(nowMs: number): void {
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

  /** Who has to go, if any. */
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
