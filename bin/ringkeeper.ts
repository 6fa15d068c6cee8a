#!/usr/bin/env node
// `ringkeeper`, the command of the package: a server, an ensemble, or one of the tools.
//
//   ringkeeper [--servers 3] [--port 0] [--json] ...    starts servers
//   ringkeeper VERB ...                                 runs a tool; --help lists them

import { ExitCode } from '../runtime/process/serve.ts'
import { FULL_VERSION } from '../runtime/process/version.ts'
import { RINGKEEPER } from './launcher/arguments.ts'
import { startServers } from './launcher/start-servers.ts'

/** What a verb does, and the program that does it with the arguments behind the verb. */
const VERBS: Readonly<Record<string, readonly [string, () => Promise<unknown>]>> = {
  server: ['serves with a configuration: [-Dname=value ...] zoo.cfg', () => import('./server.ts')],
  cli: ['the shell: [-server host:port] [command]', () => import('./cli.ts')],
  backup: [
    'copies the data of a running server: zoo.cfg|DATADIR TARGET',
    () => import('./backup.ts'),
  ],
  restore: [
    'takes a data folder or a subtree back to a moment; --help',
    () => import('./restore.ts'),
  ],
  check: ['what is wrong: FILE|FOLDER|HOST:PORT,...', () => import('./check.ts')],
  tool: ["ZooKeeper's tools for its files: NAME [argument...]", () => import('./tool.ts')],
  top: ['what a server is busy with: [host:port of an admin server]', () => import('./top.ts')],
  why: ['what went wrong, and why: [host:port of an admin server]', () => import('./why.ts')],
}

const HELP = `Usage: ringkeeper [options]        starts servers here; ringkeeper start --help has the options
       ringkeeper VERB [argument...]

${Object.entries(VERBS)
  .map(([verb, [what]]) => `  ${verb.padEnd(10)} ${what}`)
  .join('\n')}

  --version  print the version
  --help     print this
`

async function main([first = '', ...rest]: readonly string[]): Promise<void> {
  const verb = VERBS[first]
  if (verb !== undefined) {
    const [, load] = verb
    // The programs read their arguments from the process, as when a script starts them.
    process.argv = [process.execPath, process.argv[1] ?? '', ...rest]
    await load()
  } else if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(HELP)
  } else if (first === '--version' || first === 'version') {
    process.stdout.write(`Ringkeeper, as ZooKeeper version: ${FULL_VERSION}\n`)
  } else if (first === 'start') {
    await startServers(rest, RINGKEEPER)
  } else if (first === '' || first.startsWith('-')) {
    await startServers(process.argv.slice(2), RINGKEEPER)
  } else {
    process.stderr.write(`There is no verb ${first}.\n${HELP}`)
    process.exitCode = ExitCode.invocation
  }
}

await main(process.argv.slice(2))
