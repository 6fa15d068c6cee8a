// Where clients connect, as a reconfiguration moves it (ServerCnxnFactory.reconfigure). The new port is
// opened before the old one is closed, and connections stay.

import type { MembershipConfig } from '../../../protocol/quorum/membership-config.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { isWildcard } from '../../../protocol/quorum/server-line.ts'
import type { ListenerOptions } from './listen-options.ts'

export type ClientAddress = Pick<ListenerOptions, 'clientPort' | 'clientPortAddress'>

export interface MovableTransport {
  /** Rejects if the address cannot be bound; then clients come to the old one. */
  move(address: ClientAddress): Promise<void>
}

export interface MoveLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

export class ClientPort {
  readonly #transport: MovableTransport
  #at: ClientAddress
  /** One move at a time. */
  #moving: Promise<void> = Promise.resolve()

  constructor({ clientPort, clientPortAddress }: ClientAddress, transport: MovableTransport) {
    this.#at = { clientPort, clientPortAddress }
    this.#transport = transport
  }

  /** Goes where the server's own line says, if it says anything. */
  follow({ members }: MembershipConfig, serverId: ServerId, log: MoveLog): Promise<void> {
    const own = members.find(({ id }) => id === serverId)
    const { clientHost = null, clientPort = null } = own ?? {}
    if (clientPort === null) return this.#moving
    const isEverywhere = clientHost === null || isWildcard(clientHost)
    const to = { clientPort, clientPortAddress: isEverywhere ? null : clientHost }
    this.#moving = this.#moving.then(() => this.#move(to, log))
    return this.#moving
  }

  async #move(to: ClientAddress, log: MoveLog): Promise<void> {
    const from = this.#at
    const isThere =
      to.clientPort === from.clientPort && to.clientPortAddress === from.clientPortAddress
    if (isThere) return
    try {
      await this.#transport.move(to)
      this.#at = to
      log.info({ ...to }, 'clients connect here now')
    } catch (error) {
      log.error({ ...to, err: error }, 'clients cannot connect there, and connect where they did')
    }
  }
}
