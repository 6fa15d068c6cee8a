// What goes wrong in an ensemble while anything may, and how it ends.

import type { Dice } from '../../world/dice.ts'
import type { EventLog } from '../../world/event-log.ts'
import type { Cluster } from '../cluster.ts'
import { MEMBER_RUNNERS } from '../member.ts'
import type { ClusterFaults, ClusterOptions } from '../options.ts'
import { bridge, halves, isolated, type Pair, ring } from '../world/partitions.ts'

const WALL_JUMP_MS = 3_600_000
const OPERATIONS_TO_FAULT_MAX = 60
const FLAPS_MAX = 8
/** Long enough for an election without the leader, and how long it is cut off beyond that. */
const ECLIPSE_MS = [500, 2500] as const
const PENUMBRA_MS = 1000

export class Misfortune {
  readonly #cluster: Cluster
  readonly #options: ClusterOptions
  readonly #dice: Dice
  readonly #events: EventLog
  #endMs = 0

  constructor(cluster: Cluster, options: ClusterOptions, dice: Dice, events: EventLog) {
    this.#cluster = cluster
    this.#options = options
    this.#dice = dice
    this.#events = events
  }

  begin(endMs: number): void {
    this.#endMs = endMs
    for (const [id, rate] of this.#options.slowLinks) this.#cluster.wires.slow(id, rate)
    this.#nextLater()
  }

  /** Nothing more goes wrong; these members are healed, the others are cut off from them. */
  end(quorum: readonly number[]): void {
    const { wires, ids } = this.#cluster
    wires.healAll()
    wires.quicken()
    wires.delayMsMax = Math.min(wires.delayMsMax, 5)
    const others = ids.filter((id) => !quorum.includes(id))
    for (const a of quorum) {
      for (const b of others) {
        wires.block(a, b)
        wires.block(b, a)
      }
    }
    this.#cluster.restartMsMax = 100
    this.#cluster.hold(others)
    for (const id of quorum) this.#heal(id)
  }

  healAll(): void {
    this.#cluster.wires.healAll()
    this.#cluster.hold([])
    for (const id of this.#cluster.ids) this.#heal(id)
  }

  #heal(id: number): void {
    this.#cluster.disk(id).isFull = false
    if (this.#cluster.disk(id).armed) this.#cluster.kill(id, 'kill')
    this.#cluster.member(id)?.resume()
    this.#cluster.startWithin(id, 100)
  }

  #nextLater(): void {
    const { agenda } = this.#cluster
    agenda.after(1 + this.#dice.below(2 * this.#options.rhythm.paceMs), () => {
      if (agenda.nowMs >= this.#endMs) return
      const kind = this.#dice.weighted(this.#options.faults)
      this.#events.add(`${agenda.nowMs} fault: ${kind}`)
      this.#strike(kind)
      this.#nextLater()
    })
  }

  #strike(kind: keyof ClusterFaults): void {
    const { ids, wires } = this.#cluster
    const dice = this.#dice
    const id = this.#victim()
    const disk = this.#cluster.disk(id)
    switch (kind) {
      case 'kill':
        this.#cluster.kill(id, 'kill')
        break
      case 'powerCut':
        disk.cutPowerAt(1 + dice.below(OPERATIONS_TO_FAULT_MAX))
        break
      case 'killAll':
        for (const each of ids) this.#cluster.kill(each, dice.pick(['kill', 'power-cut']))
        break
      case 'diskError': {
        disk.failAt(1 + dice.below(OPERATIONS_TO_FAULT_MAX), dice.pick(['EIO', 'ENOSPC']))
        break
      }
      case 'fullDisk':
        disk.isFull = true
        this.#cluster.agenda.after(this.#lengthMs(), () => {
          disk.isFull = false
        })
        break
      case 'slowDisk':
        this.#cluster.member(id)?.stall('log', this.#lengthMs())
        break
      case 'pause':
        this.#cluster.member(id)?.pause(this.#lengthMs())
        break
      case 'stall':
        this.#cluster.member(id)?.stall(dice.pick(MEMBER_RUNNERS), this.#lengthMs())
        break
      case 'isolate':
        this.#separate(isolated(ids, id))
        break
      case 'isolateLeader':
        this.#separate(isolated(ids, this.#leader() ?? id), this.#lengthMs())
        break
      case 'eclipse':
        this.#eclipse(this.#leader() ?? id)
        break
      case 'halves':
        this.#separate(halves(ids, dice), this.#lengthMs())
        break
      case 'bridge':
        this.#separate(bridge(ids, id, dice), this.#lengthMs())
        break
      case 'ring':
        this.#separate(ring(ids, dice), this.#lengthMs())
        break
      case 'flapping':
        this.#flap(isolated(ids, id), 1 + dice.below(FLAPS_MAX))
        break
      case 'oneWay':
        wires.block(id, dice.pick(ids.filter((other) => other !== id)))
        break
      case 'cutLinks':
        for (const other of ids) if (dice.oneIn(2)) wires.cut(id, other)
        break
      case 'heal':
        wires.healAll()
        break
      case 'wallJump':
        this.#cluster.time(id).wallMs += dice.between(-1, 1) * WALL_JUMP_MS
        break
    }
  }

  #eclipse(leader: number): void {
    const ms = this.#dice.between(...ECLIPSE_MS)
    this.#separate(isolated(this.#cluster.ids, leader), ms + PENUMBRA_MS)
    this.#cluster.member(leader)?.pause(ms)
  }

  /** For so long, or until everything is healed. */
  #separate(pairs: readonly Pair[], ms: number = Number.POSITIVE_INFINITY): void {
    const { wires, agenda } = this.#cluster
    for (const [a, b] of pairs) {
      wires.block(a, b)
      wires.block(b, a)
    }
    const endMs = agenda.nowMs + ms
    // At the end of the storm somebody else decides who hears whom.
    if (endMs < this.#endMs) agenda.at(endMs, () => wires.unblock(pairs))
  }

  /** Apart and together, again and again. */
  #flap(pairs: readonly Pair[], times: number): void {
    const { agenda } = this.#cluster
    const ms = 1 + this.#lengthMs()
    this.#separate(pairs, ms)
    if (times <= 1 || agenda.nowMs + 2 * ms >= this.#endMs) return
    agenda.after(2 * ms, () => this.#flap(pairs, times - 1))
  }

  #lengthMs(): number {
    return this.#dice.below(this.#dice.pick(this.#options.rhythm.faultMs))
  }

  /** The leader more often than by chance: it has the most to lose. */
  #victim(): number {
    const leader = this.#leader()
    if (leader !== undefined && this.#dice.oneIn(2)) return leader
    return this.#dice.pick(this.#cluster.ids)
  }

  #leader(): number | undefined {
    const { alive, history } = this.#cluster
    return alive.find((member) => history.leads(member))?.id
  }
}
