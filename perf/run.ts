// Asks questions: each kind of server in turn, several times over, everything fresh each time.

import { latencyMetrics } from './load/histogram.ts'
import { type LoadResult, runLoad } from './load/load.ts'
import type { OperationName } from './load/spec.ts'
import type { Answer, Context, Loaded, Question, Result, ServersSettings } from './question.ts'
import { type ServerKind, Servers } from './servers/servers.ts'

/** What a server that has just started is warmed up with. */
const WARM: readonly OperationName[] = ['set', 'get', 'create', 'getChildren', 'multi']

export interface RunOptions {
  /** Values by name, for questions and for all. */
  readonly values: Readonly<Record<string, string>>
  readonly quick: boolean
  readonly dataDir?: string
  readonly onResult: (result: Result) => void
  readonly say: (text: string) => void
  readonly show: (text: string) => void
}

/** Asks the kinds in turn, so many times. The generator's own ceiling is measured first, once. */
export async function runQuestion(
  question: Question,
  kinds: readonly ServerKind[],
  repetitions: number,
  options: RunOptions,
): Promise<void> {
  if (question.hasCeiling === true) await runOnce(question, 'canned', 1, options)
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    for (const kind of kinds) await runOnce(question, kind, repetition, options)
  }
}

/** Asks one kind of server once. */
export async function runOnce(
  question: Question,
  kind: ServerKind,
  repetition: number,
  options: RunOptions,
): Promise<void> {
  await question.run(new RunContext(question, kind, repetition, options))
}

class RunContext implements Context {
  readonly kind: ServerKind
  readonly repetition: number
  readonly #question: Question
  readonly #options: RunOptions
  #loads = 0

  constructor(question: Question, kind: ServerKind, repetition: number, options: RunOptions) {
    this.#question = question
    this.kind = kind
    this.repetition = repetition
    this.#options = options
  }

  text(name: string): string {
    const given = this.#options.values[name]
    const option = this.#question.options[name]
    if (given !== undefined) return given
    if (option === undefined) throw new Error(`${this.#question.name} has no option --${name}`)
    return this.#options.quick ? option.quick : option.full
  }

  number(name: string): number {
    const value = Number(this.text(name))
    if (!Number.isFinite(value)) throw new Error(`--${name} ${this.text(name)}: must be a number`)
    return value
  }

  list(name: string): readonly string[] {
    return this.text(name).split(',')
  }

  serverCounts(name: string): readonly number[] {
    return this.kind === 'canned' ? [1] : this.list(name).map(Number)
  }

  async withServers(
    count: number,
    body: (servers: Servers) => Promise<void>,
    options: ServersSettings = {},
  ): Promise<void> {
    this.say(`starting ${count}`)
    const { dataDir } = this.#options
    const servers = await Servers.start({
      kind: this.kind,
      servers: count,
      ...options,
      ...(dataDir !== undefined && { dataDir }),
    })
    try {
      await body(servers)
    } finally {
      await servers.end()
    }
  }

  async warm(servers: Servers): Promise<void> {
    this.say('warming up')
    const share = 1 / WARM.length
    await runLoad({
      ports: servers.ports,
      name: 'warm',
      mix: WARM.map((operation) => ({ operation, share })),
      connections: 8,
      outstanding: 8,
      valueBytes: this.number('bytes'),
      warmupSeconds: 0,
      seconds: this.number('warm'),
    })
  }

  async load(servers: Servers, spec: Parameters<Context['load']>[1]): Promise<Loaded> {
    let startSeconds = 0
    const name = `${this.#question.name}-${++this.#loads}`
    const valueBytes = this.number('bytes')
    const least = this.kind === 'apache' ? this.number('warm-apache') : 0
    const warmupSeconds = Math.max(spec.warmupSeconds, least)
    const result = await runLoad(
      { ports: servers.ports, ...spec, name, valueBytes, warmupSeconds },
      {
        workers: this.number('generators'),
        onMeasuring: () => {
          startSeconds = servers.cpuSeconds()
        },
      },
    )
    const cpuSeconds = servers.cpuSeconds() - startSeconds
    return {
      result,
      metrics: {
        perSecond: result.perSecond,
        errors: result.errors,
        ...latencyMetrics(result.latency),
        ...latenciesByOperation(result),
        serverCpuSeconds: cpuSeconds,
        serverCpuUsPerOp: (cpuSeconds / Math.max(1, result.replies)) * 1e6,
        serverPeakMb: servers.peakBytes() / 2 ** 20,
        generatorBusy: result.generatorBusy,
        generatorCores: result.generatorCores,
        // Of its whole process, on the same processors as the servers.
        generatorCpuUsPerOp: (result.generatorCores / Math.max(1, result.perSecond)) * 1e6,
        // What the generator would reach with such requests if it never had to wait.
        generatorPerSecond: result.perSecond / result.generatorBusy,
      },
    }
  }

  answer(answer: Answer): void {
    const { kind: server, repetition } = this
    this.#options.onResult({ question: this.#question.name, server, repetition, ...answer })
  }

  show(text: string): void {
    this.#options.show(text)
  }

  say(text: string): void {
    this.#options.say(`${this.#question.name}, ${this.kind} ${this.repetition}: ${text}`)
  }
}

/** Such as getP50Us; nothing where one operation alone was asked for. */
function latenciesByOperation({ latencies }: LoadResult): Record<string, number> {
  const named = [...latencies].flatMap(([operation, latency]) =>
    Object.entries(latencyMetrics(latency)).map(([metric, us]): [string, number] => {
      return [`${operation}${metric.charAt(0).toUpperCase()}${metric.slice(1)}`, us]
    }),
  )
  return Object.fromEntries(named)
}
