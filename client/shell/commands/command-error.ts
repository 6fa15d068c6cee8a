// What a command of the shell ends with when it fails.

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
