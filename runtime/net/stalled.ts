// Connections whose requests wait until there is room: for them in the rings, for their replies at
// their clients.
//
// Who is not read from cannot be heard, and counts as alive. Not so who owes it to himself: a client
// that takes nothing of what it is sent may have hung with a lock in its hand. Of such a client a
// little more is read, so that its pings are heard as ever; beyond that it is alive as long as it takes
// something.

import type { ClientConnection } from './client-connection.ts'
import type { ClientInput } from './input/client-input.ts'

/** Of what a client sends while it takes nothing: hundreds of pings. */
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

  /** Who counts as heard, for all that is known. To be asked with each heartbeat. */
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

  /** Handles whatever is whole; pauses the socket if something has to wait. */
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
