// Our server in tests: in this process, or as a child that can be killed. A free port, a temporary
// folder unless one is given, and no word unless something is wrong.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULTS, type ServerOptions } from '../../config/options.ts'
import { KerberosService } from '../../runtime/kerberos/kerberos.ts'
import type { CommandHandler } from '../../runtime/net/input/client-input.ts'
import { ClientTls } from '../../runtime/net/tls/client-tls.ts'
import { createLogger } from '../../runtime/process/logger.ts'
import { Server } from '../../runtime/server.ts'
import { startedThreads } from './started-threads.ts'
import { within } from './until.ts'

/** Of a child, which gets them as JSON. */
export type TestOptions = Partial<Omit<ServerOptions, 'fourLetterWords'>>

const CHILD = fileURLToPath(new URL('./server-child.js', import.meta.url))
const READY_MS_MAX = 60_000

/** What tests set unless they say otherwise; children get it too. */
export function testOptions(options: Partial<ServerOptions>): ServerOptions {
  return {
    ...DEFAULTS,
    clientPort: 0,
    clientPortAddress: '127.0.0.1',
    tickTimeMs: 2000,
    minSessionTimeoutMs: 4000,
    maxSessionTimeoutMs: 40_000,
    logLevel: 'fatal',
    ...options,
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ringkeeper-test-'))
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** In this process. */
export class OwnServer {
  readonly port: number
  readonly server: Server
  readonly #folder: string | null
  readonly #problems: readonly string[]

  private constructor(
    port: number,
    server: Server,
    folder: string | null,
    problems: readonly string[],
  ) {
    this.port = port
    this.server = server
    this.#folder = folder
    this.#problems = problems
  }

  /** `words`: what four-letter words are answered with; without it they are none. */
  static async start(
    options: Partial<ServerOptions> = {},
    words: (server: Server) => CommandHandler = () => () => null,
  ): Promise<OwnServer> {
    const folder = options.dataDir === undefined ? temporaryFolder() : null
    const all = testOptions({ ...(folder !== null && inFolder(folder)), ...options })
    const problems: string[] = []
    const tls = await ClientTls.load(all)
    const kerberos = all.saslKerberos && (await KerberosService.forClients(all.saslKerberos, all))
    const server = new Server(
      all,
      createLogger(all.logLevel),
      words,
      (problem) => problems.push(problem),
      { ...startedThreads(all), tls, kerberos },
    )
    return new OwnServer(await server.start(), server, folder, problems)
  }

  /** -1 without TLS. */
  get securePort(): number {
    return this.server.network.securePort
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Fails if an actor failed meanwhile. */
  async stop(): Promise<void> {
    if (this.#problems.length > 0) throw new Error(`the server failed: ${this.#problems[0]}`)
    await within('the server to stop', READY_MS_MAX, this.server.stop())
    if (this.#folder !== null) removeFolder(this.#folder)
  }
}

/** Both kinds of files in one folder. */
export function inFolder(folder: string): Pick<ServerOptions, 'dataDir' | 'dataLogDir'> {
  return { dataDir: folder, dataLogDir: folder }
}

/** A process of its own. Its data stays when it ends. */
export class ChildServer {
  readonly port: number
  readonly #process: ChildProcess

  private constructor(port: number, child: ChildProcess) {
    this.port = port
    this.#process = child
  }

  static async start(
    folder: string,
    options: TestOptions = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ChildServer> {
    const json = JSON.stringify({ ...inFolder(folder), ...options })
    const child = spawn(process.execPath, [CHILD, json], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    })
    const port = await within('a child to serve', READY_MS_MAX, portOf(child))
    return new ChildServer(port, child)
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** SIGKILL: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}

/** Its first line is the port; others go where ours go. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)))
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const port = /^port (\d+)$/m.exec(text)
      if (port !== null) resolve(Number(port[1]))
    })
  })
}
