// The way of a lone write through the threads of all servers, from what each of them wrote down
// (probe.ts): who did what, how long after the client's server heard of it.
//
// A write begins when that server's network thread hears from its client, and ends when the thread has
// sent the reply. An event is known by its server, its thread, what it is, and how many of its kind came
// before it in the same write. What happens in half of the writes at least is shown, with medians.

import { existsSync, readFileSync } from 'node:fs'
import type { NamedThread } from '../flame/name-thread.ts'
import { EVENTS, type EventName, eventsFile, RECORD_DOUBLES } from './probe.ts'

export interface ThreadEvents {
  /** `server 1, follower` */
  readonly server: string
  readonly thread: string
  readonly events: readonly Event[]
}

export interface Event {
  readonly name: EventName
  readonly fromUs: number
  readonly toUs: number
}

export interface Step {
  readonly server: string
  readonly thread: string
  readonly name: EventName
  /** Since the write began; medians. A park that began before the write begins below 0. */
  readonly fromUs: number
  readonly toUs: number
  /** In which share of the writes it happened. */
  readonly share: number
}

const SHARE_MIN = 0.5
/** A write that took longer says nothing about the usual one. */
const WRITE_US_MAX = 20_000

export function readEvents(to: string, { pid, threadId }: NamedThread): Event[] {
  const file = eventsFile(to, pid, threadId)
  if (!existsSync(file)) return []
  const bytes = readFileSync(file)
  const doubles = new Float64Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 8))
  return Array.from({ length: Math.floor(doubles.length / RECORD_DOUBLES) }, (_, i) => {
    const [what = 0, fromUs = 0, toUs = 0] = doubles.subarray(i * RECORD_DOUBLES)
    return { name: EVENTS[what]!, fromUs, toUs }
  })
}

/** When the writes of the client began and ended. `network`: the thread that serves the client. */
export function writesOf(network: readonly Event[]): { fromUs: number; toUs: number }[] {
  const writes: { fromUs: number; toUs: number }[] = []
  let fromUs: number | null = null
  for (const { name, ...event } of network.toSorted((a, b) => a.fromUs - b.fromUs)) {
    if (name === 'heard') fromUs = event.fromUs
    if (name !== 'sent' || fromUs === null) continue
    if (event.toUs - fromUs < WRITE_US_MAX) writes.push({ fromUs, toUs: event.toUs })
    fromUs = null
  }
  return writes
}

/** What most of these writes did, by when it ended. */
export function timeLine(
  threads: readonly ThreadEvents[],
  writes: readonly { fromUs: number; toUs: number }[],
): Step[] {
  const steps: Step[] = []
  for (const { server, thread, events } of threads) {
    const found = new Map<string, { name: EventName; from: number[]; to: number[] }>()
    const sorted = events.toSorted((a, b) => a.toUs - b.toUs)
    let at = 0
    for (const write of writes) {
      while (at < sorted.length && sorted[at]!.toUs < write.fromUs) at++
      const counts = new Map<EventName, number>()
      for (let i = at; i < sorted.length && sorted[i]!.toUs <= write.toUs; i++) {
        const { name, fromUs, toUs } = sorted[i]!
        const count = counts.get(name) ?? 0
        counts.set(name, count + 1)
        const step = found.get(`${name} ${count}`) ?? { name, from: [], to: [] }
        found.set(`${name} ${count}`, step)
        step.from.push(fromUs - write.fromUs)
        step.to.push(toUs - write.fromUs)
      }
    }
    for (const { name, from, to } of found.values()) {
      const share = from.length / writes.length
      if (share < SHARE_MIN) continue
      steps.push({ server, thread, name, fromUs: median(from), toUs: median(to), share })
    }
  }
  return steps.sort((a, b) => a.toUs - b.toUs)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
