// The slots by which the actors know connections. A slot is given out again when both who knows it
// have said that they know it no more.

import { assert } from '../../protocol/assert.ts'
import { type ConnectionSlot, RELEASES } from '../../protocol/messages/network.ts'
import type { ClientConnection } from './client-connection.ts'

export class ClientSlots {
  readonly #connections: (ClientConnection | undefined)[] = []
  readonly #free: ConnectionSlot[] = []

  /** In use, those whose connection has closed and that are not released yet among them. */
  get count(): number {
    return this.#connections.length - this.#free.length
  }

  get(slot: ConnectionSlot): ClientConnection | undefined {
    return this.#connections[slot]
  }

  /** For the connection that is made with it. */
  take(connectionOf: (slot: ConnectionSlot) => ClientConnection): ClientConnection {
    const slot = this.#free.pop() ?? this.#connections.length
    const connection = connectionOf(slot)
    this.#connections[slot] = connection
    return connection
  }

  released(slot: ConnectionSlot): void {
    const connection = this.#connections[slot]
    if (connection === undefined) return
    assert(connection.state === 'closing', 'a slot is released when its connection has closed')
    connection.releases++
    if (connection.releases < RELEASES) return
    this.#connections[slot] = undefined
    this.#free.push(slot)
  }

  /** What operators are shown: those that are not closing, and whoever is being told so. */
  *listed(): Generator<ClientConnection> {
    for (const connection of this.#connections) {
      if (connection === undefined) continue
      if (connection.state !== 'closing' || connection.answering) yield connection
    }
  }

  /** Those that are not closing. */
  *open(): Generator<ClientConnection> {
    for (const connection of this.#connections) {
      if (connection !== undefined && connection.state !== 'closing') yield connection
    }
  }
}
