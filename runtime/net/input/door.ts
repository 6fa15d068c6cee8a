// Which connections may enter. The limits on connections count those that have entered, and those
// that still have to show who they are.

import type { HostClock } from '../../thread/actor-host.ts'
import type { NetworkStats } from '../network-stats.ts'
import {
  type ClientSocket,
  type Guest,
  type ListenerUser,
  NO_PROOF,
  type Proof,
} from '../transport/client-transport.ts'
import { Admission, type AdmissionOptions, plainAddress } from './admission.ts'
import type { RefusalReason, Refusals } from './refusals.ts'

export interface DoorUser {
  /** Whether there is no place for one more. */
  isFull(): boolean
  enter(socket: ClientSocket, address: string, proof: Proof): void
  readonly refusals: Refusals
  readonly stats: NetworkStats
  readonly clock: HostClock
}

export class Door implements ListenerUser {
  readonly #admission: Admission
  readonly #user: DoorUser
  #guests = 0

  constructor(options: AdmissionOptions, user: DoorUser) {
    this.#admission = new Admission(options)
    this.#user = user
  }

  /** Connections, including guests. */
  get open(): number {
    return this.#admission.open
  }

  /** Connections that have not entered yet. */
  get guests(): number {
    return this.#guests
  }

  accept(socket: ClientSocket): void {
    const address = this.#admit(socket)
    if (address !== null) this.#user.enter(socket, address, NO_PROOF)
  }

  knock(socket: ClientSocket): Guest | null {
    const address = this.#admit(socket)
    if (address === null) return null
    const client = `${address}:${socket.remotePort ?? 0}`
    this.#guests++
    const leave = (): void => {
      this.#guests--
      this.left(address)
    }
    return {
      leave,
      note: (reason, fields) => this.#say(reason, { client, ...fields }),
      refuse: (reason, fields) => {
        leave()
        this.#user.stats.unsuccessfulHandshakes++
        this.#say(reason, { client, ...fields })
      },
      enter: (entering, proof) => {
        this.#guests--
        if (!this.#user.isFull()) {
          this.#user.enter(entering, address, proof)
          return
        }
        this.left(address)
        this.#reject('too-many-connections', { client })
        entering.destroy()
      },
    }
  }

  notAccepted({ message }: Error): void {
    this.#reject('too-few-descriptors', { message })
  }

  /** A connection that had entered was closed. */
  left(address: string): void {
    this.#admission.leave(address)
  }

  /** The address; null if the connection may not enter. */
  #admit(socket: ClientSocket): string | null {
    const address = plainAddress(socket.remoteAddress ?? '')
    const refusal = this.#user.isFull() ? 'too-many-connections' : this.#admission.refusal(address)
    if (refusal === null) {
      this.#admission.enter(address)
      return address
    }
    const connections = this.#admission.from(address)
    this.#reject(refusal, { client: address, connections })
    socket.destroy()
    return null
  }

  #reject(reason: RefusalReason, fields: Readonly<Record<string, unknown>>): void {
    this.#user.stats.connectionsRejected++
    this.#say(reason, fields)
  }

  #say(reason: RefusalReason, fields: Readonly<Record<string, unknown>>): void {
    const { refusals, clock } = this.#user
    refusals.refuse(reason, clock.nowMs, fields)
  }
}
