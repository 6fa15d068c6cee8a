// A leader's learners, by link.

import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Link, ZabLinks } from '../neighbours.ts'
import type { Learner } from './learner.ts'

export class LearnerTable extends Map<Link, Learner> {
  /** The learners that get proposals (voters) or committed transactions (observers) as they are
   * made. */
  linksOf(who: 'voters' | 'zookeepers-voters' | 'observers'): Link[] {
    const links: Link[] = []
    for (const learner of this.values()) {
      if (learner.feed !== 'live' || learner.observer !== (who === 'observers')) continue
      if (who === 'zookeepers-voters' && learner.speaks.ranges) continue
      links.push(learner.link)
    }
    return links
  }

  /** The voters that get proposals as they are made. */
  *voters(): Generator<Learner> {
    for (const learner of this.values()) {
      if (learner.feed === 'live' && !learner.observer) yield learner
    }
  }

  /** The voters of ours, which take one COMMIT for all before it: those with clients that wait for
   * a commit, and those without. */
  ourVoters(nowMs: number): { waiting: Learner[]; others: Learner[] } {
    const waiting: Learner[] = []
    const others: Learner[] = []
    for (const learner of this.voters()) {
      if (!learner.speaks.ranges) continue
      if (learner.waits(nowMs)) waiting.push(learner)
      else others.push(learner)
    }
    return { waiting, others }
  }

  /** Whether this server has pulses. */
  pulse(server: ServerId, alive: boolean): void {
    for (const learner of this.values()) {
      if (learner.serverId === server) learner.pulses = alive && learner.speaks.pulses
    }
  }

  /** A proposal was sent: each voter owes an acknowledgement. */
  owe(nowMs: number): void {
    for (const learner of this.voters()) learner.owes(nowMs)
  }

  /** The voters that have acknowledged NEWLEADER. */
  *ready(): Generator<Learner> {
    for (const learner of this.values()) {
      if (learner.phase === 'ready' && !learner.observer) yield learner
    }
  }

  /** Other learners with the same id: the server has reconnected before we saw its old link end. */
  *doubles(learner: Learner, serverId: ServerId): Generator<Learner> {
    // Several servers may share an id that no member has (rejoin.ts).
    if (serverId < 0) return
    for (const other of [...this.values()]) {
      if (other !== learner && other.serverId === serverId) yield other
    }
  }

  override toString(): string {
    return [...this.values()].map(({ serverId, phase }) => `${serverId}:${phase}`).join(' ')
  }

  /** All of them are gone. */
  close(links: Pick<ZabLinks, 'close'>): void {
    for (const link of this.keys()) links.close(link)
    this.clear()
  }
}
