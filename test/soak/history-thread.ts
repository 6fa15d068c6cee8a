// Checks a history on a thread of its own: it takes its time, and the network between the servers is
// in the thread that asks.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { History } from '../ensemble/history.ts'

/** Rejects with what cannot have happened. */
export function checkElsewhere({ writes, reads }: History): Promise<void> {
  const thread = new Worker(new URL(import.meta.url), { workerData: { writes, reads } })
  return new Promise((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
  })
}

if (!isMainThread) {
  const { writes, reads } = workerData as Pick<History, 'writes' | 'reads'>
  new History(writes, reads).check()
  parentPort?.postMessage('sound')
}
