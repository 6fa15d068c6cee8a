// What the log files of a data folder hold, whoever wrote them.

import { existsSync } from 'node:fs'
import { sortedLogs } from '../../actors/log/files/file-names.ts'
import { LogScanner } from '../../actors/log/files/log-scanner.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { NodeFiles } from '../../runtime/disk/files.ts'

const ENTRY_BYTES_MAX = 2 ** 20

/** The zxids of its transactions as they stand in its log files, committed or not; none if no server has ever
 * used it. */
export function zxidsIn(folder: string): Zxid[] {
  const found: Zxid[] = []
  if (!existsSync(folder)) return found
  const files = new NodeFiles(folder, folder)
  for (const { name } of sortedLogs(files.list('log'))) {
    const file = files.open('log', name, 'read')
    const scanner = new LogScanner(name, file, ENTRY_BYTES_MAX)
    while (scanner.next() === 'entry') found.push(scanner.zxid)
    file.close()
  }
  return found
}
