// How many connections there may be: in all, and from one address.

import type { RefusalReason } from './refusals.ts'

export interface AdmissionOptions {
  /** File descriptors that the server itself does not need. */
  readonly descriptorsForClients: number
  /** From one address; 0 is no limit. */
  readonly maxClientCnxns: number
  /** In all; 0 is no limit. */
  readonly maxCnxns: number
}

export class Admission {
  readonly #options: AdmissionOptions
  readonly #perAddress: Map<string, number> = new Map()
  #open = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  get open(): number {
    return this.#open
  }

  from(address: string): number {
    return this.#perAddress.get(address) ?? 0
  }

  /** Why one more connection from this address is too many; null if it is not. */
  refusal(address: string): RefusalReason | null {
    const { descriptorsForClients, maxClientCnxns, maxCnxns } = this.#options
    if (this.#open >= descriptorsForClients) return 'too-few-descriptors'
    if (maxClientCnxns > 0 && this.from(address) >= maxClientCnxns) {
      return 'too-many-connections-from-address'
    }
    return maxCnxns > 0 && this.#open >= maxCnxns ? 'too-many-connections' : null
  }

  enter(address: string): void {
    this.#open++
    this.#perAddress.set(address, this.from(address) + 1)
  }

  leave(address: string): void {
    this.#open--
    const left = this.from(address) - 1
    if (left > 0) this.#perAddress.set(address, left)
    else this.#perAddress.delete(address)
  }
}

/** An IPv4 address that arrives over an IPv6 socket is an IPv4 address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
