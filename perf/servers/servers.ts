// Servers to measure: ours, Apache's or the canned one, alone or several, all configured alike, each
// a process of its own, with its data on a disk. What they cost is asked of the kernel.

import { fileURLToPath } from 'node:url'
import { Ensemble, type EnsembleOptions } from '../ensemble/ensemble.ts'
import { type Member, OUR_COMMAND } from '../ensemble/member.ts'
import { apacheCommand, loggingApacheCommand } from './apache-command.ts'
import { cpuSeconds, liveHeapBytes, memory } from './usage.ts'

export type ServerKind = 'ringkeeper' | 'apache' | 'canned'

const CANNED = fileURLToPath(new URL('./canned.js', import.meta.url))
const WHOLE_MS_MAX = 120_000

export interface ServersOptions extends Pick<EnsembleOptions, 'configurationOf' | 'route'> {
  readonly kind: ServerKind
  /** 1 is a standalone server. */
  readonly servers: number
  /** On a real disk: a sync in memory costs nothing. The system's temporary folder when absent. */
  readonly dataDir?: string
  /** Lines for every zoo.cfg. */
  readonly configuration?: readonly string[]
  /** Whether Apache's log too, as ours; it costs it something. */
  readonly logs?: boolean
  /** Put before the command, as a tracer is. It has to become the server, keeping its process id. */
  readonly wrap?: readonly string[]
  /** The canned server's arguments. */
  readonly cannedArguments?: readonly string[]
}

const running = new Set<Servers>()

/** Ends all that run, for a process that is told to stop. */
export async function endServers(): Promise<void> {
  await Promise.all([...running].map((servers) => servers.end()))
}

export class Servers {
  readonly kind: ServerKind
  readonly ensemble: Ensemble

  private constructor(kind: ServerKind, ensemble: Ensemble) {
    this.kind = kind
    this.ensemble = ensemble
  }

  /** Resolves when clients are served. */
  static async start(options: ServersOptions): Promise<Servers> {
    const { servers, dataDir, configuration, configurationOf, route, kind } = options
    const command = commandOf(options)
    const ensemble = await Ensemble.prepare({
      servers,
      command,
      ...(configuration && { configuration }),
      ...(configurationOf && { configurationOf }),
      ...(route && { route }),
      ...(dataDir !== undefined && { parent: dataDir }),
    })
    const all = new Servers(kind, ensemble)
    running.add(all)
    try {
      ensemble.start()
      await all.whole()
      return all
    } catch (error) {
      const tails = ensemble.tails(20)
      await all.end()
      throw new Error(`${kind}: ${error instanceof Error ? error.message : error}\n${tails}`)
    }
  }

  /** The leader, or the only one, once all serve. */
  whole(): Promise<Member> {
    return this.ensemble.whole(WHOLE_MS_MAX)
  }

  get ports(): readonly number[] {
    return this.ensemble.members.map(({ clientPort }) => clientPort)
  }

  /** Of all servers together, since they were started. */
  cpuSeconds(): number {
    return this.#sum((pid) => cpuSeconds(pid))
  }

  peakBytes(): number {
    return this.#sum((pid) => memory(pid).peakBytes)
  }

  residentBytes(): number {
    return this.#sum((pid) => memory(pid).residentBytes)
  }

  /** What Java heaps have in use after a collection, which this begins; null for others. */
  liveHeapBytes(): number | null {
    return this.kind === 'apache' ? this.#sum((pid) => liveHeapBytes(pid) ?? Number.NaN) : null
  }

  async end(): Promise<void> {
    running.delete(this)
    await this.ensemble.end()
  }

  #sum(of: (pid: number) => number): number {
    return this.ensemble.members.reduce((sum, { pid }) => sum + of(pid), 0)
  }
}

function commandOf(options: ServersOptions): readonly string[] {
  const { kind, wrap = [], cannedArguments = [], logs = false } = options
  if (kind === 'apache') return [...wrap, ...(logs ? loggingApacheCommand() : apacheCommand())]
  if (kind === 'canned') return [...wrap, process.execPath, CANNED, ...cannedArguments]
  return [...wrap, ...OUR_COMMAND]
}
