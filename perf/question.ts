// What a question to the servers is, and what it is given to find the answer.

import type { LoadResult } from './load/load.ts'
import type { LoadSpec } from './load/spec.ts'
import type { ServerKind, Servers, ServersOptions } from './servers/servers.ts'

/** One measurement of one kind of server. */
export interface Result {
  readonly question: string
  /** What was done, alike for all kinds of servers. */
  readonly variant: string
  readonly server: ServerKind
  /** From 1 on. */
  readonly repetition: number
  /** By name; the name's end says the unit. */
  readonly metrics: Readonly<Record<string, number>>
  /** A packed histogram (load/histogram.ts). */
  readonly latency?: string
  readonly timeline?: Timeline
}

/** Numbers by stretches of time. */
export interface Timeline {
  readonly bucketMs: number
  /** Where the first stretch begins; what is looked at happens at 0. */
  readonly startMs: number
  readonly values: readonly number[]
  /** What is counted. */
  readonly what: string
}

export type Answer = Pick<Result, 'variant' | 'metrics' | 'latency' | 'timeline'>

export interface QuestionOption {
  readonly full: string
  /** With --quick. */
  readonly quick: string
  readonly help: string
}

export interface Question {
  readonly name: string
  readonly summary: string
  readonly options: Readonly<Record<string, QuestionOption>>
  /** Whether the load generator's own ceiling belongs to the answer. */
  readonly hasCeiling?: boolean
  /** Asks one kind of server once. */
  run(context: Context): Promise<void>
}

export type ServersSettings = Pick<
  ServersOptions,
  'configuration' | 'configurationOf' | 'route' | 'logs' | 'wrap'
>

export interface Context {
  readonly kind: ServerKind
  readonly repetition: number
  /** An option's value: of the question's own, and of those in arguments.ts. */
  text(name: string): string
  number(name: string): number
  /** Of values between commas. */
  list(name: string): readonly string[]
  /** An option's numbers of servers. The canned one always stands alone. */
  serverCounts(name: string): readonly number[]
  /** Starts servers, and ends them whatever happens. */
  withServers(
    servers: number,
    body: (servers: Servers) => Promise<void>,
    options?: ServersSettings,
  ): Promise<void>
  /** Lets a server that has just started compile and grow what it needs, with requests of all kinds. */
  warm(servers: Servers): Promise<void>
  /** Runs a load, on the servers' ports for plain text unless others are given, and says what it costs
   * the servers besides. */
  load(
    servers: Servers,
    spec: Omit<LoadSpec, 'ports' | 'name' | 'valueBytes'> & { readonly ports?: readonly number[] },
  ): Promise<Loaded>
  answer(answer: Answer): void
  /** A table for people, of which the answer has the figures. */
  show(text: string): void
  /** For the progress line. */
  say(text: string): void
}

export interface Loaded {
  readonly result: LoadResult
  /** Rate, errors, latencies, and the cost of it all. */
  readonly metrics: Readonly<Record<string, number>>
}
