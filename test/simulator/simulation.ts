// One run of one seed: a server, its clients, and everything that may happen to them.
//
//   storm       steps in a drawn order; kills, power cuts, disk errors, stalls, hours that jump
//   settling    no more faults: everything asked must be answered, every event told
//   expiry      half of the clients fall silent: their sessions end, the others' do not
//   restart     once more from the disk: the same tree, and the log's replay is the same again
//
// A failure is a Violation, or whatever the server threw; main.ts prints the seed.

import { formatSessionId } from '../../protocol/session-id.ts'
import { Checker } from './checkers/checker.ts'
import { checkTree, replayed } from './checkers/tree-check.ts'
import { SimulatedClient } from './clients/client.ts'
import { type Visitor, visitorsOf } from './clients/visitors.ts'
import type { SimulationOptions } from './options.ts'
import { type Tampering, UNTAMPERED } from './plants/tampering.ts'
import type { RareCounts } from './rare/rare-points.ts'
import { RareTally } from './rare/rare-watch.ts'
import { RUNNERS, type Runner, SimulatedServer } from './server.ts'
import { SimulatedTime } from './world/clock.ts'
import { Dice } from './world/dice.ts'
import { SimulatedDisk } from './world/disk.ts'
import { check, EventLog, Violation } from './world/event-log.ts'
import { Scheduler } from './world/scheduler.ts'

export interface Summary {
  readonly hash: string
  readonly writes: number
  readonly replies: number
  readonly restarts: number
  readonly simulatedMs: number
  /** How often the members were changed. */
  readonly reconfigurations?: number
  /** How often what is rare has happened. */
  readonly rare: RareCounts
}

export interface RunOptions {
  readonly trace: boolean
  readonly tampering: Tampering
}

const SETTLE_ROUNDS_MAX = 20_000
const CALM_ROUNDS = 12
const CHECK_TREE_EVERY = 500
const QUIET_ROUNDS_MAX = 60
const QUIET_MS_MAX = 200
const WALL_JUMP_MS = 3_600_000
const OPERATIONS_TO_CUT_MAX = 60

export function simulate(
  options: SimulationOptions,
  { trace, tampering }: RunOptions = { trace: false, tampering: UNTAMPERED },
): Summary {
  return new Simulation(options, trace, tampering).run()
}

class Simulation {
  readonly #options: SimulationOptions
  readonly #tampering: Tampering
  readonly #dice: Dice
  readonly #time = new SimulatedTime()
  readonly #disk = new SimulatedDisk()
  readonly #events: EventLog
  readonly #checker: Checker
  readonly #clients: SimulatedClient[]
  readonly #visitors: readonly Visitor[]
  #areFaultsOver = false
  readonly #scheduler: Scheduler<Runner | 'clients'>
  #server: SimulatedServer | null = null
  readonly #tally: RareTally
  #wasServing = false
  #restarts = 0

  constructor(options: SimulationOptions, trace: boolean, tampering: Tampering) {
    this.#options = options
    this.#tampering = tampering
    const dice = new Dice(options.seed)
    this.#dice = dice
    this.#tally = new RareTally(options.rare)
    this.#events = new EventLog(trace)
    this.#checker = new Checker(options, this.#time)
    this.#clients = Array.from({ length: options.workload.clients }, (_, index) => {
      return new SimulatedClient(
        index,
        options,
        this.#time,
        this.#checker,
        this.#events,
        dice.fork(),
      )
    })
    this.#visitors = visitorsOf(options)
    this.#scheduler = new Scheduler([...RUNNERS, 'clients', 'clients'], dice.fork(), this.#events)
  }

  run(): Summary {
    const began = this.#time.nowMs
    for (let step = 0; step < this.#options.steps; step++) {
      this.#misfortune()
      this.#time.advance(this.#dice.pick([0, 0, 1, 3]))
      this.#step(this.#scheduler.next())
      if (step % CHECK_TREE_EVERY === 0) this.#checkTree()
    }
    this.#settle()
    this.#expire()
    this.#restartOnce()
    return {
      hash: this.#events.hash,
      writes: this.#checker.writes,
      replies: this.#checker.replies,
      restarts: this.#restarts,
      simulatedMs: this.#time.nowMs - began,
      rare: this.#tally.counts,
    }
  }

  #step(runner: Runner | 'clients'): void {
    const server = this.#server ?? this.#start()
    if (runner === 'clients') {
      this.#dice.pick(this.#clients).act(server.network)
      this.#receiveVisitors(server)
      return
    }
    this.#events.add(`${this.#time.nowMs} ${runner}`)
    const death = server.turn(runner)
    this.#checker.poll()
    if (death !== null) this.#die(death)
    else this.#checkServer(server)
  }

  #start(): SimulatedServer {
    this.#events.add('start')
    this.#restarts++
    this.#wasServing = false
    const server = new SimulatedServer(
      this.#options,
      this.#time,
      this.#disk,
      this.#dice.fork(),
      this.#events,
      this.#tampering,
      this.#tally,
    )
    this.#checker.attach(server)
    this.#server = server
    return server
  }

  #die(how: 'kill' | 'power-cut' | 'disk-error'): void {
    this.#events.add(`die: ${how}`)
    this.#server?.die()
    this.#server = null
    this.#time.advance(this.#dice.pick([1, 100, 5000]))
    if (how === 'power-cut') this.#disk.crash(this.#dice.below)
    else this.#disk.kill()
  }

  #misfortune(): void {
    const { faults } = this.#options
    const dice = this.#dice
    if (dice.oneIn(faults.kill)) this.#die('kill')
    if (dice.oneIn(faults.powerCut)) this.#disk.cutPowerAt(1 + dice.below(OPERATIONS_TO_CUT_MAX))
    if (dice.oneIn(faults.diskError)) {
      this.#disk.failAt(1 + dice.below(OPERATIONS_TO_CUT_MAX), dice.pick(['EIO', 'ENOSPC']))
    }
    if (dice.oneIn(faults.stall)) this.#scheduler.stall(dice.pick([10, 100, 400]))
    if (dice.oneIn(faults.wallJump)) this.#time.wallMs += dice.between(-1, 1) * WALL_JUMP_MS
    if (dice.oneIn(faults.quiet)) this.#quiet(dice.below(QUIET_ROUNDS_MAX))
  }

  /** Time passes, a round of everybody after the other. */
  #quiet(rounds: number): void {
    const most = this.#dice.pick([20, QUIET_MS_MAX, 2000])
    for (let i = 0; i < rounds; i++) this.#round(1 + this.#dice.below(most))
  }

  #round(ms: number): void {
    this.#time.advance(ms)
    for (const runner of this.#scheduler.round()) {
      if (runner !== 'clients') this.#step(runner)
      else this.#actAll(this.#server ?? this.#start())
    }
  }

  #actAll(server: SimulatedServer): void {
    for (const client of this.#clients) client.act(server.network)
    this.#receiveVisitors(server)
  }

  #receiveVisitors({ network }: SimulatedServer): void {
    if (this.#areFaultsOver) return
    for (const visitor of this.#visitors) visitor.act([network])
  }

  #checkServer(server: SimulatedServer): void {
    check(server.gauges.read('digestMismatches') === 0, () => 'the tree found its digest wrong')
    if (this.#wasServing || !server.serving) return
    this.#wasServing = true
    this.#checkTree()
  }

  #checkTree(): void {
    const server = this.#server
    if (server === null || !this.#wasServing) return
    checkTree(server.tree.data, this.#checker.model, server.tree.lastZxid)
  }

  /** Faults are over: what was asked is answered. */
  #settle(): void {
    this.#events.add('settle')
    this.#areFaultsOver = true
    this.#scheduler.heal()
    if (this.#disk.armed) this.#die('kill')
    for (const client of this.#clients) {
      client.resting = true
      client.silent = false
    }
    this.#until('settled', () => this.#isSettled())
    this.#checkTree()
    for (const client of this.#clients) client.settle(this.#checker.model.last)
  }

  #isSettled(): boolean {
    const server = this.#server
    if (server?.serving !== true) return false
    if (server.tree.lastZxid !== this.#checker.model.last || server.writing) return false
    return this.#clients.every((client) => client.connected && client.underWay === 0)
  }

  /** Goes on until it has been so for a while: events may still be in the rings. */
  #until(what: string, isSo: () => boolean): void {
    let since = 0
    for (let rounds = 0; since < CALM_ROUNDS; rounds++) {
      if (rounds === SETTLE_ROUNDS_MAX) {
        throw new Violation(`never ${what}: ${this.#server?.describe() ?? 'no server'}`)
      }
      const { last } = this.#checker.model
      this.#round(1)
      since = isSo() && last === this.#checker.model.last ? since + 1 : 0
    }
  }

  #expire(): void {
    const { model } = this.#checker
    const { maxSessionTimeoutMs, tickTimeMs } = this.#options.server
    // Sessions that were about to expire do so first.
    for (let ms = 0; ms < maxSessionTimeoutMs; ms += 50) this.#round(50)
    this.#until('settled again', () => this.#isSettled())
    const [silent, alive] = [this.#clients.slice(1), this.#clients.slice(0, 1)]
    const sessions = silent.map(({ session }) => session)
    const kept = alive.map(({ session }) => session)
    for (const client of silent) client.silent = true
    // A stall before may have been excused more generously than it was long: by one look at most.
    const until = this.#time.nowMs + 3 * (maxSessionTimeoutMs + tickTimeMs)
    while (this.#time.nowMs < until) this.#round(50)
    this.#until('at rest', () => this.#server?.tree.lastZxid === model.last)
    for (const id of sessions) {
      check(!model.isOpen(id, model.last), () => {
        return `the silent session ${formatSessionId(id)} outlives its timeout`
      })
    }
    for (const id of kept) {
      check(model.isOpen(id, model.last), () => `a session that pinged has expired`)
    }
    this.#checkTree()
  }

  #restartOnce(): void {
    const { model } = this.#checker
    const before = model.last
    this.#die(this.#dice.oneIn(2) ? 'kill' : 'power-cut')
    this.#until('serving again', () => this.#server?.serving === true)
    check(before === model.last || before >= this.#checker.seen, () => 'history has grown')
    const again = replayed(model, this.#server!.tree.data.options, model.last)
    checkTree(again, model, model.last)
    const { digestEnabled } = this.#options.server
    const digest = digestEnabled ? BigInt.asIntN(64, model.digestNow()) : 0n
    check(again.digest.toBigInt() === digest, () => 'the replayed digest differs')
  }
}
