// The servers of a connect string, and which is tried next: one after the other, until the list is replaced
// (StaticHostProvider).
//
// When it is, clients must end up evenly spread over the new list, without asking each other and with few of
// them moving. So each draws: where servers were added, whether it moves to one of them; where its own was
// removed, whether it goes to a new one or to one that stays. The chances are ZooKeeper's.

import type { HostPort } from './connect-string.ts'

/** Which servers are tried first after a replacement, each once. */
interface Move {
  readonly added: HostPort[]
  readonly kept: HostPort[]
  /** The chance that the next one is an added one. */
  readonly toAdded: number
}

export class HostList {
  readonly #random: () => number
  #hosts: readonly HostPort[]
  #current: HostPort
  /** The last one that a session was at; null if there was none, or it is not in the list. */
  #last: HostPort | null = null
  #move: Move | null = null
  #failures = 0

  /** `first`: the index of the server to try first. `random`: at least 0, below 1. */
  constructor(hosts: readonly HostPort[], first: number, random: () => number) {
    this.#hosts = hosts
    this.#current = hosts[first % hosts.length]!
    this.#random = random
  }

  /** The server of the present connection or attempt. */
  get current(): HostPort {
    return this.#current
  }

  /** A session is at the current one. */
  connected(): void {
    this.#failures = 0
    this.#last = this.#current
    this.#move = null
  }

  /** The attempt has failed. Whether as many have, one after the other, as there are servers. */
  failed(): boolean {
    return ++this.#failures % this.#hosts.length === 0
  }

  /** Goes on to the next. */
  next(): void {
    const index = this.#hosts.findIndex((host) => isSame(host, this.#current))
    this.#current = this.#nextOfMove() ?? this.#hosts[(index + 1) % this.#hosts.length]!
  }

  /** Replaces the list, by one that is not empty. `at`: the server that the session is at; null if it is
   * at none. True if the client is to leave it. */
  replace(hosts: readonly HostPort[], at: HostPort | null): boolean {
    const mine = at ?? this.#nextOfMove() ?? this.#last ?? this.#hosts[0]!
    const before = this.#hosts
    const shuffled = this.#shuffled(hosts)
    const added = shuffled.filter((host) => !has(before, host))
    const kept = shuffled.filter((host) => has(before, host))
    const toAdded = this.#chance(before.length, added.length, kept.length, has(shuffled, mine))
    this.#move = toAdded === null ? null : { added, kept, toAdded }
    this.#hosts = shuffled
    this.#failures = 0
    if (this.#last !== null && !has(shuffled, this.#last)) this.#last = null
    return this.#move !== null
  }

  /** That of going to an added one; null to stay. */
  #chance(before: number, added: number, kept: number, stays: boolean): number | null {
    const after = added + kept
    if (after > before) return !stays || this.#random() <= 1 - before / after ? 1 : null
    if (stays) return null
    return 1 - (kept * (before - after)) / (after * (before - kept))
  }

  #nextOfMove(): HostPort | null {
    if (this.#move === null) return null
    const { added, kept, toAdded } = this.#move
    const isDrawn = this.#random() <= toAdded
    const host = (isDrawn || kept.length === 0 ? added.shift() : undefined) ?? kept.shift()
    if (host === undefined) this.#move = null
    return host ?? null
  }

  #shuffled(hosts: readonly HostPort[]): HostPort[] {
    const left = [...hosts]
    const shuffled: HostPort[] = []
    while (left.length > 0)
      shuffled.push(...left.splice(Math.floor(this.#random() * left.length), 1))
    return shuffled
  }
}

function isSame(a: HostPort, b: HostPort): boolean {
  return a.host === b.host && a.port === b.port
}

function has(hosts: readonly HostPort[], wanted: HostPort): boolean {
  return hosts.some((host) => isSame(host, wanted))
}
