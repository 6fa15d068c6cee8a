// The shell: one session, a history, and the commands. It knows no terminal: lines come in through
// `executeLine`, and text goes out through a Terminal.
//
// A command results in text on `out`, an error on `err`, and an exit code of 0 or 1, which becomes
// that of the process when the shell ends. (Corresponds to ZooKeeperMain.)

import type { SaslUser } from '../../protocol/sasl/digest-md5-client.ts'
import { Client } from '../client.ts'
import type { ConnectionState } from '../connection-options.ts'
import type { TlsOptions } from '../open-socket.ts'
import type { SaslLogin } from '../sasl-exchange.ts'
import type { Watcher } from '../watch-registry.ts'
import { type Command, integerOf, type Terminal, usageOf } from './commands/command.ts'
import { CommandError, EXIT_COMMAND_NOT_FOUND, EXIT_FAILURE } from './commands/command-error.ts'
import { COMMANDS } from './commands/command-table.ts'
import { parseOptions } from './commands/option-parser.ts'
import { errorText } from './text/error-text.ts'
import { PROMPT_STATES, stateEventText, watchEventText } from './text/event-text.ts'
import { tokenize } from './tokenizer.ts'

export interface ShellOptions {
  readonly sessionTimeoutMs: number
  readonly readOnly: boolean
  /** Null: without TLS. */
  readonly tls?: TlsOptions | null
  /** Null: without SASL. */
  readonly sasl?: SaslUser | SaslLogin | null
  /** Whether `connect` waits until there is a session. */
  readonly waitForConnection: boolean
}

/** Commands that steer the shell. They need no session. */
const OWN_USAGES: ReadonlyMap<string, string> = new Map([
  ['close', ''],
  ['connect', 'host:port'],
  ['exit', ''],
  ['help', ''],
  ['history', ''],
  ['printwatches', 'on|off'],
  ['quit', ''],
  ['redo', 'cmdno'],
])

const HISTORY_SHOWN = 10

/** All command names, sorted. */
export function commandNames(): string[] {
  return [...COMMANDS.keys(), ...OWN_USAGES.keys()].sort()
}

export class Shell {
  readonly #terminal: Terminal
  readonly #options: ShellOptions
  readonly #history: string[] = []
  #client: Client | null = null
  #servers = ''
  #problem = ''
  #printWatches = true
  #exitCode = 0
  #finished = false
  readonly #watcher: Watcher = (event) => this.#printEvent(watchEventText(event))
  #onStateOnce: (() => void) | null = null
  /** Called after an event was printed, which may be in the middle of a line that is being typed. */
  onEventPrinted: (() => void) | null = null

  constructor(terminal: Terminal, options: ShellOptions) {
    this.#terminal = terminal
    this.#options = options
  }

  /** The exit code of the last command. */
  get exitCode(): number {
    return this.#exitCode
  }

  /** Whether the user has asked to leave. */
  get finished(): boolean {
    return this.#finished
  }

  get client(): Client | null {
    return this.#client
  }

  get prompt(): string {
    const state = PROMPT_STATES[this.#client?.connection.state ?? 'closed']
    return `[zk: ${this.#servers}(${state}) ${this.#history.length}] `
  }

  /** Ends the present session, and opens one with `servers`. Throws if it is to wait for the
   * connection, and none is made in time. */
  async connect(servers: string): Promise<void> {
    if (this.#alive) await this.#client?.close()
    this.#servers = servers
    const client = new Client({
      servers,
      sessionTimeoutMs: this.#options.sessionTimeoutMs,
      readOnly: this.#options.readOnly,
      tls: this.#options.tls ?? null,
      sasl: this.#options.sasl ?? null,
      onState: (state) => this.#onState(client, state),
      onProblem: (problem) => this.#say(problem),
    })
    this.#client = client
    if (this.#options.waitForConnection) await this.#connected(client)
  }

  /** Leaves without telling the server: the session ends when it times out. */
  abandon(): void {
    this.#printWatches = false
    this.#client?.connection.abandon()
  }

  /** Runs one line of input. */
  async executeLine(line: string): Promise<void> {
    const tokens = tokenize(line)
    if (tokens.length === 0) return
    this.#history.push(line)
    await this.execute(tokens)
  }

  /** Runs a command with its arguments. Never rejects for what a user may have caused. */
  async execute(tokens: readonly string[]): Promise<void> {
    try {
      await this.#dispatch(tokens[0] ?? '', tokens.slice(1))
      if (!this.#finished) this.#exitCode = 0
    } catch (error) {
      this.#exitCode = error instanceof CommandError ? error.exitCode : EXIT_FAILURE
      this.#terminal.err(errorText(error))
    }
  }

  /** Prints the names of all commands, and how they are used. */
  printUsage(): void {
    this.#terminal.err('zkCli.sh -server host:port -client-configuration properties-file cmd args')
    for (const name of commandNames()) {
      this.#terminal.err(`\t${name} ${COMMANDS.get(name)?.usage ?? OWN_USAGES.get(name) ?? ''}`)
    }
  }

  async #dispatch(name: string, args: readonly string[]): Promise<void> {
    if (OWN_USAGES.has(name)) return this.#runOwn(name, args)
    const command = COMMANDS.get(name)
    if (command === undefined) {
      this.printUsage()
      const text = `Command not found: Command not found ${name}`
      throw new CommandError(text, EXIT_COMMAND_NOT_FOUND)
    }
    await this.#run(command, args)
  }

  async #run(command: Command, tokens: readonly string[]): Promise<void> {
    const client = this.#client
    if (client === null || !this.#alive) {
      this.#terminal.out('Not connected')
      return
    }
    const args = parseOptions(command.options, tokens)
    if (args.positionals.length < command.argumentsMin) throw new CommandError(usageOf(command))
    await command.run({ client, terminal: this.#terminal, watcher: this.#watcher }, args)
  }

  async #runOwn(name: string, args: readonly string[]): Promise<void> {
    switch (name) {
      case 'quit':
      case 'exit':
        this.#finished = true
        if (this.#alive) await this.#client?.close()
        break
      case 'close':
        if (this.#alive) await this.#client?.close()
        else this.#terminal.out('Not connected')
        break
      case 'connect':
        await this.connect(args[0] ?? this.#servers)
        break
      case 'history':
        this.#printHistory()
        break
      case 'printwatches':
        if (args[0] !== undefined) this.#printWatches = args[0] === 'on'
        else this.#terminal.out(`printwatches is ${this.#printWatches ? 'on' : 'off'}`)
        break
      case 'redo':
        await this.#redo(args[0])
        break
      default:
        this.printUsage()
    }
  }

  #printHistory(): void {
    const last = this.#history.length - 1
    for (let i = Math.max(0, last - HISTORY_SHOWN); i <= last; i++) {
      this.#terminal.out(`${i} - ${this.#history[i]}`)
    }
  }

  /** Runs an earlier line again. It takes this line's place in the history. */
  async #redo(text: string | undefined): Promise<void> {
    if (text === undefined) throw new CommandError('redo cmdno')
    const index = integerOf(text, 'Command index must be a number')
    const line = this.#history[index]
    const current = this.#history.length - 1
    if (line === undefined || index >= current) {
      throw new CommandError('Command index out of range')
    }
    const tokens = tokenize(line)
    if (tokens[0] === 'redo') throw new CommandError('No redoing redos')
    this.#history[current] = line
    await this.#dispatch(tokens[0] ?? '', tokens.slice(1))
  }

  get #alive(): boolean {
    const state = this.#client?.connection.state
    return state === 'connecting' || state === 'connected' || state === 'connectedReadOnly'
  }

  #onState(client: Client, state: ConnectionState): void {
    if (client !== this.#client) return
    this.#printEvent(stateEventText(state))
    this.#onStateOnce?.()
  }

  #printEvent(text: string): void {
    if (!this.#printWatches) return
    this.#terminal.out('\nWATCHER::')
    this.#terminal.out(`\n${text}`)
    this.onEventPrinted?.()
  }

  /** Once, however often it is tried again. */
  #say(problem: string): void {
    if (problem !== this.#problem) this.#terminal.err(problem)
    this.#problem = problem
  }

  #connected(client: Client): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onStateOnce = null
        this.abandon()
        reject(new CommandError('KeeperErrorCode = ConnectionLoss'))
      }, this.#options.sessionTimeoutMs)
      this.#onStateOnce = () => {
        if (client.connection.state === 'connecting') return
        clearTimeout(timer)
        this.#onStateOnce = null
        resolve()
      }
    })
  }
}
