// `dirs`: how large the data is.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReportSource } from './source.ts'

export const VERSION_FOLDER = 'version-2'

export interface FoldersReport {
  /** Bytes of snapshots. */
  readonly datadir_size: number
  /** Bytes of logs. */
  readonly logdir_size: number
}

export async function folders({ options }: Pick<ReportSource, 'options'>): Promise<FoldersReport> {
  const { dataDir, dataLogDir } = options
  const [data, log] = await Promise.all([folderBytes(dataDir), folderBytes(dataLogDir)])
  return { datadir_size: data, logdir_size: log }
}

/** Bytes of the files in a data folder; 0 if there are none yet. */
async function folderBytes(folder: string): Promise<number> {
  const path = join(folder, VERSION_FOLDER)
  const names = await readdir(path).catch((): string[] => [])
  // A file may have been purged meanwhile, and then has no size.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(path, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
