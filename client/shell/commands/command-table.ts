// Every command that needs a session, by name. Commands that steer the shell itself are in
// shell.ts.

import { VERSION_TEXT } from '../version.ts'
import { ACL_COMMANDS } from './acl-commands.ts'
import type { Command } from './command.ts'
import { CONFIG_COMMANDS } from './config-commands.ts'
import { LIST_COMMANDS } from './list-commands.ts'
import { NODE_COMMANDS } from './node-commands.ts'
import { QUOTA_COMMANDS } from './quota-commands.ts'
import { WATCH_COMMANDS } from './watch-commands.ts'

const VERSION_COMMAND: Command = {
  name: 'version',
  usage: '',
  options: [],
  argumentsMin: 0,
  run: async ({ terminal }) => terminal.out(`ZooKeeper CLI version: ${VERSION_TEXT}`),
}

export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [
    ...ACL_COMMANDS,
    ...CONFIG_COMMANDS,
    ...LIST_COMMANDS,
    ...NODE_COMMANDS,
    ...QUOTA_COMMANDS,
    ...WATCH_COMMANDS,
    VERSION_COMMAND,
  ].map((command) => [command.name, command]),
)
