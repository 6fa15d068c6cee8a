// Preloaded into every thread of a server that is looked at (`--import`): writes down which actor
// the thread runs, a line of JSON each, into the file that the `to` of its URL names. V8's profiles
// and the kernel's counters know threads by number only.

import { appendFileSync, readlinkSync } from 'node:fs'
import { isMainThread, threadId, workerData } from 'node:worker_threads'

export interface NamedThread {
  readonly pid: number
  /** Node's number: 0 is the main thread. It is in the name of the profile's file. */
  readonly threadId: number
  /** The kernel's; null where there is no /proc. */
  readonly tid: number | null
  /** The actor, `network`, or `pool` for the workers that write snapshots. */
  readonly name: string
}

function kernelId(): number | null {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  } catch {
    return null
  }
}

const to = new URL(import.meta.url).searchParams.get('to')
if (to !== null) {
  const { actor } = (workerData ?? {}) as { actor?: string }
  const name = isMainThread ? 'network' : (actor ?? 'pool')
  const thread: NamedThread = { pid: process.pid, threadId, tid: kernelId(), name }
  appendFileSync(to, `${JSON.stringify(thread)}\n`)
}
