// The pool for jobs that end: one worker, idle workers ended. The only file that knows piscina,
// which is loaded for the first job: no start waits for it.

import type { Piscina } from 'piscina'
import type { SnapshotWritten } from './disk/snapshot-writer.ts'
import type { SnapshotJob } from './snapshot-job.ts'

const IDLE_MS = 2000

export class JobPool {
  #pool: Promise<Piscina> | null = null

  async saveSnapshot(job: SnapshotJob): Promise<SnapshotWritten> {
    this.#pool ??= startPool()
    return await (await this.#pool).run(job, { name: 'saveSnapshot' })
  }

  /** Waits for what runs. */
  async close(): Promise<void> {
    await (await this.#pool)?.close()
  }
}

async function startPool(): Promise<Piscina> {
  const { Piscina } = await import('piscina')
  return new Piscina({
    filename: new URL('./snapshot-job.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
  })
}
