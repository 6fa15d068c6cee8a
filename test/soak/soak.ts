// A soak: an ensemble of processes, clients that never stop, and one fault after the other, drawn from
// a seed: processes killed and stopped, servers cut off, disks that are slow, full or broken. The
// leader is killed at fixed times as well. An observer is never killed, so that one process is as old as
// the soak; but for that it suffers what the others do.
//
// Every chapter ends with a reckoning: nothing acknowledged is lost, everybody saw one order, the
// replicas are equal, no session of a client that kept asking has expired. Then what the clients made
// is removed, so that a long soak ends with as large a tree as it began with. What the processes hold
// is sampled all along.

import { deepStrictEqual } from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ensemble, type EnsembleOptions } from '../../perf/ensemble/ensemble.ts'
import { OUR_COMMAND } from '../../perf/ensemble/member.ts'
import { Load } from '../ensemble/load.ts'
import { Network } from '../ensemble/proxy.ts'
import { replicasAgree } from '../ensemble/replicas.ts'
import { DiskFaults, shimSkip } from '../support/disk-shim/disk-shim.ts'
import { IN_OWN_NETWORK, Namespaces } from '../support/network/namespaces.ts'
import { removeFolder, temporaryFolder } from '../support/own-server.ts'
import { type Random, seeded } from '../support/random.ts'
import { until } from '../support/until.ts'
import { drawFault, leaderKill, type SoakFault, type Tools, tell } from './faults.ts'
import { checkElsewhere } from './history-thread.ts'
import { Probes } from './probes.ts'
import { Samples } from './samples.ts'

export interface SoakOptions {
  readonly seconds: number
  readonly seed: number
  /** Those that vote; there is an observer besides. */
  readonly servers: number
  readonly clients: number
  /** Between two requests of one client, in ms. */
  readonly paceMs: number
  /** From the beginning of a fault to that of the next, at least. Every other one kills the leader. */
  readonly roundSeconds: number
  /** Of a chapter. */
  readonly chapterSeconds: number
  /** A fault lasts less than this. */
  readonly faultMsMax: number
  /** Where data, logs and history are left if something breaks. */
  readonly evidence: string
  say(line: string): void
  /** At the end of each chapter. */
  onChapter?(summary: SoakSummary): void
}

/** How long nobody could write, by what had been done, in ms. */
type Gaps = ReadonlyMap<string, readonly number[]>

export interface SoakSummary {
  readonly writes: number
  readonly reads: number
  readonly faults: number
  readonly chapters: number
  /** Of clients that never stopped asking; each lived from the beginning to now, or it is broken. */
  readonly sessions: number
  readonly gaps: Gaps
  readonly samples: Samples
  /** What broke; null if nothing did. */
  readonly broken: unknown
}

const WHOLE_MS_MAX = 60_000
const WRITES_MS_MAX = 30_000
const EXPIRY_MS_MAX = 60_000
const SAMPLE_MS = 1000
const TAIL_LINES = 40

export async function soak(options: SoakOptions): Promise<SoakSummary> {
  const folder = temporaryFolder()
  const voters = Array.from({ length: options.servers }, (_, i) => i + 1)
  const observer = options.servers + 1
  const ids = [...voters, observer]
  const network = IN_OWN_NETWORK ? new Namespaces(ids) : new Network()
  const disks = await disksOf(folder, ids)
  const ensemble = await Ensemble.prepare({
    ids,
    observers: [observer],
    ...between(network),
    environment: (id) => disks.get(id)?.environment ?? {},
  })
  const { faultMsMax } = options
  const run = new Soak(options, ensemble, { network, disks, voters, observer, faultMsMax })
  try {
    return await run.run()
  } finally {
    await ensemble.end()
    network.close()
    removeFolder(folder)
  }
}

function between(network: Namespaces | Network): EnsembleOptions {
  if (network instanceof Network) return { route: (from, to, own) => network.route(from, to, own) }
  return {
    hosts: (id) => network.hosts(id),
    command: (id) => [...network.enter(id), ...OUR_COMMAND],
  }
}

async function disksOf(
  folder: string,
  ids: readonly number[],
): Promise<ReadonlyMap<number, DiskFaults>> {
  const disks = new Map<number, DiskFaults>()
  if (shimSkip !== false) return disks
  for (const id of ids) disks.set(id, await DiskFaults.prepare(folder, `disk-${id}`))
  return disks
}

class Soak {
  readonly #options: SoakOptions
  readonly #ensemble: Ensemble
  readonly #tools: Tools
  readonly #random: Random
  readonly #load: Load
  readonly #probes: Probes
  readonly #samples = new Samples()
  readonly #gaps: Map<string, number[]> = new Map()
  readonly #beganMs = performance.now()
  #reads = 0
  #faults = 0
  #chapters = 0

  constructor(options: SoakOptions, ensemble: Ensemble, tools: Tools) {
    this.#options = options
    this.#ensemble = ensemble
    this.#tools = tools
    this.#random = seeded(options.seed)
    this.#load = new Load(ensemble.addresses, seeded(options.seed + 1), options.paceMs)
    const addresses = ensemble.members.map(({ address }) => address)
    this.#probes = new Probes(addresses, options.paceMs)
  }

  get #seconds(): number {
    return (performance.now() - this.#beganMs) / 1000
  }

  async run(): Promise<SoakSummary> {
    const sampling = setInterval(() => {
      this.#samples.take(Math.round(this.#seconds), this.#ensemble.members)
    }, SAMPLE_MS)
    let broken: unknown = null
    try {
      await this.#play()
    } catch (error) {
      broken = error
      this.#say(`broken: ${error}`)
      this.#options.say(this.#ensemble.tails(TAIL_LINES))
      await this.#keepEvidence()
    } finally {
      clearInterval(sampling)
      await Promise.all([this.#load.end(), this.#probes.stop()])
    }
    return this.#summary(broken)
  }

  #summary(broken: unknown): SoakSummary {
    return {
      writes: this.#load.acknowledged,
      reads: this.#reads,
      faults: this.#faults,
      chapters: this.#chapters,
      sessions: this.#options.clients,
      gaps: this.#gaps,
      samples: this.#samples,
      broken,
    }
  }

  /** Everybody is killed first: nothing is written to any more. */
  async #keepEvidence(): Promise<void> {
    const { evidence } = this.#options
    mkdirSync(evidence, { recursive: true })
    const { history, problems } = this.#load
    const { writes, reads } = history
    writeFileSync(join(evidence, 'history.json'), JSON.stringify({ writes, reads, problems }))
    await Promise.all(this.#ensemble.members.map((member) => member.kill()))
    for (const { id, lines } of this.#ensemble.members) {
      writeFileSync(join(evidence, `${id}.log`), `${lines.join('\n')}\n`)
      cpSync(this.#ensemble.dataFolder(id), join(evidence, String(id)), { recursive: true })
    }
    this.#say(`data, logs and history are in ${evidence}`)
  }

  async #play(): Promise<void> {
    const { seconds, chapterSeconds, clients } = this.#options
    this.#ensemble.start()
    await this.#ensemble.whole(WHOLE_MS_MAX)
    await this.#load.begin(clients)
    this.#say(`${this.#options.servers} servers, an observer, ${clients} clients`)
    while (this.#chapters === 0 || this.#seconds < seconds) {
      if (this.#chapters > 0) await this.#load.renew()
      this.#probes.begin()
      const endS = Math.min(seconds, this.#seconds + chapterSeconds)
      while (this.#seconds < endS && this.#load.problems.length === 0) await this.#round()
      await this.#reckon()
    }
  }

  async #round(): Promise<void> {
    const { roundSeconds } = this.#options
    const nextS = this.#seconds + roundSeconds
    const leader = await this.#ensemble.whole(WHOLE_MS_MAX)
    this.#faults++
    const isKill = this.#faults % 2 === 0
    const drawn = isKill ? leaderKill(this.#random) : drawFault(this.#random, this.#tools)
    await this.#load.visit(this.#random(2) === 0 ? 'closed' : 'abandoned')
    this.#probes.forget()
    const member = drawn.whom === 'leader' ? leader : this.#ensemble.member(drawn.whom)
    await drawn.fault.begin(member)
    await lasting(drawn.ms)
    await drawn.fault.end(member)
    await this.#ensemble.whole(WHOLE_MS_MAX)
    const before = this.#load.acknowledged
    const enough = before + this.#options.clients
    await until('writes go on', WRITES_MS_MAX, () => this.#load.acknowledged > enough)
    this.#note(drawn, member.id === leader.id)
    await lasting((nextS - this.#seconds) * 1000)
  }

  #note(drawn: SoakFault, isLeader: boolean): void {
    const gapMs = Math.round(this.#probes.gapMs)
    const name = `${drawn.fault.name.replace(/ \d+ ms/, '')}, ${isLeader ? 'leader' : 'follower'}`
    const known = this.#gaps.get(name) ?? []
    this.#gaps.set(name, [...known, gapMs])
    const what = `${tell(drawn)}: ${gapMs} ms without a write`
    this.#say(`fault ${this.#faults}: ${what}; ${this.#load.acknowledged} writes`)
  }

  /** The end of a chapter. */
  async #reckon(): Promise<void> {
    await Promise.all([this.#load.stop(), this.#probes.stop()])
    await until('visitors leave nothing', EXPIRY_MS_MAX, () => this.#load.visitorsAreGone())
    await this.#load.check()
    await replicasAgree(this.#ensemble)
    const { history } = this.#load
    await checkElsewhere(history)
    deepStrictEqual(this.#load.problems, [])
    this.#reads += history.reads.length
    this.#chapters++
    const { residentMiB, descriptors } = this.#samples.most()
    const counts = `${history.writes.length} writes, ${history.reads.length} reads`
    this.#say(
      `chapter ${this.#chapters} is sound: ${counts} in one order, all servers the same; ` +
        `at most ${residentMiB} MiB and ${descriptors} descriptors a server`,
    )
    this.#options.onChapter?.(this.#summary(null))
  }

  #say(text: string): void {
    this.#options.say(`${String(Math.round(this.#seconds)).padStart(5)} s  ${text}`)
  }
}

/** A fault lasts, and so does the calm after it: no wait for something to happen. */
function lasting(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
