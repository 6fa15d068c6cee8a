// Connections that are not read from until there is room: for their requests in the rings, for their
// replies at their clients.

import type { ClientConnection } from './client-connection.ts'
import type { ClientInput } from './input/client-input.ts'

export class Stalled {
  readonly #input: ClientInput
  readonly #isBlocked: () => boolean
  readonly #connections: Set<ClientConnection> = new Set()

  constructor(input: ClientInput, isBlocked: () => boolean) {
    this.#input = input
    this.#isBlocked = isBlocked
  }

  get size(): number {
    return this.#connections.size
  }

  all(): Iterable<ClientConnection> {
    return this.#connections
  }

  add(connection: ClientConnection): void {
    this.#connections.add(connection)
  }

  delete(connection: ClientConnection): void {
    this.#connections.delete(connection)
  }

  /** Handles whatever is whole; pauses the socket if something has to wait. */
  pump(connection: ClientConnection): void {
    const waiting = this.#input.pump(connection)
    if (waiting === connection.stalled) return
    connection.stalled = waiting
    if (waiting) {
      this.#connections.add(connection)
      connection.socket.pause()
    } else {
      connection.socket.resume()
    }
  }

  resume(): void {
    for (const connection of [...this.#connections]) {
      if (this.#isBlocked()) return
      this.#connections.delete(connection)
      if (connection.state === 'closing') continue
      this.pump(connection)
      if (connection.stalled) this.#connections.add(connection)
    }
  }
}
