// What is done to one server of an ensemble at a time, drawn from a seed: killed, stopped for a
// while, cut off, or silent in one direction or both; two of these together now and then.

import type { Ensemble } from '../../perf/ensemble/ensemble.ts'
import type { Member } from '../../perf/ensemble/member.ts'
import type { Random } from '../support/random.ts'

const SHORT_MS = 200
const LONG_MS = 3000

/** The network between servers: proxies (proxy.ts), or the kernel's (support/network/namespaces.ts). */
export interface Links {
  cut(id: number): void
  silence(id: number, what: 'hears nobody' | 'is not heard' | 'both'): void
  heal(): void
}

export interface Fault {
  readonly name: string
  begin(member: Member): Promise<void>
  end(member: Member): void | Promise<void>
}

export function kill(): Fault {
  return {
    name: 'kill',
    begin: (member) => member.kill(),
    end(member) {
      if (!member.isRunning) member.start()
    },
  }
}

export function stop(): Fault {
  return {
    name: 'stop',
    begin: async (member) => member.signal('SIGSTOP'),
    end: (member) => member.signal('SIGCONT'),
  }
}

export function cut(network: Links): Fault {
  return {
    name: 'cut',
    begin: async ({ id }) => network.cut(id),
    end: () => network.heal(),
  }
}

export function silence(network: Links, what: 'hears nobody' | 'is not heard' | 'both'): Fault {
  return {
    name: `silence: ${what}`,
    begin: async ({ id }) => network.silence(id, what),
    end: () => network.heal(),
  }
}

export interface Drawn {
  readonly faults: readonly Fault[]
  /** The leader, or the n-th server. */
  readonly whom: 'leader' | number
  /** How long it lasts, in ms. */
  readonly ms: number
}

export function draw(random: Random, network: Links): Drawn {
  const all = [
    kill,
    kill,
    stop,
    stop,
    () => cut(network),
    () => silence(network, 'both'),
    () => silence(network, 'hears nobody'),
    () => silence(network, 'is not heard'),
  ]
  const faults = [all[random(all.length)]!()]
  if (random(4) === 0) faults.push(all[random(all.length)]!())
  const whom = random(2) === 0 ? 'leader' : random(3)
  return { faults, whom, ms: SHORT_MS + random(LONG_MS - SHORT_MS) }
}

/** Resolves when it is over: the server runs, and hears and is heard. */
export async function inflict(drawn: Drawn, ensemble: Ensemble, leader: Member): Promise<void> {
  const member = drawn.whom === 'leader' ? leader : ensemble.members[drawn.whom]!
  for (const fault of drawn.faults) await fault.begin(member)
  // A fault lasts: this is no wait for something to happen.
  await new Promise((resolve) => setTimeout(resolve, drawn.ms))
  for (const fault of drawn.faults) await fault.end(member)
}

export function tell({ faults, whom, ms }: Drawn): string {
  const names = faults.map(({ name }) => name).join(' and ')
  return `${names} ${whom === 'leader' ? 'the leader' : `server ${whom + 1}`} for ${ms} ms`
}
