// Commands that set and remove watches.

import { AddWatchMode, WatcherType } from '../../../protocol/op-code.ts'
import type { Command, CommandContext } from './command.ts'
import { CommandError } from './command-error.ts'
import { flag, valued } from './node-commands.ts'
import type { ParsedArguments } from './option-parser.ts'

const ADD_USAGE =
  '[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE]' +
  ' - default is PERSISTENT_RECURSIVE'

export const WATCH_COMMANDS: readonly Command[] = [
  {
    name: 'addWatch',
    usage: ADD_USAGE,
    options: [valued('m')],
    argumentsMin: 1,
    run: addWatch,
  },
  {
    name: 'removewatches',
    usage: 'path [-c|-d|-p|-r|-a] [-l]',
    options: [flag('c'), flag('d'), flag('p'), flag('r'), flag('a'), flag('l')],
    argumentsMin: 1,
    run: removeWatches,
  },
]

async function addWatch({ client, watcher }: CommandContext, args: ParsedArguments): Promise<void> {
  const name = (args.value('m') ?? 'PERSISTENT_RECURSIVE').toUpperCase()
  if (name !== 'PERSISTENT' && name !== 'PERSISTENT_RECURSIVE') {
    throw new CommandError(`addWatch ${ADD_USAGE}`)
  }
  const recursive = name === 'PERSISTENT_RECURSIVE'
  const mode = recursive ? AddWatchMode.persistentRecursive : AddWatchMode.persistent
  await client.addWatch(args.at(0), mode, watcher)
}

async function removeWatches({ client }: CommandContext, args: ParsedArguments): Promise<void> {
  await client.removeWatches(args.at(0), watcherType(args), args.has('l') ? 'local' : 'server')
}

function watcherType(args: ParsedArguments): WatcherType {
  if (args.has('c')) return WatcherType.children
  if (args.has('d')) return WatcherType.data
  if (args.has('p')) return WatcherType.persistent
  if (args.has('r')) return WatcherType.persistentRecursive
  return WatcherType.any
}
