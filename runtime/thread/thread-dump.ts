// What SIGQUIT asks for, as with a Java process: a log line for the process, and one for each
// thread, whatever the log's level. A thread that is stuck does not say what its actor is doing.
// But that it is awake, and how long ago its last turn began, can be seen from outside.

import type { Logger } from '../process/logger.ts'
import { Doorbell } from '../ring/doorbell.ts'
import { nowMs } from '../shared/clock.ts'
import { type ActorName, countersOf, type Endpoint } from '../topology.ts'
import type { Description } from './thread-report.ts'
import type { Threads } from './threads.ts'

const ANSWER_MS_MAX = 500

export async function logThreads(
  logger: Logger,
  threads: Threads,
  facts: Readonly<Record<string, string | number>>,
): Promise<void> {
  const loud = logger.child({}, { level: 'info' })
  loud.info({ ...facts, ...processFacts() }, 'process report')
  const descriptions = await threads.describe(ANSWER_MS_MAX)
  loud.info(threadFacts(threads, 'network', ''), 'thread report')
  for (const actor of threads.actors) {
    loud.info(threadFacts(threads, actor, stateOf(actor, descriptions)), 'thread report')
  }
}

function stateOf(actor: ActorName, descriptions: ReadonlyMap<ActorName, Description>): string {
  const description = descriptions.get(actor)
  if (description === undefined) return `no answer within ${ANSWER_MS_MAX} ms`
  return `${description.state}; heap ${mebibytes(description.heapBytes)} MiB`
}

function processFacts(): Record<string, number> {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  return {
    uptimeS: Math.round(process.uptime()),
    residentMiB: mebibytes(rss),
    mainHeapMiB: mebibytes(heapUsed),
    externalMiB: mebibytes(external),
    arrayBuffersMiB: mebibytes(arrayBuffers),
  }
}

function threadFacts(
  { wiring }: Threads,
  thread: Endpoint,
  state: string,
): Record<string, unknown> {
  const { rings, turns } = countersOf(wiring)
  const counters = turns.find(([name]) => name === thread)?.[1]
  const inboxes = rings.filter(([, to]) => to === thread)
  return {
    thread,
    is: new Doorbell(wiring.bells[thread]).posture,
    ...(state !== '' && { state }),
    lastTurnMsAgo: counters?.turns ? Math.round(nowMs() - counters.startedMs) : 'never',
    turns: counters?.turns,
    messages: counters?.messages,
    longestTurnMs: Math.round(counters?.timedMaxMs ?? 0),
    inboxes: Object.fromEntries(
      inboxes.map(([from, , { occupancy, capacity, stalls }]) => [
        from,
        `${occupancy} of ${capacity} bytes, ${stalls} stalls`,
      ]),
    ),
  }
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1 << 20))
}
