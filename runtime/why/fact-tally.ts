// Counts and times that metrics take from facts: elections, synchronizations, times without
// service.

import type { Meter } from '../../actors/actor.ts'
import type { MeterName, MeterTable } from '../shared/meters.ts'
import { type Fact, numberOf, textOf } from './fact.ts'

export class FactTally {
  /** Elections begun. */
  looking = 0
  /** How often this leader synchronized a learner by what it lacked, and by a snapshot of the whole
   * tree. */
  diffs = 0
  snapshots = 0
  /** The id of the leader that this server follows; null while it follows none, as when it
   * leads. */
  leader: number | null = null
  /** Syncs of the log above fsync.warningthresholdms. */
  slowSyncs = 0
  readonly #meters: MeterTable
  readonly #clock: { readonly nowMs: number }
  /** Those that were observed. */
  readonly #kept: Map<MeterName, Meter> = new Map()
  readonly #startedWallMs: number
  #snapshotLoadedMs: number
  #looksMs = 0
  #unavailableMs: number | null = null
  #synchronizedMs: number | null = null
  readonly #underWay: Map<string, string> = new Map()

  /** `clock`: that of the thread that hears the facts. `startedWallMs`: when the threads were
   * started, in ms since 1970. */
  constructor(meters: MeterTable, clock: { readonly nowMs: number }, startedWallMs: number) {
    this.#meters = meters
    this.#clock = clock
    this.#startedWallMs = startedWallMs
    this.#snapshotLoadedMs = startedWallMs
  }

  hear(fact: Fact): void {
    if (fact.event === 'following') this.leader = numberOf(fact, 'leader')
    if (fact.event === 'role-ended') this.leader = null
    const { event, wallMs } = fact
    if (event === 'looks') {
      this.looking++
      this.#looksMs = wallMs
      this.#unavailableMs ??= wallMs
    } else if (event === 'elected') {
      this.#meter('election_time').observe(wallMs - this.#looksMs)
    } else if (event === 'serving') this.#serves(fact)
    else if (event === 'log-sync-slow') this.slowSyncs++
    else if (event === 'snapshot-loaded') {
      this.#snapshotLoadedMs = wallMs
      this.#meter('startup_snap_load_time').observe(wallMs - this.#startedWallMs)
    } else if (event === 'log-recovered') {
      this.#meter('startup_txns_load_time').observe(wallMs - this.#snapshotLoadedMs)
      this.#meter('startup_txns_loaded').observe(numberOf(fact, 'transactions'))
      this.#meter('dbinittime').observe(wallMs - this.#startedWallMs)
    } else this.#hearOfLearners(fact)
  }

  #meter(name: MeterName): Meter {
    const meter = this.#kept.get(name) ?? this.#meters.meter(name, this.#clock)
    this.#kept.set(name, meter)
    return meter
  }

  #serves(fact: Fact): void {
    if (this.#synchronizedMs !== null) {
      const isObserver = textOf(fact, 'mode') === 'observer'
      const name = isObserver ? 'observer_sync_time' : 'follower_sync_time'
      this.#meter(name).observe(fact.wallMs - this.#synchronizedMs)
      this.#synchronizedMs = null
    }
    if (this.#unavailableMs === null || textOf(fact, 'mode') === 'read-only') return
    const ms = fact.wallMs - this.#unavailableMs
    this.#unavailableMs = null
    this.#meter('unavailable_time').observe(ms)
    if (textOf(fact, 'mode') === 'leader') this.#meter('leader_unavailable_time').observe(ms)
  }

  #hearOfLearners(fact: Fact): void {
    const server = textOf(fact, 'server')
    switch (fact.event) {
      case 'synchronizes':
        this.#begun(server, textOf(fact, 'by'))
        break
      case 'up-to-date':
      case 'learner-gone':
      case 'learner-dropped':
        this.#underWay.delete(server)
        break
      case 'synchronized':
        this.#synchronizedMs = fact.wallMs
        break
      case 'role-ended':
        this.#underWay.clear()
        break
      default:
    }
  }

  #begun(server: string, by: string): void {
    this.#underWay.set(server, by)
    const bySnapshot = [...this.#underWay.values()].filter((one) => one === 'SNAP').length
    if (by === 'SNAP') {
      this.snapshots++
      this.#meter('inflight_snap_count').observe(bySnapshot)
    } else {
      this.diffs++
      this.#meter('inflight_diff_count').observe(this.#underWay.size - bySnapshot)
    }
  }
}
