// The ensemble's membership: config, reconfig.

import { readFileSync } from 'node:fs'
import { plainText } from '../text/data-text.ts'
import type { Command, CommandContext } from './command.ts'
import { CommandError } from './command-error.ts'
import { flag, printStat, valued } from './node-commands.ts'
import type { ParsedArguments } from './option-parser.ts'

const RECONFIG_USAGE =
  '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]]' +
  ' | [-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]'

export const CONFIG_COMMANDS: readonly Command[] = [
  {
    name: 'config',
    usage: '[-c] [-w] [-s]',
    options: [flag('s'), flag('w'), flag('c')],
    argumentsMin: 0,
    run: config,
  },
  {
    name: 'reconfig',
    usage: RECONFIG_USAGE,
    options: [
      flag('s'),
      valued('v'),
      valued('file'),
      valued('members'),
      valued('add'),
      valued('remove'),
    ],
    argumentsMin: 0,
    run: reconfig,
  },
]

async function config(context: CommandContext, args: ParsedArguments): Promise<void> {
  const { client, terminal, watcher } = context
  const { data, stat } = await client.getConfig(args.has('w') ? watcher : undefined)
  const text = data === null ? 'null' : plainText(data)
  terminal.out(args.has('c') ? connectStringOf(text) : text)
  if (args.has('s')) printStat(context, stat)
}

/** `version host:port,host:port`: where clients connect, according to the configuration. */
export function connectStringOf(configuration: string): string {
  let version = ''
  const addresses: string[] = []
  for (const [key, value] of properties(configuration)) {
    if (key === 'version') version = value
    if (!key.startsWith('server.')) continue
    const address = clientAddress(value)
    if (address !== null) addresses.push(address)
  }
  return `${version} ${addresses.join(',')}`
}

/** What follows the first semicolon: a port, or an address and a port. */
function clientAddress(specification: string): string | null {
  const client = specification.split(';')[1]?.trim()
  if (client === undefined || client === '') return null
  return client.includes(':') ? client : `0.0.0.0:${client}`
}

function properties(text: string): [string, string][] {
  const pairs: [string, string][] = []
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim()
    const equals = trimmed.indexOf('=')
    if (equals <= 0 || trimmed.startsWith('#') || trimmed.startsWith('!')) continue
    pairs.push([trimmed.slice(0, equals).trim(), trimmed.slice(equals + 1).trim()])
  }
  return pairs
}

async function reconfig(context: CommandContext, args: ParsedArguments): Promise<void> {
  const whole = args.has('file') || args.has('members')
  const incremental = args.has('add') || args.has('remove')
  if (!whole && !incremental) throw new CommandError(`reconfig ${RECONFIG_USAGE}`)
  if (whole && incremental) {
    throw new CommandError(
      "Can't use -file or -members together with -add or -remove (mixing incremental and" +
        ' non-incremental modes is not allowed)',
    )
  }
  if (args.has('file') && args.has('members')) {
    throw new CommandError(
      "Can't use -file and -members together (conflicting non-incremental modes)",
    )
  }
  const file = args.value('file')
  const { data, stat } = await context.client.reconfig({
    joiningServers: args.value('add')?.toLowerCase() ?? null,
    leavingServers: args.value('remove')?.toLowerCase() ?? null,
    newMembers: file === null ? (args.value('members')?.toLowerCase() ?? null) : membersOf(file),
    curConfigId: configVersion(args.value('v')),
  })
  context.terminal.out(`Committed new configuration:\n${plainText(data ?? new Uint8Array(0))}`)
  if (args.has('s')) printStat(context, stat)
}

/** Versions are written in hexadecimal, as the configuration itself shows them. */
function configVersion(text: string | null): number {
  if (text === null) return -1
  if (!/^-?[0-9a-fA-F]+$/.test(text)) {
    throw new CommandError('-v must be followed by a long (configuration version)')
  }
  return Number.parseInt(text, 16)
}

const MEMBERSHIP_KEY = /^(server|group|weight)\./

function membersOf(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new CommandError(`Error processing ${file}: ${(error as Error).message}`)
  }
  const members = properties(text).filter(([key]) => MEMBERSHIP_KEY.test(key))
  if (members.length === 0) throw new CommandError(`Error processing ${file}: no servers in it`)
  return members.map(([key, value]) => `${key}=${value}\n`).join('')
}
