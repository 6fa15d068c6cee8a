// A job of the pool: writes the snapshot file of a frozen tree. It reads the tree's pages in place.

import { join } from 'node:path'
import { type FrozenTree, snapshotBody } from '../actors/tree/snapshot-source.ts'
import { DIGEST_VERSION } from '../protocol/txn.ts'
import { type SnapshotWritten, writeSnapshot } from './disk/snapshot-writer.ts'

export interface SnapshotJob {
  readonly frozen: FrozenTree
  readonly dataDir: string
  readonly compression: '' | 'gz'
  /** Whether the file ends with the last processed zxid (3.9). */
  readonly withLastZxid: boolean
}

export function saveSnapshot(job: SnapshotJob): SnapshotWritten {
  const { frozen } = job
  const digest = frozen.digest === null ? null : { version: DIGEST_VERSION, value: frozen.digest }
  return writeSnapshot(
    join(job.dataDir, 'version-2'),
    {
      zxid: frozen.zxid,
      chunks: snapshotBody(frozen),
      digest,
      lastProcessedZxid: job.withLastZxid ? frozen.zxid : null,
    },
    job.compression === 'gz' ? 'gz' : 'none',
  )
}
