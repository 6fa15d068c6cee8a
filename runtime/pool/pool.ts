// A pool for jobs that end: one worker, which ends when it is idle. This is the only file that
// knows piscina, which is loaded for the first job, so that no start waits for it.
//
// If a worker cannot be started (no memory, no thread, no file descriptor, its code is gone), the
// job fails, and not the server. The pool would try no other worker and leave the job waiting; so
// it is thrown away, and the next job gets a new one.

import type { Piscina } from 'piscina'
import type { SnapshotWritten } from '../disk/snapshot-writer.ts'
import type { FeedJob, FeedRead } from '../feed/feed-job.ts'
import type { SnapshotJob } from './snapshot-job.ts'

/** A kind of job: the file of its code, the function there, and when its worker is idle. */
export interface JobKind<_Job, _Done> {
  readonly file: URL
  readonly name: string
  readonly idleMs: number
}

export const SAVE_SNAPSHOT: JobKind<SnapshotJob, SnapshotWritten> = {
  file: new URL('./snapshot-job.js', import.meta.url),
  name: 'saveSnapshot',
  idleMs: 2000,
}

export const READ_FEED: JobKind<FeedJob, FeedRead> = {
  file: new URL('../feed/feed-job.js', import.meta.url),
  name: 'readFeed',
  idleMs: 30_000,
}

export class JobPool<Job, Done> {
  readonly #kind: JobKind<Job, Done>
  #pool: Piscina | null = null

  constructor(kind: JobKind<Job, Done>) {
    this.#kind = kind
  }

  /** One at a time. */
  async run(job: Job): Promise<Done> {
    const pool = this.#pool ?? (await startPool(this.#kind))
    this.#pool = null
    // If this throws, there is no worker, and nothing to end.
    const done: Promise<Done> = pool.run(job, { name: this.#kind.name })
    this.#pool = pool
    const failure = watchFailure(pool)
    // Whichever of the two comes second has been dealt with.
    for (const each of [done, failure.comes]) each.catch(() => undefined)
    try {
      return await Promise.race([done, failure.comes])
    } catch (error) {
      this.#pool = null
      void pool.destroy()
      throw error
    } finally {
      failure.stop()
    }
  }

  /** Waits for the job under way. */
  async close(): Promise<void> {
    await this.#pool?.close()
  }
}

/** `comes` rejects when the worker ends, with the reason if there is one. */
function watchFailure(pool: Piscina): { comes: Promise<never>; stop: () => void } {
  let fail: (error: unknown) => void = () => undefined
  const comes = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const ended = (): void => {
    // The reason follows at once.
    setImmediate(fail, new Error('the worker ended'))
  }
  pool.once('error', fail)
  pool.once('workerDestroy', ended)
  return {
    comes,
    stop: () => pool.off('error', fail).off('workerDestroy', ended),
  }
}

async function startPool<Job, Done>({ file, idleMs }: JobKind<Job, Done>): Promise<Piscina> {
  const { Piscina } = await import('piscina')
  const pool = new Piscina({
    filename: file.href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: idleMs,
  })
  // Also for a worker that has nothing to do.
  pool.on('error', () => undefined)
  return pool
}
