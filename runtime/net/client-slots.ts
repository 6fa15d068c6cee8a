// The slots by which the actors know connections. A slot is given out again once both actors that
// know it have said that they no longer name it.

import { assert } from '../../protocol/assert.ts'
import { type ConnectionSlot, RELEASES } from '../../protocol/messages/network.ts'
import type { ClientConnection } from './client-connection.ts'

export class ClientSlots {
  readonly #connections: (ClientConnection | undefined)[] = []
  readonly #free: ConnectionSlot[] = []

  /** Slots in use, including those of connections that have closed and are not released yet. */
  get count(): number {
    return this.#connections.length - this.#free.length
  }

  get(slot: ConnectionSlot): ClientConnection | undefined {
    return this.#connections[slot]
  }

  /** Takes a slot, for the connection that is made with it. */
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

  /** The connections that operators are shown: those that are not closing, and one that is being
   * answered. */
  *listed(): Generator<ClientConnection> {
    for (const connection of this.#connections) {
      if (connection === undefined) continue
      if (connection.state !== 'closing' || connection.answering) yield connection
    }
  }

  /** The connections that are not closing. */
  *open(): Generator<ClientConnection> {
    for (const connection of this.#connections) {
      if (connection !== undefined && connection.state !== 'closing') yield connection
    }
  }
}
