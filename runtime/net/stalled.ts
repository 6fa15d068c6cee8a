// Connections whose requests wait for room: in the rings, or for their replies at their clients.
//
// A client that we do not read from cannot be heard, and counts as alive. That does not hold for a
// client that brings it on itself: one that takes none of its replies may have hung while it holds
// a lock. From such a client we read a little more, so that its pings are still heard. Beyond that,
// it counts as alive as long as it takes something.

import type { ClientConnection } from './client-connection.ts'
import type { ClientInput } from './input/client-input.ts'

/** How much of what a client sends is read while it takes nothing: hundreds of pings. */
const UNASKED_BYTES_MAX = 4096

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

  /** The connections that count as heard, for all that is known. Call it at each heartbeat. */
  *alive(): Generator<ClientConnection> {
    for (const connection of this.#connections) {
      if (connection.hasTaken() || connection.unsentBytes === 0) yield connection
    }
  }

  add(connection: ClientConnection): void {
    this.#connections.add(connection)
  }

  delete(connection: ClientConnection): void {
    this.#connections.delete(connection)
  }

  /** Handles every whole frame; pauses the socket if one has to wait. */
  pump(connection: ClientConnection): void {
    const { input, socket } = connection
    connection.stalled = this.#input.pump(connection)
    if (connection.stalled) this.#connections.add(connection)
    const isHeard = connection.unsentBytes > 0 && input.buffered <= UNASKED_BYTES_MAX
    const isPaused = connection.stalled && !isHeard
    if (isPaused === connection.isPaused) return
    connection.isPaused = isPaused
    if (isPaused) socket.pause()
    else socket.resume()
  }

  resume(): void {
    for (const connection of [...this.#connections]) {
      if (this.#isBlocked()) return
      this.#connections.delete(connection)
      if (connection.state === 'closing') continue
      this.pump(connection)
    }
  }
}
