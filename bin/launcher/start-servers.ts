// Servers to try things with, or to test against, on this machine: a standalone server in this process, or
// an ensemble, each member a process of its own. `npm start` and `ringkeeper` both end here.

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULTS } from '../../config/options.ts'
import { logTo } from '../../runtime/process/log-descriptor.ts'
import { ExitCode, ignoreSignals, serve } from '../../runtime/process/serve.ts'
import {
  adminPortOf,
  CLIENT_PORT_DEFAULT,
  helpOf,
  parseStart,
  type StartRequest,
  type Way,
} from './arguments.ts'
import {
  FolderError,
  idsIn,
  type Prepared,
  type PreparedMember,
  prepareEnsemble,
} from './ensemble-folder.ts'
import { Launcher } from './launcher.ts'
import { freeBasePort, takenPorts } from './probe.ts'

const SERVER = fileURLToPath(new URL('../server.js', import.meta.url))
const STANDARD_ERROR = 2
/** npm passes on a Ctrl-C that the terminal has sent already: within this time it is the same
 * one. */
const SAME_SIGNAL_MS = 1000

/** What --json prints of each server. */
interface Served {
  readonly id: number
  readonly port: number
  readonly pid: number
  readonly data: string
}

/** Ends the process if the arguments are wrong. */
export async function startServers(args: readonly string[], way: Way): Promise<void> {
  const request = parseStart(args, way)
  if (request === 'help') {
    process.stdout.write(helpOf(way))
  } else if ('problem' in request) {
    refuse(`${request.problem}\n${way.command} --help lists the options.`, ExitCode.invocation)
  } else if (request.servers === 1) {
    await startStandalone(request, way)
  } else {
    await startEnsemble(request, way)
  }
}

function refuse(problem: string, code: ExitCode): never {
  process.stderr.write(`${problem}\n`)
  process.exit(code)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function sayBeside(line: string): void {
  process.stderr.write(`${line}\n`)
}

function sayServed(connectString: string, servers: readonly Served[]): void {
  say(JSON.stringify({ connectString, pid: process.pid, servers }))
}

async function startStandalone(request: StartRequest, { shell }: Way): Promise<void> {
  const { port, data, verbose, json } = request
  const clientPort = port ?? CLIENT_PORT_DEFAULT
  const logLevel = verbose ? 'debug' : DEFAULTS.logLevel
  const adminPort = adminPortOf(clientPort)
  const admin = { adminEnableServer: adminPort !== null, adminServerPort: adminPort ?? 0 }
  const options = { ...DEFAULTS, dataDir: data, dataLogDir: data, clientPort, logLevel, ...admin }
  ignoreSignals()
  const stop = (): boolean => process.kill(process.pid, 'SIGTERM')
  // The terminal is gone, and so is its user.
  process.on('SIGHUP', stop)
  if (json) {
    logTo(STANDARD_ERROR)
    onInputEnd(stop)
  }
  await serve(options, [], (listening) => {
    const address = `127.0.0.1:${listening}`
    if (json) {
      sayServed(address, [{ id: 1, port: listening, pid: process.pid, data: resolve(data) }])
      return
    }
    say(
      `\nOne standalone server, data in ${data}.\n` +
        `  shell       ${shell} -server ${address}\n` +
        `  status      echo srvr | nc 127.0.0.1 ${listening}\n` +
        '  stop        Ctrl-C\n',
    )
  })
}

async function startEnsemble(request: StartRequest, { shell }: Way): Promise<void> {
  const tell = request.json ? sayBeside : say
  const { members, isNew } = await prepare(request)
  const taken = await takenPorts(members)
  if (taken.length > 0) {
    refuse(
      `${taken.join('\n')}\nNothing was started. Is an ensemble running already?`,
      ExitCode.unexpected,
    )
  }
  tell(
    `${members.length} servers, ${isNew ? 'configured in' : 'as configured in'} ${request.data}:`,
  )
  for (const { configuration } of members) tell(`  ${configuration}`)
  const launcher = new Launcher({
    members,
    command: [process.execPath, '--enable-source-maps', SERVER],
    detail: request.verbose ? 'everything' : 'matters',
    say: tell,
    onAllEnded: () => process.exit(ExitCode.unexpected),
  })
  stopOnSignal(launcher, tell, request.json)
  if (!(await launcher.start())) return
  if (request.json) sayServed(connectStringOf(members), servedBy(members, launcher.pids))
  else say(howToUse(members, launcher.pids, shell))
}

async function prepare(request: StartRequest): Promise<Prepared> {
  try {
    // Servers look for each other on ports that are written down.
    if (request.port !== 0) return prepareEnsemble(request)
    const isNew = idsIn(request.data).length === 0
    return prepareEnsemble({ ...request, port: isNew ? await freeBasePort(request.servers) : null })
  } catch (error) {
    if (!(error instanceof FolderError)) throw error
    refuse(error.message, ExitCode.invocation)
  }
}

function connectStringOf(members: readonly PreparedMember[]): string {
  return members.map(({ clientHost, clientPort }) => `${clientHost}:${clientPort}`).join(',')
}

function servedBy(
  members: readonly PreparedMember[],
  pids: ReadonlyMap<number, number>,
): readonly Served[] {
  return members.map(({ id, clientPort, configuration }) => {
    return { id, port: clientPort, pid: pids.get(id) ?? 0, data: resolve(configuration, '..') }
  })
}

function howToUse(
  members: readonly PreparedMember[],
  pids: ReadonlyMap<number, number>,
  shell: string,
): string {
  const [first] = members
  const each = [...pids].map(([id, pid]) => `kill ${pid} (server ${id})`).join(', ')
  return (
    `\n  shell        ${shell} -server ${connectStringOf(members)}\n` +
    `  status       echo srvr | nc ${first?.clientHost} ${first?.clientPort}\n` +
    `  kill one     ${each}\n` +
    '  stop         Ctrl-C\n'
  )
}

function stopOnSignal(launcher: Launcher, tell: (line: string) => void, json: boolean): void {
  let firstMs = 0
  const stop = (): void => {
    firstMs = performance.now()
    void launcher.stop().then(() => process.exit(ExitCode.finished))
  }
  const onSignal = (): void => {
    if (firstMs !== 0) {
      if (performance.now() - firstMs > SAME_SIGNAL_MS) launcher.kill()
      return
    }
    tell('stopping; press Ctrl-C again to kill the servers')
    stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  if (json) onInputEnd(() => firstMs === 0 && stop())
}

/** Whoever reads the line of JSON is gone when our standard input ends. */
function onInputEnd(stop: () => void): void {
  process.stdin.once('end', stop).once('error', stop).resume()
}
