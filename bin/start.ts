// `npm start`: servers to try things with, on this machine. Three by default, each a process of its
// own (bin/launcher/); with --servers 1, a standalone server in this process.

import { fileURLToPath } from 'node:url'
import { DEFAULTS } from '../config/options.ts'
import { ExitCode, ignoreSignals, serve } from '../runtime/process/serve.ts'
import {
  adminPortOf,
  CLIENT_PORT_DEFAULT,
  HELP,
  parseStart,
  type StartRequest,
} from './launcher/arguments.ts'
import {
  FolderError,
  type Prepared,
  type PreparedMember,
  prepareEnsemble,
} from './launcher/ensemble-folder.ts'
import { Launcher } from './launcher/launcher.ts'
import { takenPorts } from './launcher/probe.ts'

const SERVER = fileURLToPath(new URL('./server.js', import.meta.url))
/** npm passes on a Ctrl-C that the terminal has sent already: within this time it is the same
 * one. */
const SAME_SIGNAL_MS = 1000

function refuse(problem: string, code: ExitCode): never {
  process.stderr.write(`${problem}\n`)
  process.exit(code)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function startStandalone({ port, data, verbose }: StartRequest): Promise<void> {
  const clientPort = port ?? CLIENT_PORT_DEFAULT
  const logLevel = verbose ? 'debug' : DEFAULTS.logLevel
  const adminPort = adminPortOf(clientPort)
  const admin = { adminEnableServer: adminPort !== null, adminServerPort: adminPort ?? 0 }
  const options = { ...DEFAULTS, dataDir: data, dataLogDir: data, clientPort, logLevel, ...admin }
  ignoreSignals()
  // The terminal is gone, and so is its user.
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'))
  await serve(options, [], (listening) => {
    say(
      `\nOne standalone server, data in ${data}.\n` +
        `  shell       bin/zkCli.sh -server 127.0.0.1:${listening}\n` +
        `  status      echo srvr | nc 127.0.0.1 ${listening}\n` +
        '  stop        Ctrl-C\n',
    )
  })
}

async function startEnsemble(request: StartRequest): Promise<void> {
  const { members, isNew } = prepare(request)
  const taken = await takenPorts(members)
  if (taken.length > 0) {
    refuse(
      `${taken.join('\n')}\nNothing was started. Is an ensemble running already?`,
      ExitCode.unexpected,
    )
  }
  say(`${members.length} servers, ${isNew ? 'configured in' : 'as configured in'} ${request.data}:`)
  for (const { configuration } of members) say(`  ${configuration}`)
  const launcher = new Launcher({
    members,
    command: [process.execPath, '--enable-source-maps', SERVER],
    detail: request.verbose ? 'everything' : 'matters',
    say,
    onAllEnded: () => process.exit(ExitCode.unexpected),
  })
  stopOnSignal(launcher)
  if (await launcher.start()) say(howToUse(members, launcher.pids))
}

function prepare(request: StartRequest): Prepared {
  try {
    return prepareEnsemble(request)
  } catch (error) {
    if (!(error instanceof FolderError)) throw error
    refuse(error.message, ExitCode.invocation)
  }
}

function howToUse(members: readonly PreparedMember[], pids: ReadonlyMap<number, number>): string {
  const [first] = members
  const all = members.map(({ clientHost, clientPort }) => `${clientHost}:${clientPort}`).join(',')
  const each = [...pids].map(([id, pid]) => `kill ${pid} (server ${id})`).join(', ')
  return (
    `\n  shell        bin/zkCli.sh -server ${all}\n` +
    `  status       echo srvr | nc ${first?.clientHost} ${first?.clientPort}\n` +
    `  kill one     ${each}\n` +
    '  stop         Ctrl-C\n'
  )
}

function stopOnSignal(launcher: Launcher): void {
  let firstMs = 0
  const onSignal = (): void => {
    if (firstMs !== 0) {
      if (performance.now() - firstMs > SAME_SIGNAL_MS) launcher.kill()
      return
    }
    firstMs = performance.now()
    say('stopping; press Ctrl-C again to kill the servers')
    void launcher.stop().then(() => process.exit(ExitCode.finished))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
}

const request = parseStart(process.argv.slice(2))
if (request === 'help') {
  process.stdout.write(HELP)
} else if ('problem' in request) {
  refuse(`${request.problem}\nnpm start -- --help lists the options.`, ExitCode.invocation)
} else if (request.servers === 1) {
  await startStandalone(request)
} else {
  await startEnsemble(request)
}
