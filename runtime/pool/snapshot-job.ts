// A job of the pool: writes the snapshot file of a frozen tree, whose pages it reads in place.

import { join } from 'node:path'
import type { Compression } from '../../actors/log/files/file-names.ts'
import type { FrozenTree } from '../../actors/tree/snapshot/snapshot-source.ts'
import { contentOf } from '../disk/snapshot-content.ts'
import { type SnapshotWritten, writeSnapshot } from '../disk/snapshot-writer.ts'

export interface SnapshotJob {
  readonly frozen: FrozenTree
  readonly dataDir: string
  readonly compression: Compression
  /** Whether the file ends with the last processed zxid (3.9). */
  readonly withLastZxid: boolean
}

export function saveSnapshot(job: SnapshotJob): SnapshotWritten {
  return writeSnapshot(
    join(job.dataDir, 'version-2'),
    contentOf(job.frozen, job.withLastZxid),
    job.compression,
  )
}
