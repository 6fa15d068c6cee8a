// What a command of the shell is, and what it may use.

import type { Client } from '../../client.ts'
import type { Watcher } from '../../watch-registry.ts'
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

export const EXIT_FAILURE = 1
/** As a POSIX shell has it. */
export const EXIT_COMMAND_NOT_FOUND = 127

/** A command the user has to put differently. The message is what is printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT_FAILURE) {
    super(message)
    this.exitCode = exitCode
  }
}

export function usageOf(command: Command): string {
  return `${command.name} ${command.usage}`
}

/** An integer argument; throws a CommandError with `problem` when it is none. */
export function integerOf(text: string, problem: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(problem)
  return Number(text)
}
