// Servers as operators start them: programs and scripts run in a temporary folder, on ports that were found
// free, waited for with a bound.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until as untilWithin } from '../support/until.ts'

export { removeFolder, temporaryFolder } from '../support/own-server.ts'

/** The project's folder, from dist/test/bin. */
export const ROOT: string = fileURLToPath(new URL('../../..', import.meta.url))
const PROGRAM_MS_MAX = 60_000

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export type Env = Readonly<Record<string, string>>

/** Runs a program of the project to its end. */
export async function run(program: string, args: readonly string[], env: Env = {}): Promise<Ended> {
  const child = start(program, args, env)
  const [out, err] = [text(child.stdout), text(child.stderr)]
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out: out(), err: err() }
}

/** Starts a program of the project; killed if it runs for very long. */
export function start(
  program: string,
  args: readonly string[],
  env: Env = {},
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): ChildProcess {
  const path = resolve(ROOT, program)
  const command = program.endsWith('.sh') ? 'bash' : process.execPath
  // What tells node:test's children to report to their parent would confuse ours.
  const { NODE_TEST_CONTEXT: _, JVMFLAGS: _1, SERVER_JVMFLAGS: _2, ...rest } = process.env
  return spawn(command, [path, ...args], {
    env: { ...rest, ...env },
    stdio,
    timeout: PROGRAM_MS_MAX,
  })
}

/** What comes out of a stream, so far. */
export function text(stream: NodeJS.ReadableStream | null): () => string {
  let all = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    all += chunk
  })
  return () => all
}

/** Polls until the condition holds; fails when that takes too long. */
export function until(what: string, condition: () => boolean): Promise<void> {
  return untilWithin(what, PROGRAM_MS_MAX, condition)
}

/** Sends the bytes; everything that comes back until the other end closes. */
export async function ask(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = createConnection(port, '127.0.0.1')
  const answer = text(socket)
  socket.write(bytes)
  await once(socket, 'close')
  return answer()
}

/** One that was free a moment ago, for programs that cannot be asked which they chose. */
/** Writes a zoo.cfg with data below the folder; its path. */
export function writeConfig(folder: string, port: number, more: string = ''): string {
  const path = join(folder, 'zoo.cfg')
  const lines = [
    'tickTime=2000',
    `dataDir=${join(folder, 'data')}`,
    `clientPort=${port}`,
    'clientPortAddress=127.0.0.1',
    more,
    // It would have a port that is always the same.
    ...(more.includes('admin.') ? [] : ['admin.enableServer=false']),
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}
