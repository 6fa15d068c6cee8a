// What each thread of each server takes, as Linux counts it: wake-ups, processor time, the wait for a
// core, and system calls that read and write.

import { readdirSync, readFileSync } from 'node:fs'
import type { Ensemble } from '../ensemble/ensemble.ts'
import type { NamedThread } from '../flame/name-thread.ts'

/** Since the thread began. */
export interface Counts {
  /** It had nothing to do, and was woken. */
  readonly wakeUps: number
  /** Its core was taken away from it. */
  readonly preempted: number
  readonly cpuUs: number
  /** Ready to run, without a core. */
  readonly queuedUs: number
  /** System calls that read, and that write, files and sockets. */
  readonly reads: number
  readonly writes: number
}

const NOTHING: Counts = { wakeUps: 0, preempted: 0, cpuUs: 0, queuedUs: 0, reads: 0, writes: 0 }
/** Threads without a name of ours: V8's, for garbage and compiling, and libuv's. */
export const HELPERS = 'helpers'

export interface Server {
  /** `server 1, follower` */
  readonly label: string
  readonly pid: number
}

/** In the order of their ids. */
export async function serversOf(ensemble: Ensemble): Promise<Server[]> {
  const states = await ensemble.states()
  return ensemble.members.map(({ id, pid }, i) => {
    return { label: `server ${id}, ${states[i]?.mode ?? 'silent'}`, pid }
  })
}

/** By the thread's name; threads of one name are added up. `named`: those of ours; a thread that is
 * not among them goes by what the system calls it, if that says anything. */
export function countsOf(pid: number, named: readonly NamedThread[]): Map<string, Counts> {
  const counts = new Map<string, Counts>()
  const ours = new Map(named.filter((one) => one.pid === pid).map(({ tid, name }) => [tid, name]))
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    try {
      const name = ours.get(Number(tid)) ?? systemName(pid, tid, ours.size > 0)
      counts.set(name, sum(counts.get(name) ?? NOTHING, threadCounts(pid, tid)))
    } catch {
      // It has ended since it was listed.
    }
  }
  return counts
}

/** Per write, of the threads that did anything. */
export function perWrite(
  before: ReadonlyMap<string, Counts>,
  after: ReadonlyMap<string, Counts>,
  writes: number,
): Map<string, Counts> {
  const each = new Map<string, Counts>()
  for (const [name, counts] of after) {
    const from = before.get(name) ?? NOTHING
    each.set(
      name,
      mapped((key) => (counts[key] - from[key]) / writes),
    )
  }
  return each
}

export function sum(a: Counts, b: Counts): Counts {
  return mapped((key) => a[key] + b[key])
}

function mapped(value: (key: keyof Counts) => number): Counts {
  return {
    wakeUps: value('wakeUps'),
    preempted: value('preempted'),
    cpuUs: value('cpuUs'),
    queuedUs: value('queuedUs'),
    reads: value('reads'),
    writes: value('writes'),
  }
}

function systemName(pid: number, tid: string, isOurs: boolean): string {
  if (isOurs) return HELPERS
  const name = readFileSync(`/proc/${pid}/task/${tid}/comm`, 'latin1').trim()
  return name.replace(/[#:]?\d+$/, '')
}

function threadCounts(pid: number, tid: string): Counts {
  const of = (file: string): string => readFileSync(`/proc/${pid}/task/${tid}/${file}`, 'latin1')
  const [runNs = 0, queuedNs = 0] = of('schedstat').split(' ').map(Number)
  const [status, io] = [of('status'), of('io')]
  const number = (text: string, name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return {
    wakeUps: number(status, 'voluntary_ctxt_switches'),
    preempted: number(status, 'nonvoluntary_ctxt_switches'),
    cpuUs: runNs / 1000,
    queuedUs: queuedNs / 1000,
    reads: number(io, 'syscr'),
    writes: number(io, 'syscw'),
  }
}
