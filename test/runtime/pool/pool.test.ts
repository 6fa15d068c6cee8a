// The pool where its worker cannot be started: the job fails, the process does not, and the next job
// is done.

import { rejects, strictEqual } from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import threads, { Worker } from 'node:worker_threads'
import { type FrozenTree, freeze } from '../../../actors/tree/snapshot/snapshot-source.ts'
import { DataTree } from '../../../actors/tree/store/data-tree.ts'
import { ZXID_ZERO } from '../../../protocol/zxid.ts'
import type { SnapshotWritten } from '../../../runtime/disk/snapshot-writer.ts'
import { JobPool, SAVE_SNAPSHOT } from '../../../runtime/pool/pool.ts'
import type { SnapshotJob } from '../../../runtime/pool/snapshot-job.ts'
import { removeFolder, temporaryFolder } from '../../support/own-server.ts'

function frozenTree(): FrozenTree {
  const options = { digestEnabled: true, extendedTypes: true }
  return freeze(new DataTree(options, { changed: () => undefined }), ZXID_ZERO)
}

describe('a worker', () => {
  let folder: string
  let pool: JobPool<SnapshotJob, SnapshotWritten>
  const job = (): SnapshotJob => ({
    frozen: frozenTree(),
    dataDir: folder,
    compression: '',
    withLastZxid: true,
  })

  beforeEach(() => {
    folder = temporaryFolder()
    mkdirSync(join(folder, 'version-2'))
    pool = new JobPool(SAVE_SNAPSHOT)
  })
  afterEach(async () => {
    mock.restoreAll()
    await pool.close()
    removeFolder(folder)
  })

  const FAILURES = [
    [
      'cannot be made',
      class {
        constructor() {
          throw new Error('no thread')
        }
      },
    ],
    [
      'ends before its work',
      class extends Worker {
        constructor() {
          super('throw new Error("no code")', { eval: true })
        }
      },
    ],
    [
      'exits before its work',
      class extends Worker {
        constructor() {
          super('process.exit(3)', { eval: true })
        }
      },
    ],
  ] as const
  for (const [what, failure] of FAILURES) {
    test(`that ${what}`, async () => {
      mock.method(threads, 'Worker', failure as never)
      await rejects(pool.run(job()), /no thread|no code|the worker ended/)
      mock.restoreAll()
      strictEqual((await pool.run(job())).name, 'snapshot.0')
    })
  }
})
