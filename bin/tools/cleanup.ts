// zkCleanup: removes snapshots and logs that no kept snapshot needs (ZooKeeper's PurgeTxnLog), with the same
// caution as a server's own purge.

import { existsSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { purgeable } from '../../actors/log/purge.ts'
import { NodeFiles } from '../../runtime/disk/files.ts'
import { type Output, ToolError } from './output.ts'

const FAILED = 1
const KEPT_MIN = 3
const VERSION_FOLDER = 'version-2'
const USAGE = `Usage:
PurgeTxnLog dataLogDir [snapDir] -n count
\tdataLogDir -- path to the txn log directory
\tsnapDir -- path to the snapshot directory
\tcount -- the number of old snaps/logs you want to keep, value should be greater than or equal to 3`

export function cleanup(args: readonly string[], output: Output): number {
  const folders = args.slice(0, -2)
  const [option, count = ''] = args.slice(-2)
  const [logFolder, snapFolder = logFolder, ...more] = folders
  if (option !== '-n' || logFolder === undefined || snapFolder === undefined || more.length > 0) {
    return usage(output)
  }
  for (const folder of folders) {
    if (!existsSync(folder)) return usage(output, `Path '${resolve(folder)}' does not exist. `)
  }
  if (!/^-?\d{1,9}$/.test(count)) return usage(output, `'${count}' can not be parsed to integer.`)
  if (Number(count) < KEPT_MIN) {
    return usage(output, `count should be greater than or equal to ${KEPT_MIN}`)
  }
  return purge(
    join(logFolder, VERSION_FOLDER),
    join(snapFolder, VERSION_FOLDER),
    Number(count),
    output,
  )
}

function usage(output: Output, problem: string = ''): number {
  if (problem !== '') process.stderr.write(`${problem}\n`)
  output.line(USAGE)
  return FAILED
}

const FORMAT: Intl.DateTimeFormat = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'medium',
})

function purge(log: string, snapshot: string, count: number, output: Output): number {
  for (const folder of [log, snapshot]) {
    if (!existsSync(folder)) throw new ToolError(`There is no folder ${folder}`, FAILED)
  }
  const files = new NodeFiles(log, snapshot)
  for (const removal of purgeable(files, count, new Set())) {
    const path = join(removal.folder === 'log' ? log : snapshot, removal.name)
    output.line(`Removing file: ${FORMAT.format(statSync(path).mtime)}\t${path}`)
    rmSync(path)
    // One after the other: a snapshot never outlives the logs behind it.
    files.syncFolder(removal.folder)
  }
  return 0
}
