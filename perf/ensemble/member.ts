// One server as a process of its own: started, killed, stopped, continued, asked how it is. The end
// of its log is kept.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { fileURLToPath } from 'node:url'
import { SERVER_ENVIRONMENT } from '../../bin/launcher/environment.ts'

const SERVER: string = fileURLToPath(new URL('../../bin/server.js', import.meta.url))
/** What runs a server of ours; its zoo.cfg follows. */
export const OUR_COMMAND: readonly string[] = [process.execPath, SERVER]
export const LOOPBACK = '127.0.0.1'
const LINES_KEPT = 2000
const ANSWER_MS_MAX = 1000

/** What `srvr` says. */
export interface MemberState {
  readonly mode: string
  readonly zxid: string
  readonly nodes: number
}

export interface MemberOptions {
  readonly id: number
  /** Where it listens for clients; loopback when absent. */
  readonly host?: string
  readonly clientPort: number
  /** Its zoo.cfg. */
  readonly configuration: string
  /** Program and arguments to put before the configuration; our server when absent. */
  readonly command?: readonly string[]
  /** Variables for its process alone. */
  readonly environment?: Readonly<Record<string, string>>
}

export class Member {
  readonly id: number
  readonly host: string
  readonly clientPort: number
  /** Its zoo.cfg. */
  readonly configuration: string
  readonly #command: readonly string[]
  readonly #environment: Readonly<Record<string, string>>
  #child: ChildProcess | null = null
  #gone: Promise<unknown> = Promise.resolve()
  #stopped = false
  /** What it logged last, also before it was started again. */
  readonly lines: string[] = []

  constructor({ id, host, clientPort, configuration, command, environment }: MemberOptions) {
    this.id = id
    this.host = host ?? LOOPBACK
    this.clientPort = clientPort
    this.configuration = configuration
    this.#command = [...(command ?? OUR_COMMAND), configuration]
    this.#environment = environment ?? {}
  }

  get address(): string {
    return `${this.host}:${this.clientPort}`
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  start(): void {
    const [program = '', ...args] = this.#command
    // What tells node:test's children to report to their parent would confuse ours.
    const { NODE_TEST_CONTEXT: _, JVMFLAGS: _1, SERVER_JVMFLAGS: _2, ...env } = process.env
    const isOurs = this.#command.includes(process.execPath)
    const child = spawn(program, args, {
      env: { ...env, ...(isOurs && SERVER_ENVIRONMENT), ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#stopped = false
    this.#gone = once(child, 'close')
    for (const stream of [child.stdout, child.stderr]) this.#keep(stream)
  }

  /** Sends a signal; a stopped one is ended all the same. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    if (!this.isRunning) return
    this.#stopped = signal === 'SIGSTOP' || (signal !== 'SIGCONT' && this.#stopped)
    this.#child?.kill(signal)
  }

  /** Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#gone
  }

  /** Asks it to end in order, and resolves when the process is gone. */
  async stop(): Promise<void> {
    this.signal('SIGTERM')
    await this.#gone
  }

  /** Null while it serves nobody, or does not answer. */
  async state(): Promise<MemberState | null> {
    if (!this.isRunning || this.#stopped) return null
    const answer = await this.word('srvr')
    const mode = /^Mode: (\S+)$/m.exec(answer)?.[1]
    const zxid = /^Zxid: (\S+)$/m.exec(answer)?.[1]
    const nodes = /^Node count: (\d+)$/m.exec(answer)?.[1]
    return mode === undefined || zxid === undefined ? null : { mode, zxid, nodes: Number(nodes) }
  }

  /** The answer to a four-letter word; empty when none comes in a second. */
  word(word: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = createConnection({ host: this.host, port: this.clientPort })
      let answer = ''
      const finish = (): void => {
        socket.destroy()
        resolve(answer)
      }
      const timer = setTimeout(finish, ANSWER_MS_MAX)
      socket.on('error', finish)
      socket.on('close', () => {
        clearTimeout(timer)
        finish()
      })
      socket.on('connect', () => socket.write(word))
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk
      })
    })
  }

  #keep(stream: NodeJS.ReadableStream | null): void {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      this.lines.push(...lines)
      if (this.lines.length > LINES_KEPT) this.lines.splice(0, this.lines.length - LINES_KEPT)
    })
  }
}
