// Linearizable sync. Before a sync is answered, a quorum confirms that we still lead, and
// everything that was proposed when it was asked for is committed. ZooKeeper answers at once, so
// there a deposed leader that does not know it yet lets a client read the past.
//
// A quorum confirms by answering a PING that was sent after the sync was asked for. Links are first
// in, first out, and every PING after UPTODATE is answered, by ZooKeeper's servers too. So the n-th
// answer on a link is the answer to the n-th PING.

import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'
import type { Link } from '../neighbours.ts'

/** A sync, and the newest proposal of when it was asked for. */
export interface Sync {
  readonly link: Link
  readonly upTo: Zxid
}

interface Waiting extends Sync {
  /** The first round that was sent after the sync was asked for. */
  readonly round: number
}

interface Round {
  readonly round: number
  readonly sentMs: number
}

interface Answer {
  readonly server: ServerId
  readonly round: Round
}

export class SyncRounds {
  readonly #context: Pick<ZabContext, 'membership' | 'serverId'>
  #round = 0
  #sentMs = 0
  #waiting: Waiting[] = []
  /** The rounds that each link has not answered yet, oldest first. */
  readonly #unanswered: Map<Link, Round[]> = new Map()
  /** The newest round that each server has answered, the newest of all first. */
  readonly #answered: Answer[] = []

  constructor(context: Pick<ZabContext, 'membership' | 'serverId'>) {
    this.#context = context
  }

  /** Whether a sync waits for a round that has not been sent yet. */
  get wanted(): boolean {
    const last = this.#waiting.at(-1)
    return last !== undefined && last.round > this.#round
  }

  get count(): number {
    return this.#waiting.length
  }

  ask(link: Link, upTo: Zxid): void {
    this.#waiting.push({ link, upTo, round: this.#round + 1 })
  }

  /** A PING leaves on these links, whose servers have been sent UPTODATE. */
  pinged(links: readonly Link[], nowMs: number): void {
    this.#round++
    this.#sentMs = nowMs
    const round = { round: this.#round, sentMs: nowMs }
    for (const link of links) {
      const rounds = this.#unanswered.get(link)
      if (rounds === undefined) this.#unanswered.set(link, [round])
      else rounds.push(round)
    }
  }

  /** When the PING was sent that this answers; null if it answers none. */
  answered(link: Link, server: ServerId): number | null {
    const round = this.#unanswered.get(link)?.shift()
    if (round === undefined) return null
    this.#forget(server)
    const before = this.#answered.findIndex((other) => other.round.round <= round.round)
    this.#answered.splice(before < 0 ? this.#answered.length : before, 0, { server, round })
    return round.sentMs
  }

  closed(link: Link, server: ServerId): void {
    this.#unanswered.delete(link)
    this.#forget(server)
  }

  /** Takes out the oldest syncs that are done, in the order of asking. */
  take(committed: Zxid): Sync[] {
    return this.#takeWhile(({ upTo, round }) => upTo <= committed && this.#isConfirmed(round))
  }

  /** Takes out those asked for before `zxid` was proposed. A quorum has acknowledged that proposal,
   * which confirms them as well as an answered PING does. */
  takeBefore(zxid: Zxid): Sync[] {
    return this.#takeWhile(({ upTo }) => upTo < zxid)
  }

  /** When the newest PING was sent that a quorum has answered: we led then. Null if there is
   * none. */
  get confirmedMs(): number | null {
    const { membership, serverId } = this.#context
    const confirmers = new Set([serverId])
    if (membership.isQuorum(confirmers)) return this.#sentMs
    for (const { server, round } of this.#answered) {
      confirmers.add(server)
      if (membership.isQuorum(confirmers)) return round.sentMs
    }
    return null
  }

  #forget(server: ServerId): void {
    const at = this.#answered.findIndex((answer) => answer.server === server)
    if (at >= 0) this.#answered.splice(at, 1)
  }

  #takeWhile(isDone: (waiting: Waiting) => boolean): Sync[] {
    const waits = this.#waiting.findIndex((waiting) => !isDone(waiting))
    const count = waits === -1 ? this.#waiting.length : waits
    return this.#waiting.splice(0, count)
  }

  #isConfirmed(round: number): boolean {
    if (round > this.#round) return false
    const confirmers = [this.#context.serverId]
    for (const { server, round: answered } of this.#answered) {
      if (answered.round >= round) confirmers.push(server)
    }
    return this.#context.membership.isQuorum(confirmers)
  }
}
