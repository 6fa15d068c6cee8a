// A server's disk with the log actor before it: requests one after the other, each after a delay,
// appends together. A crash loses what was not synced, from a random place on.

import type { EpochFile } from '../../../../actors/zab/neighbours.ts'
import { follows, ZXID_ZERO, type Zxid } from '../../../../protocol/zxid.ts'
import { type Entry, fail } from './ensemble-checker.ts'
import type { World } from './ensemble-world.ts'

type Request =
  | { kind: 'append'; entry: Entry }
  | { kind: 'epoch'; which: EpochFile; epoch: number }
  | { kind: 'truncate'; zxid: Zxid }
  | { kind: 'install'; zxid: Zxid; entries: readonly Entry[] }
  | { kind: 'read'; run: () => void }
  | { kind: 'reload' }
  | { kind: 'fence' }

export interface DiskAnswers {
  synced(zxid: Zxid): void
  epochSaved(which: EpochFile): void
  truncated(last: Zxid): void
  installed(): void
  reloaded(): void
  fenced(): void
}

export class Disk {
  readonly #world: World
  /** What the oldest snapshot holds, and what was logged behind it: durable. */
  snapshotZxid: Zxid = ZXID_ZERO
  snapshot: readonly Entry[] = []
  log: Entry[] = []
  accepted = 0
  current = 0
  slow = false
  onDurable: (savedCurrent: boolean) => void = () => {}
  #answers: DiskAnswers | null = null
  #queue: Request[] = []
  #working = 0
  #start = 0

  constructor(world: World) {
    this.#world = world
  }

  get last(): Zxid {
    return this.log.at(-1)?.zxid ?? this.snapshotZxid
  }

  entries(): Entry[] {
    return [...this.snapshot, ...this.log]
  }

  holds(zxid: Zxid): boolean {
    return zxid === this.snapshotZxid || this.log.some((entry) => entry.zxid === zxid)
  }

  open(answers: DiskAnswers): void {
    this.#answers = answers
    // What was loaded is written as a snapshot, and older ones are purged.
    if (!this.#world.chance(25)) return
    const last = this.last
    this.snapshot = this.entries()
    this.snapshotZxid = last
    this.log = []
  }

  ask(request: Request): void {
    this.#queue.push(request)
    this.#maybeWork()
  }

  crash(): void {
    const underWay = this.#queue
    this.#queue = []
    this.#answers = null
    this.#start++
    const working = this.#working
    this.#working = 0
    if (working === 0) return
    let appends = underWay.findIndex(({ kind }) => kind !== 'append')
    if (appends === -1) appends = underWay.length
    const survive = this.#world.random((appends === 0 ? 1 : appends) + 1)
    for (const request of underWay.slice(0, survive)) this.#carryOut(request)
  }

  #maybeWork(): void {
    if (this.#working > 0 || this.#queue.length === 0) return
    const appends = this.#queue.findIndex(({ kind }) => kind !== 'append')
    this.#working = appends === -1 ? this.#queue.length : Math.max(appends, 1)
    const start = this.#start
    const delayMs = this.slow ? this.#world.between(20, 900) : this.#world.between(0, 6)
    this.#world.after(delayMs, () => {
      if (start === this.#start) this.#finish()
    })
  }

  #finish(): void {
    const done = this.#queue.splice(0, this.#working)
    this.#working = 0
    for (const request of done) this.#carryOut(request)
    this.#answer(done.at(-1)!)
    this.#maybeWork()
  }

  #answer(request: Request): void {
    const answers = this.#answers!
    if (request.kind === 'append') answers.synced(request.entry.zxid)
    else if (request.kind === 'epoch') answers.epochSaved(request.which)
    else if (request.kind === 'truncate') answers.truncated(this.last)
    else if (request.kind === 'install') answers.installed()
    else if (request.kind === 'read') request.run()
    else if (request.kind === 'reload') answers.reloaded()
    else answers.fenced()
  }

  #carryOut(request: Request): void {
    if (request.kind === 'append') {
      if (!follows(this.last, request.entry.zxid)) fail('a hole in the log')
      this.log.push(request.entry)
    } else if (request.kind === 'epoch') {
      this.saveEpoch(request.which, request.epoch)
    } else if (request.kind === 'truncate') {
      if (this.holds(request.zxid)) {
        this.log = this.log.filter(({ zxid }) => zxid <= request.zxid)
      }
    } else if (request.kind === 'install') {
      this.snapshotZxid = request.zxid
      this.snapshot = request.entries
      this.log = []
    }
    this.onDurable(request.kind === 'epoch' && request.which === 'current')
  }

  saveEpoch(which: EpochFile, epoch: number): void {
    if (epoch < this[which]) fail(`${which} epoch goes back from ${this[which]} to ${epoch}`)
    this[which] = epoch
  }
}
