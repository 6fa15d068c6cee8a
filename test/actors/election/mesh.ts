// Election actors joined by simulated links: one thread, one seed, a clock of its own. Links delay
// and, while `lossy`, replace unsent messages and break, as the real ones do (a queue of one).

import { Election } from '../../../actors/election/election.ts'
import type { ElectionOptions } from '../../../actors/election/options.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { membershipOf, type Roster } from '../../support/membership.ts'

export interface Member {
  readonly id: ServerId
  readonly election: Election
  zxid: Zxid
  epoch: number
  /** Null while looking. */
  leader: ServerId | null
  up: boolean
}

interface Flight {
  readonly from: ServerId
  readonly to: ServerId
  readonly bytes: Uint8Array
  readonly dueMs: number
}

export function majority(...voters: ServerId[]): Roster {
  return { voters }
}

/** A small generator, integers only (xorshift32). */
export function generator(seed: number): (bound: number) => number {
  let state = seed | 1
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

export class Mesh {
  readonly clock = { nowMs: 0, wallMs: 0 }
  readonly members: Map<ServerId, Member> = new Map()
  readonly #random: (bound: number) => number
  readonly #cut: Set<string> = new Set()
  #flights: Flight[] = []
  lossy = false
  /** Messages sent. */
  sent = 0
  /** Who has told its zab of a configuration that others have logged. */
  readonly rumours: Set<ServerId> = new Set()
  /** What servers have found out of others. */
  readonly pulses: string[] = []

  constructor(
    config: Roster,
    seed: number,
    histories: ReadonlyMap<ServerId, readonly [epoch: number, zxid: number]> = new Map(),
    changes: Partial<ElectionOptions> | ((id: ServerId) => Partial<ElectionOptions>) = {},
  ) {
    this.#random = generator(seed)
    for (const id of [...config.voters, ...(config.observers ?? [])]) {
      const [epoch, zxid] = histories.get(id) ?? [0, 0]
      const own = typeof changes === 'function' ? changes(id) : changes
      this.members.set(id, this.#member(id, config, epoch, zxid as Zxid, own))
    }
  }

  member(id: ServerId): Member {
    return this.members.get(id)!
  }

  /** Starts or restarts the search at a member. */
  look(id: ServerId): void {
    const member = this.member(id)
    member.up = true
    member.leader = null
    member.election.look(member.zxid, member.epoch)
    for (const other of this.members.values()) {
      if (other.id !== id && other.up && this.#linked(id, other.id)) {
        member.election.linkUp(other.id)
        other.election.linkUp(id)
      }
    }
  }

  crash(id: ServerId): void {
    this.member(id).up = false
    for (const other of this.members.values()) if (other.id !== id) other.election.linkDown(id)
    this.#flights = this.#flights.filter((flight) => flight.from !== id && flight.to !== id)
  }

  cut(a: ServerId, b: ServerId): void {
    this.#cut.add(`${a}-${b}`).add(`${b}-${a}`)
    this.member(a).election.linkDown(b)
    this.member(b).election.linkDown(a)
  }

  heal(): void {
    this.#cut.clear()
    this.lossy = false
    for (const a of this.members.values()) {
      for (const b of this.members.values()) {
        if (a.id !== b.id && a.up && b.up) a.election.linkUp(b.id)
      }
    }
  }

  /** Runs until `done` or the time is over; whether it was done. */
  run(boundMs: number, done: () => boolean): boolean {
    const endMs = this.clock.nowMs + boundMs
    while (!done() && this.clock.nowMs < endMs) this.#step()
    return done()
  }

  /** Whether every running member knows the same leader. */
  agreed(): boolean {
    const running = [...this.members.values()].filter((member) => member.up)
    return running.every(({ leader }) => leader !== null && leader === running[0]!.leader)
  }

  /** What zab finds out in the end: the one it follows does not lead, or nobody much follows it.
   * Then it looks again. */
  isDisappointed(id: ServerId): boolean {
    const { leader } = this.member(id)
    if (leader === null) return false
    if (leader !== id) return this.member(leader).leader !== leader
    const followers = [...this.members.values()].filter((member) => member.leader === id)
    return followers.length * 2 <= this.members.size
  }

  #member(
    id: ServerId,
    config: Roster,
    epoch: number,
    zxid: Zxid,
    changes: Partial<ElectionOptions>,
  ): Member {
    const options: ElectionOptions = {
      serverId: id,
      membership: membershipOf(config),
      finalizeWaitMs: 200,
      minNotificationIntervalMs: 200,
      maxNotificationIntervalMs: 60_000,
      silenceMs: 200,
      agreedSilenceMs: 150,
      ...changes,
    }
    const election = new Election(options, this.clock, {
      links: {
        configured: () => {},
        send: (to, bytes, start, end) => this.#send(id, to, bytes.slice(start, end)),
        dial: () => {},
        pulse: (to, bytes) => this.#send(id, to, bytes),
      },
      zab: {
        pulse: (server, alive) => {
          this.pulses.push(`${id}: ${server} ${alive ? 'has' : 'misses'} pulses`)
        },
        doubted: (leader) => this.pulses.push(`${id}: a quorum misses pulses of ${leader}`),
        heardOf: () => undefined,
        rumour: () => this.rumours.add(id),
        elected: (leader) => {
          this.member(id).leader = leader
        },
      },
      journal: { log: () => undefined },
    })
    return { id, election, zxid, epoch, leader: null, up: false }
  }

  #linked(a: ServerId, b: ServerId): boolean {
    return !this.#cut.has(`${a}-${b}`)
  }

  #send(from: ServerId, to: ServerId, bytes: Uint8Array): void {
    if (!this.#linked(from, to) || !this.member(to).up) return
    this.sent++
    // A newer message overtakes nothing, but may replace one that is not under way yet.
    if (this.lossy && this.#random(4) === 0) {
      this.#flights = this.#flights.filter((f) => f.from !== from || f.to !== to)
    }
    const last = this.#flights.filter((f) => f.from === from && f.to === to).at(-1)
    const dueMs = Math.max(last?.dueMs ?? 0, this.clock.nowMs + 1 + this.#random(20))
    this.#flights.push({ from, to, bytes, dueMs })
  }

  #step(): void {
    this.clock.nowMs += 1
    const due = this.#flights.filter((flight) => flight.dueMs <= this.clock.nowMs)
    this.#flights = this.#flights.filter((flight) => flight.dueMs > this.clock.nowMs)
    for (const { from, to, bytes } of due) {
      if (!this.member(to).up || !this.#linked(from, to)) continue
      this.member(to).election.notified(from, bytes, 0, bytes.length)
    }
    for (const { up, election } of this.members.values()) {
      if (up && election.nextTickMs() <= this.clock.nowMs) election.tick()
    }
  }
}
