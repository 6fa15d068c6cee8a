// setquota, listquota, delquota: ordinary reads and writes under /zookeeper/quota.

import { ErrorCode } from '../../../protocol/error-code.ts'
import type { Client } from '../../client.ts'
import { childPath, pathProblem } from '../../path.ts'
import { badArguments, isZkError } from '../../zk-error.ts'
import { listSubtree } from '../subtree.ts'
import { plainText } from '../text/data-text.ts'
import { NO_LIMIT, parseQuota, type Quota, quotaText } from '../text/quota-text.ts'
import { type Command, type CommandContext, usageOf } from './command.ts'
import { CommandError } from './command-error.ts'
import type { OptionSpec, ParsedArguments } from './option-parser.ts'

const QUOTA_ROOT = '/zookeeper/quota'
const LIMIT_NODE = 'zookeeper_limits'
const STAT_NODE = 'zookeeper_stats'

export const QUOTA_COMMANDS: readonly Command[] = [
  {
    name: 'setquota',
    usage: '-n|-b|-N|-B val path',
    options: limitOptions('valued'),
    argumentsMin: 1,
    run: setQuota,
  },
  { name: 'listquota', usage: 'path', options: [], argumentsMin: 1, run: listQuota },
  {
    name: 'delquota',
    usage: '[-n|-b|-N|-B] path',
    options: limitOptions('flags'),
    argumentsMin: 1,
    run: deleteQuota,
  },
]

function limitOptions(kind: 'valued' | 'flags'): OptionSpec[] {
  return ['n', 'b', 'N', 'B'].map((name) => ({
    name,
    takesValue: kind === 'valued',
    group: 'limit',
  }))
}

function limitPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${LIMIT_NODE}`
}

function statPath(path: string): string {
  return `${QUOTA_ROOT}${path}/${STAT_NODE}`
}

async function readQuota(client: Client, path: string): Promise<Quota> {
  const { data } = await client.get(path)
  return parseQuota(plainText(data ?? new Uint8Array(0)))
}

async function setQuota(
  { client, terminal }: CommandContext,
  args: ParsedArguments,
): Promise<void> {
  const path = args.at(0)
  const option = ['n', 'b', 'N', 'B'].find((name) => args.has(name))
  if (option === undefined) throw new CommandError(usageOf(QUOTA_COMMANDS[0]!))
  if (path.startsWith(QUOTA_ROOT)) {
    terminal.err(`cannot set a quota under the path: ${QUOTA_ROOT}`)
    return
  }
  const limit = Number(args.value(option))
  if (!Number.isSafeInteger(limit)) {
    terminal.err('NumberFormatException happens when parsing the option value')
    return
  }
  const counts = option === 'n' || option === 'N'
  if (counts ? limit <= 0 : limit < 0) {
    const [what, than] = counts ? ['num', 'zero'] : ['bytes', 'or equal to zero']
    terminal.err(`the ${what} quota must be greater than ${than}`)
    return
  }
  if ((await client.exists(path)) === null) throw badArguments(path, `${path} does not exist.`)
  await refuseNested(client, path)
  await makeQuotaNodes(client, path)
  const quota = await quotaToChange(client, path)
  setLimit(quota, option, limit)
  await client.set(limitPath(path), Buffer.from(quotaText(quota)))
  warnIfExceeded(terminal, quota, await readQuota(client, statPath(path)))
}

function setLimit(quota: Quota, option: string, limit: number): void {
  if (option === 'n') quota.count = limit
  else if (option === 'b') quota.bytes = limit
  else if (option === 'N') quota.countHardLimit = limit
  else quota.byteHardLimit = limit
}

/** The present quota, or a new one without limits. */
async function quotaToChange(client: Client, path: string): Promise<Quota> {
  if ((await client.exists(limitPath(path))) !== null) return readQuota(client, limitPath(path))
  const none = NO_LIMIT
  const quota = { count: none, bytes: none, countHardLimit: none, byteHardLimit: none }
  await client.create(limitPath(path), Buffer.from(quotaText(quota)))
  await client.create(statPath(path), Buffer.from('count=0,bytes=0'))
  return quota
}

async function makeQuotaNodes(client: Client, path: string): Promise<void> {
  let at = QUOTA_ROOT
  for (const name of path.split('/').slice(1)) {
    if (name === '') continue
    at = childPath(at, name)
    try {
      await client.create(at, null)
    } catch (error) {
      if (!isZkError(error, ErrorCode.nodeExists)) throw error
    }
  }
}

/** There may be only one quota along a path: none above it, and none below. */
async function refuseNested(client: Client, path: string): Promise<void> {
  const own = `${QUOTA_ROOT}${path}`
  for (const node of await subtreeIfAny(client, own)) {
    const owner = node.slice(0, node.length - LIMIT_NODE.length - 1)
    if (!node.endsWith(`/${LIMIT_NODE}`) || owner === own) continue
    const child = owner.slice(QUOTA_ROOT.length)
    throw badArguments(path, `${path} has a child ${child} which has a quota`)
  }
  const names = path.split('/')
  for (let i = 2; i < names.length; i++) {
    const parent = names.slice(0, i).join('/')
    if ((await client.exists(limitPath(parent))) === null) continue
    throw badArguments(path, `${path} has a parent ${parent} which has a quota`)
  }
}

async function subtreeIfAny(client: Client, root: string): Promise<string[]> {
  try {
    return await listSubtree(client, root)
  } catch (error) {
    if (isZkError(error, ErrorCode.noNode)) return []
    throw error
  }
}

function warnIfExceeded(terminal: CommandContext['terminal'], quota: Quota, used: Quota): void {
  const below = (limit: number | null, value: number): boolean =>
    limit !== null && limit > NO_LIMIT && limit < value
  if (below(quota.count, used.count) || below(quota.countHardLimit, used.count)) {
    terminal.out(
      `[Warning]: the count quota you create is less than the existing count:${used.count}`,
    )
  }
  if (below(quota.bytes, used.bytes) || below(quota.byteHardLimit, used.bytes)) {
    terminal.out(
      `[Warning]: the bytes quota you create is less than the existing bytes:${used.bytes}`,
    )
  }
}

async function listQuota(
  { client, terminal }: CommandContext,
  args: ParsedArguments,
): Promise<void> {
  const path = args.at(0)
  terminal.err(`absolute path is ${limitPath(path)}`)
  try {
    const limits = await readQuota(client, limitPath(path))
    const used = await readQuota(client, statPath(path))
    terminal.out(`Output quota for ${path} ${quotaText(limits)}`)
    terminal.out(`Output stat for ${path} ${quotaText(used)}`)
  } catch (error) {
    if (!isZkError(error, ErrorCode.noNode)) throw error
    terminal.err(`quota for ${path} does not exist.`)
  }
}

async function deleteQuota(
  { client, terminal }: CommandContext,
  args: ParsedArguments,
): Promise<void> {
  const path = args.at(0)
  const problem = pathProblem(path)
  if (problem !== null) throw badArguments(path, problem)
  if ((await client.exists(limitPath(path))) === null) {
    terminal.out(`Quota does not exist for ${path}`)
    return
  }
  const option = ['n', 'b', 'N', 'B'].find((name) => args.has(name))
  if (option !== undefined) {
    const quota = await readQuota(client, limitPath(path))
    setLimit(quota, option, NO_LIMIT)
    await client.set(limitPath(path), Buffer.from(quotaText(quota)))
    return
  }
  const quotaPath = `${QUOTA_ROOT}${path}`
  for (const name of (await client.getChildren(quotaPath)).children) {
    if (name === LIMIT_NODE || name === STAT_NODE) await client.delete(childPath(quotaPath, name))
  }
  await trim(client, quotaPath)
}

/** Removes a node of the quota tree, and its parents as far as they have no other children. */
async function trim(client: Client, path: string): Promise<void> {
  for (let at = path; at !== QUOTA_ROOT; at = at.slice(0, at.lastIndexOf('/'))) {
    if ((await client.getChildren(at)).children.length > 0) return
    await client.delete(at)
  }
}
