// One run of one seed: an ensemble, its clients, and everything that may happen to them.
//
//   storm        turns, arrivals and faults in a drawn order: anything may fail
//   convergence  a quorum is healed, and later everybody: within a bound they have one leader, and
//                what clients ask is answered
//   expiry       half of the clients fall silent: their sessions end, the others' do not
//   reckoning    every member's tree is the history's, node for node
//
// A failure is a Violation, or whatever a server threw; main.ts prints the seed.

import { Membership } from '../../../actors/membership.ts'
import { CREDIT_FAR, CREDIT_FIRST } from '../../../actors/zab/leader/epoch-credit.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { membershipText } from '../../../protocol/quorum/membership-config.ts'
import { formatSessionId } from '../../../protocol/session-id.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import { checkTree } from '../checkers/tree-check.ts'
import { GUESS_MS_MAX } from '../clients/guesser.ts'
import { HOSTILE_TIMEOUT_MS } from '../clients/hostile-client.ts'
import { type Visitor, visitorsOf } from '../clients/visitors.ts'
import type { Summary } from '../simulation.ts'
import { Dice } from '../world/dice.ts'
import { check, EventLog, Violation } from '../world/event-log.ts'
import { ClusterClient } from './client.ts'
import { Cluster } from './cluster.ts'
import { Damage } from './faults/damage.ts'
import { Misfortune } from './faults/misfortune.ts'
import { Reconfigurer } from './faults/reconfigurer.ts'
import { acceptedEpoch, Stranger } from './faults/stranger.ts'
import type { ClusterTampering } from './member.ts'
import type { ClusterOptions } from './options.ts'
import { UNTAMPERED } from './plants/tampering.ts'

export interface ClusterRun {
  readonly trace: boolean
  readonly tampering: ClusterTampering
}

/** Elections, a whole tree sent, connects that time out: all of it fits in here twice. */
const CONVERGENCE_MS = 60_000
/** A member that was driven ahead of the others' epochs is believed a minute later for each. */
const BELIEF_MS = 1_200_000
/** Epochs that it is believed within that, whatever credit the lies have used up. */
const BELIEVED_AHEAD = 15
const CALM_MS = 300
/** Less than clients write while a learner that lags is brought up to date. */
const HELD_BYTES_FEW = 2048
/** What is believed after each start. */
const CREDIT = CREDIT_FIRST + CREDIT_FAR
/** No member's id. */
const STRANGER = 999
const STEP_MS = 20

export function simulateCluster(
  options: ClusterOptions,
  { trace, tampering }: ClusterRun = { trace: false, tampering: UNTAMPERED },
): Summary {
  return new ClusterSimulation(options, trace, tampering).run()
}

class ClusterSimulation {
  readonly #options: ClusterOptions
  readonly #dice: Dice
  readonly #events: EventLog
  readonly #cluster: Cluster
  readonly #clients: ClusterClient[]
  readonly #visitors: readonly Visitor[]
  readonly #misfortune: Misfortune
  readonly #damage: Damage
  readonly #stranger: Stranger
  readonly #reconfigurer: Reconfigurer

  constructor(options: ClusterOptions, trace: boolean, tampering: ClusterTampering) {
    this.#options = options
    this.#dice = new Dice(options.seed)
    this.#events = new EventLog(trace)
    this.#cluster = new Cluster(options, this.#dice.fork(), this.#events, tampering)
    const { agenda, history } = this.#cluster
    this.#clients = Array.from({ length: options.workload.clients }, (_, index) => {
      const dice = this.#dice.fork()
      return new ClusterClient(index, options, agenda, history, this.#events, dice)
    })
    this.#visitors = visitorsOf(options)
    this.#misfortune = new Misfortune(this.#cluster, options, this.#dice.fork(), this.#events)
    const dice = new Dice(options.seed + 1)
    this.#damage = new Damage(this.#cluster, this.#membership, dice, this.#events)
    const { ids, wires } = this.#cluster
    const voters = this.#membership.voters
    const chance = new Dice(options.seed)
    const { sessionTimeoutMs } = options
    const changes = new Dice(options.seed + 2)
    this.#reconfigurer = new Reconfigurer(this.#cluster, sessionTimeoutMs, changes, this.#events)
    this.#stranger = new Stranger(STRANGER, { ids, voters }, agenda, wires, chance, this.#events)
  }

  run(): Summary {
    const { agenda, history } = this.#cluster
    const began = agenda.nowMs
    for (const client of this.#clients) this.#actLater(client)
    this.#storm()
    this.#converge()
    this.#expire()
    this.#reckon()
    return {
      hash: this.#events.hash,
      writes: history.length,
      replies: history.replies,
      restarts: this.#cluster.starts,
      simulatedMs: Math.round(agenda.nowMs - began),
      rare: this.#cluster.tally.counts,
      reconfigurations: history.memberships.count,
    }
  }

  #actLater(client: ClusterClient): void {
    const { agenda } = this.#cluster
    agenda.after(1 + this.#dice.below(client.paceMs), () => {
      client.act(this.#cluster.alive)
      this.#actLater(client)
    })
  }

  #visitLater(visitor: Visitor, endMs: number): void {
    const { agenda } = this.#cluster
    agenda.after(this.#options.visitMs, () => {
      if (agenda.nowMs >= endMs) return
      const networks = this.#cluster.alive.map(({ network }) => network)
      const visited = visitor.act(networks)
      this.#cluster.alive.find(({ network }) => network === visited)?.wake('network')
      this.#visitLater(visitor, endMs)
    })
  }

  #storm(): void {
    const { agenda } = this.#cluster
    for (const id of this.#cluster.ids) this.#cluster.startWithin(id, 300)
    const endMs = agenda.nowMs + this.#options.rhythm.stormMs
    this.#misfortune.begin(endMs)
    const { damageMs } = this.#options
    if (damageMs > 0) this.#damage.begin(damageMs, endMs)
    const { hostilePeerMs } = this.#options
    if (hostilePeerMs > 0) this.#stranger.haunt(hostilePeerMs, endMs)
    for (const visitor of this.#visitors) this.#visitLater(visitor, endMs)
    const { reconfigMs } = this.#options
    if (reconfigMs > 0) this.#reconfigurer.begin(reconfigMs, endMs)
    this.#cluster.runUntil(endMs)
  }

  /** First a quorum alone, then everybody. */
  #converge(): void {
    this.#events.add('converge')
    this.#stranger.leave()
    const { reconfigMs } = this.#options
    // Who is a quorum may be undecided while members change.
    this.#misfortune.end(reconfigMs > 0 ? this.#cluster.ids : this.#quorum())
    // Where next to nothing is held for who lags, it may lag for as long as clients write.
    if (this.#options.feeding.heldBytesMax <= HELD_BYTES_FEW) this.#rest()
    const boundMs = this.#options.hostilePeerMs > 0 ? BELIEF_MS : CONVERGENCE_MS
    const isServed = (): boolean => this.#cluster.isServedBy(this.#believable(this.#quorumIds))
    this.#until('a quorum serves', isServed, boundMs)
    this.#misfortune.healAll()
    this.#rest()
    this.#until('all members serve', () => this.#cluster.isServedBy(this.#believable()), boundMs)
    const believable = this.#believable()
    const stopped = this.#cluster.ids.filter((id) => !believable.includes(id))
    this.#cluster.hold(stopped)
    for (const id of stopped) this.#cluster.kill(id, 'kill')
    this.#settle()
  }

  #rest(): void {
    for (const client of this.#clients) client.rest()
  }

  get #membership(): Membership {
    const [first] = this.#options.members.values()
    return new Membership(first!.ensemble!.membership)
  }

  #quorumIds: readonly number[] = []

  /** Drawn anew until it is one, without those whose disks are damaged. */
  #quorum(): readonly number[] {
    const { voters } = this.#membership
    let ids: number[]
    do ids = voters.filter(() => this.#dice.oneIn(2))
    while (!this.#damage.isSpared(ids))
    this.#quorumIds = ids
    return ids
  }

  /** All of these but those that lies have driven so far ahead of their leader that it will not believe
   * them for hours: docs/data.md has their operators empty the folder. */
  #believable(ids: readonly number[] = this.#cluster.ids): readonly number[] {
    if (this.#options.hostilePeerMs === 0) return ids
    const leader = this.#cluster.alive.find(({ zab }) => zab.role === 'leading')
    if (leader === undefined) return ids
    const believedMax = acceptedEpoch(leader.disk) + BELIEVED_AHEAD
    return ids.filter((id) => acceptedEpoch(this.#cluster.disk(id)) <= believedMax)
  }

  #settle(): void {
    this.#until('settled', () => this.#isSettled())
    for (const client of this.#clients) client.settle(client.member!.tree.lastZxid)
  }

  #isSettled(): boolean {
    const { last } = this.#cluster.history.model
    const members = this.#cluster.alive
    if (!this.#cluster.isServedBy(this.#believable())) return false
    if (members.some((member) => member.tree.lastZxid !== last || member.writing)) return false
    return this.#clients.every((client) => client.connected && !client.waits)
  }

  /** It is so, and stays so for a while: messages may still be in the rings. */
  #until(what: string, isSo: () => boolean, boundMs = CONVERGENCE_MS): void {
    const { agenda } = this.#cluster
    const deadlineMs = agenda.nowMs + boundMs
    let sinceMs = agenda.nowMs
    while (agenda.nowMs - sinceMs < CALM_MS) {
      this.#cluster.runUntil(agenda.nowMs + STEP_MS)
      if (!isSo()) sinceMs = agenda.nowMs
      if (agenda.nowMs > deadlineMs) {
        throw new Violation(`healed, and never so that ${what}:\n${this.#describe()}`)
      }
    }
  }

  #describe(): string {
    return [this.#cluster.describe(), ...this.#clients.map((client) => client.describe())].join(
      '\n',
    )
  }

  #expire(): void {
    const { agenda, history } = this.#cluster
    const { model } = history
    const { maxSessionTimeoutMs, tickTimeMs } = this.#options.server
    const silent = this.#clients.slice(1)
    const kept = this.#clients.slice(0, 1)
    const sessions = kept.map(({ session }) => session)
    for (const client of silent) client.silent = true
    for (const visitor of this.#visitors) visitor.fallSilent()
    const wantedMs = Math.max(this.#options.sessionTimeoutMs, HOSTILE_TIMEOUT_MS)
    const timeoutMs = Math.min(wantedMs, maxSessionTimeoutMs)
    const guessMs = GUESS_MS_MAX * this.#options.guessers
    this.#cluster.runUntil(agenda.nowMs + guessMs + 2 * timeoutMs + 4 * tickTimeMs)
    for (const id of sessions) {
      check(model.isOpen(id, model.last), () => {
        return `session ${formatSessionId(id)} has expired, and its client pinged`
      })
    }
    // Of these clients, and of those that left sessions behind in the storm.
    for (const id of model.sessions.keys()) {
      check(sessions.includes(id) || !model.isOpen(id, model.last), () => {
        return `the silent session ${formatSessionId(id)} outlives its timeout`
      })
    }
  }

  /** The version that the first leader gave is in no transaction. */
  #reckonConfiguration(): void {
    if (this.#options.reconfigMs === 0) return
    const { history, alive } = this.#cluster
    history.memberships.settled(alive)
    const config = utf8Bytes(membershipText(history.newest))
    history.model.reconfigure(config, { zxid: history.model.last, timeMs: 0 })
  }

  #reckon(): void {
    const { model } = this.#cluster.history
    this.#until('all members hold the same', () => {
      return this.#cluster.alive.every(({ tree }) => tree.lastZxid === model.last)
    })
    this.#reckonConfiguration()
    for (const member of this.#cluster.alive) {
      const { data, lastZxid } = member.tree
      check(lastZxid === model.last, () => `s${member.id} ends at ${formatZxid(lastZxid)}`)
      checkTree(data, model, lastZxid)
      // An election takes some milliseconds, and each start has credit of its own.
      const accepted = acceptedEpoch(member.disk)
      check(accepted < this.#cluster.starts * CREDIT + this.#cluster.agenda.nowMs, () => {
        return `s${member.id} has accepted epoch ${accepted}: somebody was believed too much`
      })
    }
  }
}
