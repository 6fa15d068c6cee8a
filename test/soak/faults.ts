// What is done to the servers of a soak, drawn from its seed: what test/ensemble/faults.ts does to a
// process and its network, longer; and a disk that is slow, hangs, is full or fails.

import { cut, type Fault, kill, type Links, silence, stop } from '../ensemble/faults.ts'
import type { DiskFault, DiskFaults } from '../support/disk-shim/disk-shim.ts'
import { Namespaces } from '../support/network/namespaces.ts'
import type { Random } from '../support/random.ts'
import { until } from '../support/until.ts'

export interface SoakFault {
  readonly fault: Fault
  /** The leader, or the server of this id. */
  readonly whom: 'leader' | number
  readonly ms: number
}

const END_MS_MAX = 30_000
const SHORT_MS = 300
/** Everything that the server keeps, and what it must not fail to write. */
const FILES = '/version-2/'
const LOG = '/version-2/log.'

export interface Tools {
  readonly network: Links
  /** By server; empty where there is no compiler. */
  readonly disks: ReadonlyMap<number, DiskFaults>
  readonly voters: readonly number[]
  /** Suffers what a process survives, and nothing else. */
  readonly observer: number
  readonly faultMsMax: number
}

export function drawFault(random: Random, tools: Tools): SoakFault {
  const { disks, voters, observer, faultMsMax } = tools
  const hasDisks = disks.size > 0
  const survived = [...networkFaults(random, tools), stop, stop]
  if (hasDisks) survived.push(...slowDisks(random, tools))
  const fatal = [kill, ...(hasDisks ? brokenDisks(random, tools) : [])]
  const at = random(survived.length + fatal.length)
  const isFatal = at >= survived.length
  const fault = [...survived, ...fatal][at]!()
  const servers = isFatal ? voters : [...voters, observer]
  const whom = random(2) === 0 ? 'leader' : servers[random(servers.length)]!
  return { fault, whom, ms: SHORT_MS + random(faultMsMax - SHORT_MS) }
}

export function leaderKill(random: Random): SoakFault {
  return { fault: kill(), whom: 'leader', ms: SHORT_MS + random(SHORT_MS) }
}

function networkFaults(random: Random, { network, voters }: Tools): (() => Fault)[] {
  const faults = [
    () => cut(network),
    () => silence(network, 'both'),
    () => silence(network, 'hears nobody'),
    () => silence(network, 'is not heard'),
  ]
  const other = voters[random(voters.length)]!
  if (network instanceof Namespaces) faults.push(() => part(network, voters, other))
  return faults
}

/** Those two do not hear each other; the others hear both. */
function part(network: Namespaces, voters: readonly number[], other: number): Fault {
  return {
    name: 'silence: with one other',
    begin: async ({ id }) =>
      network.part(id, id === other ? voters.find((one) => one !== id)! : other),
    end: () => network.heal(),
  }
}

function slowDisks(random: Random, { disks }: Tools): (() => Fault)[] {
  const delayMs = 20 + random(1500)
  return [() => slow(disks, delayMs), () => slow(disks, delayMs), () => slow(disks, 0)]
}

function brokenDisks(random: Random, { disks }: Tools): (() => Fault)[] {
  const code = random(2) === 0 ? 'EIO' : 'ENOSPC'
  const call = random(2) === 0 ? 'sync' : 'write'
  const error = code === 'ENOSPC' ? 'write' : call
  const after = random(20)
  return [
    () =>
      broken(disks, `${error} fails with ${code}`, [
        { call: error, path: LOG, what: 'error', code, after },
      ]),
    () =>
      broken(disks, 'a write is torn', [
        { call: 'write', path: LOG, what: 'short', bytes: 1 + random(40), after, times: 1 },
        { call: 'write', path: LOG, what: 'error', code: 'EIO', after },
      ]),
  ]
}

/** Each sync takes so long; for 0, until the fault is over. */
function slow(disks: Tools['disks'], ms: number): Fault {
  const rule = { call: 'sync', path: FILES } as const
  return {
    name: ms === 0 ? 'disk: syncs hang' : `disk: a sync takes ${ms} ms`,
    async begin({ id }) {
      disks.get(id)?.set(ms === 0 ? { ...rule, what: 'hang' } : { ...rule, what: 'delay', ms })
    },
    end: ({ id }) => disks.get(id)?.clear(),
  }
}

/** The process ends when it runs into it, and is started again with a whole disk. */
function broken(disks: Tools['disks'], name: string, rules: readonly DiskFault[]): Fault {
  return {
    name: `disk: ${name}`,
    begin: async ({ id }) => disks.get(id)?.set(...rules),
    async end(member) {
      const disk = disks.get(member.id)
      const isFelt = disk?.isFelt(rules.length - 1) === true
      if (isFelt) await until('it ends', END_MS_MAX, () => !member.isRunning)
      disk?.clear()
      if (!member.isRunning) member.start()
    },
  }
}

export function tell({ fault, whom, ms }: SoakFault): string {
  return `${fault.name}, ${whom === 'leader' ? 'the leader' : `server ${whom}`}, ${ms} ms`
}
