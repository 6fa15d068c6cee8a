// Protection from guessing. Failed proofs are counted by address, and each makes the address wait
// before its next proof is looked at. Nothing else from that address waits: it may be a proxy, or
// many clients behind one gateway.

import { addressBytes } from '../../../protocol/acl.ts'

const FIRST_WAIT_MS = 100
const WAIT_MS_MAX = 3000
/** An address is forgotten this long after its last failure. */
const REMEMBERED_MS = 60_000
/** An attacker with more addresses than this has no need to guess from one. */
const ADDRESSES_MAX = 4096
/** One subscriber has a whole network of IPv6 addresses. */
const IPV6_NETWORK_BYTES = 8

interface Entry {
  failures: number
  lastMs: number
}

export class Guesses {
  /** The address that failed longest ago comes first. */
  readonly #entries: Map<string, Entry> = new Map()

  /** How many addresses are remembered. */
  get size(): number {
    return this.#entries.size
  }

  /** How often the address has failed lately, including this time. */
  failed(address: string, nowMs: number): number {
    const key = networkOf(address)
    const entry = this.#entries.get(key) ?? { failures: 0, lastMs: nowMs }
    this.#entries.delete(key)
    this.#forget(nowMs)
    entry.failures = nowMs - entry.lastMs > REMEMBERED_MS ? 1 : entry.failures + 1
    entry.lastMs = nowMs
    this.#entries.set(key, entry)
    return entry.failures
  }

  /** Milliseconds until its next proof is looked at; 0 means now. */
  waitMs(address: string, nowMs: number): number {
    if (this.#entries.size === 0) return 0
    const entry = this.#entries.get(networkOf(address))
    if (entry === undefined) return 0
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (entry.failures - 1), WAIT_MS_MAX)
    return Math.max(0, entry.lastMs + waitMs - nowMs)
  }

  #forget(nowMs: number): void {
    for (const [key, { lastMs }] of this.#entries) {
      if (nowMs - lastMs <= REMEMBERED_MS && this.#entries.size < ADDRESSES_MAX) return
      this.#entries.delete(key)
    }
  }
}

function networkOf(address: string): string {
  if (!address.includes(':')) return address
  return addressBytes(address)?.slice(0, IPV6_NETWORK_BYTES).join(':') ?? address
}
