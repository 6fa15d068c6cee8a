// What is known of the other servers apart from their votes: who is linked, who is one of ours, and
// who has fallen silent.

import type { ServerId } from '../../protocol/quorum/server-id.ts'

export class Others {
  readonly #linked: Set<ServerId> = new Set()
  /** Those that have said that they are servers of ours, on the present link. */
  readonly ours: Set<ServerId> = new Set()
  /** Those that had no pulse when we began to look, and have said nothing since. */
  readonly #mute: Set<ServerId> = new Set()

  linkUp(peer: ServerId): void {
    this.#linked.add(peer)
    this.ours.delete(peer)
  }

  linkDown(peer: ServerId): void {
    this.#linked.delete(peer)
    this.ours.delete(peer)
  }

  said(from: ServerId, isOurs: boolean): void {
    if (isOurs) this.ours.add(from)
  }

  heard(from: ServerId): void {
    this.#mute.delete(from)
  }

  /** Only these are mute. */
  muted(servers: readonly ServerId[]): void {
    this.#mute.clear()
    for (const server of servers) this.#mute.add(server)
  }

  toString(): string {
    return [...this.#linked].sort((a, b) => a - b).join(',')
  }

  /** Who would hear of our vote, and say what it thinks of it. */
  get talking(): ServerId[] {
    return [...this.#linked].filter((id) => !this.#mute.has(id))
  }
}
