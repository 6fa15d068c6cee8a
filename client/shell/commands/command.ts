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
  /** Prints events. It is the same function for every watch that a command sets. */
  readonly watcher: Watcher
}

export interface Command {
  readonly name: string
  /** What follows the name in the usage text. */
  readonly usage: string
  readonly options: readonly OptionSpec[]
  /** How many arguments there must be. */
  readonly argumentsMin: number
  run(context: CommandContext, args: ParsedArguments): Promise<void>
}

export function usageOf(command: Command): string {
  return `${command.name} ${command.usage}`
}

/** An integer argument. Throws a CommandError with `problem` if it is none. */
export function integerOf(text: string, problem: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(problem)
  return Number(text)
}
