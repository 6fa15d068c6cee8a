// The servers of a simulated ensemble, with their disks and clocks, which outlive a process.

import { RareTally } from '../rare/rare-watch.ts'
import type { Dice } from '../world/dice.ts'
import { SimulatedDisk } from '../world/disk.ts'
import type { EventLog } from '../world/event-log.ts'
import { History } from './checkers/history.ts'
import type { ClusterTampering } from './member.ts'
import { type Death, Member, type MemberRunner, type MemberWorld } from './member.ts'
import type { ClusterOptions } from './options.ts'
import { Agenda } from './world/agenda.ts'
import { optionsOn } from './world/config-disk.ts'
import { LocalTime } from './world/time.ts'
import { Wires } from './world/wires.ts'

interface Machine {
  readonly disk: SimulatedDisk
  readonly time: LocalTime
  member: Member | null
  starting: boolean
}

export class Cluster {
  readonly agenda: Agenda = new Agenda()
  readonly wires: Wires
  readonly history: History
  readonly ids: readonly number[]
  readonly tally: RareTally
  starts = 0
  /** How soon a server that died is started again, at most. */
  restartMsMax: number
  readonly #options: ClusterOptions
  readonly #dice: Dice
  readonly #events: EventLog
  readonly #tampering: ClusterTampering
  readonly #machines: Map<number, Machine> = new Map()
  #alive: readonly Member[] | null = null
  /** Servers that are not to be started. */
  #held: ReadonlySet<number> = new Set()
  #failure: { error: unknown } | null = null

  constructor(options: ClusterOptions, dice: Dice, events: EventLog, tampering: ClusterTampering) {
    this.#options = options
    this.tally = new RareTally(options.rare)
    this.#dice = dice
    this.#events = events
    this.#tampering = tampering
    this.wires = new Wires(this.agenda, dice.fork())
    this.wires.delayMsMax = options.delayMsMax
    this.wires.windowBytes = Math.max(this.wires.windowBytes, options.feeding.roomBytes * 4)
    this.restartMsMax = options.rhythm.restartMs
    this.history = new History(options, events)
    this.ids = [...options.members.keys()]
    for (const id of this.ids) {
      const rate = 1 + ((dice.below(2001) - 1000) / 1000) * options.drift
      const time = new LocalTime(rate, this.agenda.nowMs)
      this.#machines.set(id, { disk: new SimulatedDisk(), time, member: null, starting: false })
    }
  }

  /** Until one of them dies or another starts. */
  get alive(): readonly Member[] {
    this.#alive ??= [...this.#machines.values()]
      .map(({ member }) => member)
      .filter((member) => member !== null)
    return this.#alive
  }

  member(id: number): Member | null {
    return this.#machines.get(id)!.member
  }

  disk(id: number): SimulatedDisk {
    return this.#machines.get(id)!.disk
  }

  time(id: number): LocalTime {
    return this.#machines.get(id)!.time
  }

  /** Whoever is not among these stays as it is, or down. */
  hold(ids: Iterable<number>): void {
    this.#held = new Set(ids)
  }

  startWithin(id: number, ms: number): void {
    const machine = this.#machines.get(id)!
    if (machine.member !== null || machine.starting) return
    machine.starting = true
    this.agenda.after(this.#dice.below(ms + 1), () => {
      machine.starting = false
      if (!this.#held.has(id)) this.#start(id)
    })
  }

  /** `silentMs`: the machine itself is gone for so long, and sends no reset. */
  kill(id: number, how: 'kill' | Death): void {
    const machine = this.#machines.get(id)!
    const { member, disk } = machine
    if (member === null) return
    this.#events.add(`${this.agenda.nowMs} s${id} dies: ${how}`)
    const silentMs = how === 'power-cut' ? this.#dice.below(2000) : 0
    machine.member = null
    this.#alive = null
    member.die(silentMs)
    this.history.detach(member)
    if (how === 'power-cut') disk.crash(this.#dice.below)
    else disk.kill()
    this.startWithin(id, this.restartMsMax)
  }

  /** These serve, all in one epoch of one leader. */
  isServedBy(ids: readonly number[]): boolean {
    const members = ids.map((id) => this.member(id))
    const serving = members.every(
      (member) => member?.network.isServing === true && this.history.serves(member),
    )
    return serving && this.alive.filter((member) => this.history.leads(member)).length === 1
  }

  runUntil(ms: number): void {
    while (this.agenda.step(ms)) if (this.#failure !== null) throw this.#failure.error
  }

  describe(): string {
    return this.ids.map((id) => this.member(id)?.describe() ?? `s${id}: down`).join('\n')
  }

  #start(id: number): void {
    const machine = this.#machines.get(id)!
    this.#events.add(`${this.agenda.nowMs} s${id} starts`)
    this.starts++
    const world: MemberWorld = {
      agenda: this.agenda,
      wires: this.wires,
      events: this.#events,
      dice: this.#dice.fork(),
      options: this.#options,
      tampering: this.#tampering,
      tally: this.tally,
      turned: (member: Member, runner: MemberRunner) => this.history.turned(member, runner),
      leads: (member, epoch) => this.history.established(epoch, member.id),
      died: (member, how) => {
        if (this.member(id) === member) this.kill(id, how)
      },
      failed: (error) => {
        this.#failure ??= { error }
      },
    }
    const given = this.#options.members.get(id)!
    const options = optionsOn(machine.disk, given, () => this.history.newest)
    const member = new Member(world, options, machine.time, machine.disk)
    member.network.mayRefuse = true
    machine.member = member
    this.#alive = null
    this.history.attach(member)
  }
}
