// Commands about identities and permissions.

import { ZkError } from '../../zk-error.ts'
import { visitSubtree } from '../subtree.ts'
import { idText, parseAcls, permsText } from '../text/acl-text.ts'
import { keeperErrorText } from '../text/error-text.ts'
import type { Command, CommandContext } from './command.ts'
import { flag, printStat, valued, versionOf } from './node-commands.ts'
import type { ParsedArguments } from './option-parser.ts'

export const ACL_COMMANDS: readonly Command[] = [
  {
    name: 'getAcl',
    usage: '[-s] path',
    options: [flag('s')],
    argumentsMin: 1,
    run: getAcl,
  },
  {
    name: 'setAcl',
    usage: '[-s] [-v version] [-R] path acl',
    options: [flag('s'), valued('v'), flag('R')],
    argumentsMin: 2,
    run: setAcl,
  },
  { name: 'addauth', usage: 'scheme auth', options: [], argumentsMin: 1, run: addAuth },
  { name: 'whoami', usage: '', options: [], argumentsMin: 0, run: whoAmI },
]

async function getAcl(context: CommandContext, args: ParsedArguments): Promise<void> {
  const { acl, stat } = await context.client.getAcl(args.at(0))
  for (const entry of acl ?? []) {
    context.terminal.out(`${idText(entry.id)}: ${permsText(entry.perms)}`)
  }
  if (args.has('s')) printStat(context, stat)
}

async function setAcl(context: CommandContext, args: ParsedArguments): Promise<void> {
  const { client, terminal } = context
  const acl = parseAcls(args.at(1), terminal)
  const version = versionOf(args)
  if (!args.has('R')) {
    const stat = await client.setAcl(args.at(0), acl, version)
    if (args.has('s')) printStat(context, stat)
    return
  }
  await visitSubtree(client, args.at(0), undefined, async (path) => {
    try {
      await client.setAcl(path, acl, version)
    } catch (error) {
      if (!(error instanceof ZkError)) throw error
      terminal.out(keeperErrorText(error))
    }
  })
}

async function addAuth({ client }: CommandContext, args: ParsedArguments): Promise<void> {
  const auth = args.positionals[1]
  await client.addAuth(args.at(0), auth === undefined ? null : Buffer.from(auth))
}

async function whoAmI({ client, terminal }: CommandContext): Promise<void> {
  const infos = await client.whoAmI()
  terminal.out('Auth scheme: User')
  for (const info of infos) terminal.out(`${info.authScheme}: ${info.user}`)
}
