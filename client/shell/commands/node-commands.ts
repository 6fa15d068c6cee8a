// Commands that make, change, read and remove nodes.

import { TTL_MS_MAX } from '../../../protocol/ephemeral-owner.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import type { Stat } from '../../../protocol/stat.ts'
import { ANY_VERSION, deleteOp } from '../../operations.ts'
import { pathProblem } from '../../path.ts'
import { badArguments, isZkError, ZkError } from '../../zk-error.ts'
import { listSubtree } from '../subtree.ts'
import { parseAcls } from '../text/acl-text.ts'
import { base64Text, hexDump, plainText } from '../text/data-text.ts'
import { keeperErrorText } from '../text/error-text.ts'
import { statLines } from '../text/stat-text.ts'
import { type Command, type CommandContext, integerOf } from './command.ts'
import { CommandError } from './command-error.ts'
import type { ParsedArguments } from './option-parser.ts'

const BATCH_SIZE = 1000

export const NODE_COMMANDS: readonly Command[] = [
  {
    name: 'create',
    usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
    options: [flag('e'), flag('s'), flag('c'), valued('t')],
    argumentsMin: 1,
    run: create,
  },
  {
    name: 'delete',
    usage: '[-v version] path',
    options: [valued('v')],
    argumentsMin: 1,
    run: remove,
  },
  {
    name: 'deleteall',
    usage: 'path [-b batch size]',
    options: [valued('b')],
    argumentsMin: 1,
    run: removeAll,
  },
  {
    name: 'rmr',
    usage: 'path [-b batch size]',
    options: [valued('b')],
    argumentsMin: 1,
    run: (context, args) => {
      context.terminal.err("The command 'rmr' has been deprecated. Please use 'deleteall' instead.")
      return removeAll(context, args)
    },
  },
  {
    name: 'get',
    usage: '[-s] [-w] [-b] [-x] path',
    options: [flag('s'), flag('w'), flag('b'), flag('x')],
    argumentsMin: 1,
    run: get,
  },
  {
    name: 'set',
    usage: 'path data [-s] [-v version] [-b]',
    options: [flag('s'), valued('v'), flag('b')],
    argumentsMin: 2,
    run: set,
  },
]

export function flag(name: string): { name: string; takesValue: false } {
  return { name, takesValue: false }
}

export function valued(name: string): { name: string; takesValue: true } {
  return { name, takesValue: true }
}

export function versionOf(args: ParsedArguments): number {
  const text = args.value('v')
  return text === null ? ANY_VERSION : integerOf(text, `-v argument must be a number: ${text}`)
}

export function printStat(context: CommandContext, stat: Stat): void {
  for (const line of statLines(stat)) context.terminal.out(line)
}

async function create({ client, terminal }: CommandContext, args: ParsedArguments): Promise<void> {
  const mode = createMode(args)
  const ttlText = args.value('t')
  const ttlMs = ttlText === null ? null : ttlOf(ttlText)
  const data = args.positionals[1]
  const aclText = args.positionals[2]
  const acl = aclText === undefined ? {} : { acl: parseAcls(aclText, terminal) }
  const options = { mode, ...acl, ...(ttlMs === null ? {} : { ttlMs }) }
  try {
    const bytes = data === undefined ? null : Buffer.from(data)
    terminal.err(`Created ${await client.create(args.at(0), bytes, options)}`)
  } catch (error) {
    if (isZkError(error, ErrorCode.ephemeralOnLocalSession)) {
      terminal.err('Unable to create ephemeral node on a local session')
    } else if (isZkError(error, ErrorCode.invalidACL)) terminal.err(keeperErrorText(error))
    throw error
  }
}

function createMode(args: ParsedArguments): number {
  const [sequential, ephemeral] = [args.has('s'), args.has('e')]
  const [container, ttl] = [args.has('c'), args.has('t')]
  if (container && (ephemeral || sequential)) {
    throw new CommandError(
      '-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.',
    )
  }
  if (ttl && ephemeral) throw new CommandError('TTLs cannot be used with Ephemeral znodes')
  if (ttl && container) throw new CommandError('TTLs cannot be used with Container znodes')
  if (container) return CreateMode.container
  if (ephemeral) return sequential ? CreateMode.ephemeralSequential : CreateMode.ephemeral
  if (ttl) {
    return sequential ? CreateMode.persistentSequentialWithTtl : CreateMode.persistentWithTtl
  }
  return sequential ? CreateMode.persistentSequential : CreateMode.persistent
}

function ttlOf(text: string): number {
  const ttlMs = integerOf(text, '-t argument must be a long value')
  if (ttlMs > TTL_MS_MAX || ttlMs <= 0) {
    throw new CommandError(`ttl must be positive and cannot be larger than: ${TTL_MS_MAX}`)
  }
  return ttlMs
}

async function remove({ client, terminal }: CommandContext, args: ParsedArguments): Promise<void> {
  if (args.positionals.length > 1) {
    terminal.err(
      "'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.",
    )
  }
  await client.delete(args.at(0), versionOf(args))
}

async function removeAll(
  { client, terminal }: CommandContext,
  args: ParsedArguments,
): Promise<void> {
  const batchText = args.value('b') ?? String(BATCH_SIZE)
  const batchSize = integerOf(batchText, '-b argument must be an int value')
  const root = args.at(0)
  const problem = pathProblem(root)
  if (problem !== null) throw badArguments(root, problem)
  const paths = (await listSubtree(client, root)).reverse()
  if (batchSize <= 0) {
    for (const path of paths) await client.delete(path)
    return
  }
  for (let at = 0; at < paths.length; at += batchSize) {
    const batch = paths.slice(at, at + batchSize).map((path) => deleteOp(path))
    try {
      await client.multi(batch)
    } catch (error) {
      if (!(error instanceof ZkError)) throw error
      terminal.err('Failed to delete some node(s) in the subtree!')
      return
    }
  }
}

async function get(context: CommandContext, args: ParsedArguments): Promise<void> {
  const old = args.positionals.length > 1
  if (old) {
    context.terminal.err(
      "'get path [watch]' has been deprecated. Please use 'get [-s] [-w] path' instead.",
    )
  }
  const watcher = old || args.has('w') ? context.watcher : undefined
  const { data, stat } = await context.client.get(args.at(0), watcher)
  const bytes = data ?? Buffer.from('null')
  if (args.has('x')) context.terminal.out(hexDump(bytes))
  else if (args.has('b')) context.terminal.out(base64Text(bytes))
  else context.terminal.out(plainText(bytes))
  if (args.has('s')) printStat(context, stat)
}

async function set(context: CommandContext, args: ParsedArguments): Promise<void> {
  const data = Buffer.from(args.at(1), args.has('b') ? 'base64' : 'utf8')
  const stat = await context.client.set(args.at(0), data, versionOf(args))
  if (args.has('s')) printStat(context, stat)
}
