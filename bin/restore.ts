// Takes a data folder, or a subtree of a running server, back to a moment: what docs/data.md says.
//
//   ringkeeper restore --zxid Z|--time T|--latest --from BACKUP zoo.cfg|DATADIR [--log DATALOGDIR] [--dry-run]
//   ringkeeper restore --zxid Z|--time T|--latest --from BACKUP --path PATH [--server HOST:PORT] [--dry-run]

import { existsSync, mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EPOCH_MAX, formatZxid, type Zxid } from '../protocol/zxid.ts'
import { DataLock, DataLockError } from '../runtime/disk/data-lock.ts'
import { NodeFiles } from '../runtime/disk/files.ts'
import { type DataFolders, dataFolders } from './backup/data-folders.ts'
import { versionFolder } from './backup/folders.ts'
import { type Moment, type Plan, planRestore, restore } from './backup/restore.ts'
import { checkPath, restorePath } from './backup/subtree/restore-path.ts'
import { ToolError } from './tools/output.ts'

const USAGE = `Usage: ringkeeper restore --zxid Z|--time T|--latest --from BACKUP [--from-log FOLDER]
                          [--dry-run] [--log DATALOGDIR] zoo.cfg|DATADIR
       ringkeeper restore --zxid Z|--time T|--latest --from BACKUP [--from-log FOLDER]
                          [--dry-run] --path PATH [--server HOST:PORT[,...][/CHROOT]] [--delete-extra]
                          [--keep-acls] [--auth-file FILE] [--client-configuration FILE]

Makes DATADIR hold what BACKUP held after the transaction Z (0x and hexadecimal digits, or decimal), or after the
last one before the time T (2026-01-31T12:00:00Z, or milliseconds since 1970), or all of it. BACKUP is what
\`ringkeeper backup\` made, or any data folder. The server must not run. What was there stays beside it, as
version-2.replaced. --dry-run says what would be done, and what would be undone.

An ensemble: stop all members, restore the same moment on a majority, and start those first.

With --path the server or ensemble runs (--server, localhost:2181 by default), and the nodes at and below PATH are
made by ordinary writes what they were. The difference is shown first; --dry-run shows it and writes nothing.
Ephemeral nodes are left out. Nodes that the backup does not have stay; --delete-extra deletes them. Access lists
become those of the backup; with --keep-acls nodes that are there keep theirs. --auth-file has identities, one
scheme:auth a line, like digest:super:secret; --client-configuration has TLS and SASL, as for zkCli.sh.
`
const BAD_INVOCATION = 2
const DECIMAL = 10
const HEX = 16

const OPTIONS = {
  zxid: { type: 'string' },
  time: { type: 'string' },
  latest: { type: 'boolean', default: false },
  from: { type: 'string' },
  'from-log': { type: 'string' },
  log: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  path: { type: 'string' },
  server: { type: 'string' },
  'delete-extra': { type: 'boolean', default: false },
  'keep-acls': { type: 'boolean', default: false },
  'auth-file': { type: 'string' },
  'client-configuration': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const OF_FOLDER = ['log'] as const
const OF_PATH = [
  'server',
  'delete-extra',
  'keep-acls',
  'auth-file',
  'client-configuration',
] as const
const SERVER_DEFAULT = 'localhost:2181'

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const [to, ...more] = positionals
  const { path } = values
  const isWhole = path === undefined
  if ((to !== undefined) !== isWhole || more.length > 0 || values.from === undefined) {
    throw new ToolError(USAGE.trimEnd(), BAD_INVOCATION)
  }
  const wrong = (isWhole ? OF_PATH : OF_FOLDER).find(
    (name) => values[name] !== undefined && values[name] !== false,
  )
  if (wrong !== undefined) {
    throw new ToolError(`--${wrong}: only ${isWhole ? 'with' : 'without'} --path`, BAD_INVOCATION)
  }
  if (path !== undefined) checkPath(path)
  const moment = momentOf(values)
  const from = dataFolders(values.from, values['from-log'])
  for (const folder of [from.dataDir, from.dataLogDir]) {
    if (existsSync(versionFolder(folder))) continue
    throw new ToolError(`${versionFolder(folder)} is not there`, BAD_INVOCATION)
  }
  const source = new NodeFiles(versionFolder(from.dataLogDir), versionFolder(from.dataDir))
  const plan = await planRestore(source, moment)
  if (path !== undefined) {
    await restorePath(plan, {
      path,
      servers: values.server ?? SERVER_DEFAULT,
      dryRun: values['dry-run'],
      deleteExtra: values['delete-extra'],
      acls: !values['keep-acls'],
      authFile: values['auth-file'] ?? null,
      clientConfiguration: values['client-configuration'] ?? null,
    })
    return 0
  }
  say(plan)
  if (values['dry-run'] || to === undefined) return 0
  if (!existsSync(to)) mkdirSync(to, { recursive: true })
  await restoreLocked(plan, dataFolders(to, values.log))
  return 0
}

async function restoreLocked(plan: Plan, folders: DataFolders): Promise<void> {
  const locks = [...new Set([folders.dataDir, folders.dataLogDir])].map((folder) =>
    DataLock.take(folder, 'create'),
  )
  try {
    await restore(plan, folders)
  } finally {
    for (const lock of locks) lock.release()
  }
  process.stdout.write(
    `Done. What was there is in ${versionFolder(folders.dataDir)}.replaced; remove it when you no longer want it.\n`,
  )
}

function momentOf(values: {
  zxid?: string | undefined
  time?: string | undefined
  latest: boolean
}): Moment {
  const { zxid, time, latest } = values
  if ([zxid !== undefined, time !== undefined, latest].filter(Boolean).length !== 1) {
    throw new ToolError('one of --zxid, --time and --latest', BAD_INVOCATION)
  }
  if (zxid !== undefined) return { zxid: zxidFrom(zxid) }
  if (time === undefined) return 'latest'
  const timeMs = /^\d{10,16}$/.test(time) ? Number(time) : Date.parse(time)
  if (Number.isNaN(timeMs)) {
    throw new ToolError(
      `--time ${time}: must be like 2026-01-31T12:00:00Z, or milliseconds since 1970`,
      BAD_INVOCATION,
    )
  }
  return { timeMs }
}

function zxidFrom(text: string): Zxid {
  const isHex = /^0x[0-9a-f]{1,16}$/i.test(text)
  const value =
    isHex || /^\d{1,16}$/.test(text)
      ? Number.parseInt(isHex ? text.slice(2) : text, isHex ? HEX : DECIMAL)
      : Number.NaN
  if (value <= EPOCH_MAX * 2 ** 32) return value as Zxid
  throw new ToolError(
    `--zxid ${text}: must be a zxid, decimal or 0x and hexadecimal digits`,
    BAD_INVOCATION,
  )
}

function say({ snapshot, lastZxid, lastTimeMs, undone, undoneTexts, epoch }: Plan): void {
  const when = lastTimeMs === 0 ? '' : `, of ${new Date(lastTimeMs).toISOString()}`
  const lines = [
    `Up to ${formatZxid(lastZxid)}${when}, from ${snapshot ?? 'the first transaction'} on.`,
    undone === 0
      ? 'Nothing later is known.'
      : `${undone} later transactions are undone${undone > undoneTexts.length ? ', the first of them' : ''}:`,
    ...undoneTexts.map((text) => `  ${text.replace(/\n/g, ' ')}`),
    ...(epoch === null ? [] : [`The epoch becomes ${epoch} or later, which nobody has had.`]),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  const isBusy = error instanceof DataLockError
  process.exitCode = error instanceof ToolError ? error.code : isBusy ? 3 : 1
}
