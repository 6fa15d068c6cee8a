// The pool for jobs that end: one worker, idle workers ended. The only file that knows piscina.

import { Piscina } from 'piscina'
import type { SnapshotWritten } from './disk/snapshot-writer.ts'
import type { SnapshotJob } from './snapshot-job.ts'

const IDLE_MS = 2000

export class JobPool {
  readonly #pool: Piscina = new Piscina({
    filename: new URL('./snapshot-job.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
  })

  saveSnapshot(job: SnapshotJob): Promise<SnapshotWritten> {
    return this.#pool.run(job, { name: 'saveSnapshot' })
  }

  /** Waits for what runs. */
  async close(): Promise<void> {
    await this.#pool.close()
  }
}
