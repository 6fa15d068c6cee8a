// What a command of the shell is, and what it may use.

import type { Client } from '../../client.ts'
import type { Watcher } from '../../watch-registry.ts'
import { CommandError } from './command-error.ts'
import type { OptionSpec, ParsedArguments } from './option-parser.ts'

/** Where the shell's text goes. Each call writes one line. */
export interface Terminal {
  out(line: string): void
  err(line: string): void
}

export interface CommandContext {
  readonly client: Client
  readonly terminal: Terminal
  /** Prints events; the same function for every watch a command sets. */
  readonly watcher: Watcher
}

export interface Command {
  readonly name: string
  /** What follows the name in the usage text. */
  readonly usage: string
  readonly options: readonly OptionSpec[]
  /** Arguments that must be there. */
  readonly argumentsMin: number
  run(context: CommandContext, args: ParsedArguments): Promise<void>
}

export function usageOf(command: Command): string {
  return `${command.name} ${command.usage}`
}

/** An integer argument; throws a CommandError with `problem` when it is none. */
export function integerOf(text: string, problem: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(problem)
  return Number(text)
}
