// Copies the data of a server, which may go on running:
//
//   ringkeeper backup zoo.cfg|DATADIR [--log DATALOGDIR] TARGET
//
// Into the same TARGET again, it copies what is new. TARGET is a data folder: restore.ts reads it.

import { existsSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { formatZxid } from '../protocol/zxid.ts'
import { backup } from './backup/backup.ts'
import { dataFolders } from './backup/data-folders.ts'
import { ToolError } from './tools/output.ts'

const USAGE = `Usage: ringkeeper backup [--log DATALOGDIR] zoo.cfg|DATADIR TARGET

Copies snapshots, logs and epochs of a server that may be running into the folder TARGET, and compares their
checksums on the way. Run again, it copies what is new. What the server has purged meanwhile stays in TARGET.
`
const BAD_INVOCATION = 2

async function main(args: readonly string[]): Promise<number> {
  const options = {
    log: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const [from, target, ...more] = positionals
  if (from === undefined || target === undefined || more.length > 0) {
    throw new ToolError(USAGE.trimEnd(), BAD_INVOCATION)
  }
  if (existsSync(target) && !statSync(target).isDirectory()) {
    throw new ToolError(`${target} is no folder`, BAD_INVOCATION)
  }
  const { lastZxid, snapshots, logs, bytes } = await backup(dataFolders(from, values.log), target)
  process.stdout.write(
    `${target}: up to ${formatZxid(lastZxid)}; ${snapshots} snapshots, ${logs} logs, ${bytes} new bytes\n`,
  )
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = error instanceof ToolError ? error.code : BAD_INVOCATION
}
