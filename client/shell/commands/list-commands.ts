// Commands for looking around: ls, stat, counts, sync.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { ZkError } from '../../zk-error.ts'
import { visitSubtree } from '../subtree.ts'
import type { Command, CommandContext } from './command.ts'
import { flag, printStat } from './node-commands.ts'
import type { ParsedArguments } from './option-parser.ts'

export const LIST_COMMANDS: readonly Command[] = [
  {
    name: 'ls',
    usage: '[-s] [-w] [-R] path',
    options: [flag('?'), flag('s'), flag('w'), flag('R')],
    argumentsMin: 1,
    run: (context, args) => list(context, args, args.has('s')),
  },
  {
    name: 'ls2',
    usage: 'path [watch]',
    options: [flag('w')],
    argumentsMin: 1,
    run: (context, args) => {
      context.terminal.err("'ls2' has been deprecated. Please use 'ls [-s] path' instead.")
      return list(context, args, true)
    },
  },
  {
    name: 'stat',
    usage: '[-w] path',
    options: [flag('w')],
    argumentsMin: 1,
    run: stat,
  },
  {
    name: 'getAllChildrenNumber',
    usage: 'path',
    options: [],
    argumentsMin: 1,
    run: async ({ client, terminal }, args) =>
      terminal.out(String(await client.getAllChildrenNumber(args.at(0)))),
  },
  {
    name: 'getEphemerals',
    usage: 'path',
    options: [],
    argumentsMin: 0,
    run: async ({ client, terminal }, args) => {
      const paths = await client.getEphemerals(args.positionals[0] ?? '/')
      terminal.out(`[${paths.join(', ')}]`)
    },
  },
  { name: 'sync', usage: 'path', options: [], argumentsMin: 1, run: sync },
]

async function list(
  context: CommandContext,
  args: ParsedArguments,
  withStat: boolean,
): Promise<void> {
  const { client, terminal } = context
  const old = args.positionals.length > 1
  if (old) {
    terminal.err("'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.")
  }
  const path = args.at(0)
  const watcher = old || args.has('w') ? context.watcher : undefined
  if (args.has('R')) {
    await visitSubtree(client, path, watcher, async (visited) => terminal.out(visited))
    return
  }
  const reply = await client.getChildren(path, watcher)
  terminal.out(`[${[...reply.children].sort().join(', ')}]`)
  if (withStat) printStat(context, reply.stat)
}

async function stat(context: CommandContext, args: ParsedArguments): Promise<void> {
  const old = args.positionals.length > 1
  if (old) {
    context.terminal.err(
      "'stat path [watch]' has been deprecated. Please use 'stat [-w] path' instead.",
    )
  }
  const path = args.at(0)
  const watcher = old || args.has('w') ? context.watcher : undefined
  const found = await context.client.exists(path, watcher)
  if (found === null) throw new ZkError(ErrorCode.noNode, path)
  printStat(context, found)
}

async function sync({ client, terminal }: CommandContext, args: ParsedArguments): Promise<void> {
  try {
    await client.sync(args.at(0))
    terminal.out('Sync is OK')
  } catch (error) {
    if (!(error instanceof ZkError) || error.details.reason !== undefined) throw error
    terminal.out(`Sync has failed. rc=${error.code}`)
  }
}
