// `last_snapshot`: the newest snapshot file.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { VERSION_FOLDER } from './folders.ts'
import type { ReportSource } from './source.ts'

export interface LastSnapshotReport {
  /** Hexadecimal without 0x; -1 as 64 bits if there is no snapshot, as with ZooKeeper. */
  readonly zxid: string
  /** When the file was changed last, in seconds since 1970; -1 if there is no snapshot. */
  readonly timestamp: number
}

const NONE: LastSnapshotReport = { zxid: 'ffffffffffffffff', timestamp: -1 }
const NAME = /^snapshot\.([0-9a-f]{1,16})(\.\w+)?$/
const MS_A_SECOND = 1000

export async function lastSnapshot({
  options,
}: Pick<ReportSource, 'options'>): Promise<LastSnapshotReport> {
  const folder = join(options.dataDir, VERSION_FOLDER)
  const names = await readdir(folder).catch((): string[] => [])
  let newest = { name: '', zxid: -1n }
  for (const name of names) {
    const zxid = BigInt(`0x${NAME.exec(name)?.[1] ?? '0'}`)
    if (NAME.test(name) && zxid > newest.zxid) newest = { name, zxid }
  }
  if (newest.zxid < 0n) return NONE
  // The file may have been purged since.
  const { mtimeMs } = await stat(join(folder, newest.name)).catch(() => ({ mtimeMs: -MS_A_SECOND }))
  return { zxid: newest.zxid.toString(16), timestamp: Math.floor(mtimeMs / MS_A_SECOND) }
}
