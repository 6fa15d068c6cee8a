// How a command of the shell fails.

export const EXIT_FAILURE = 1
/** The code of a POSIX shell. */
export const EXIT_COMMAND_NOT_FOUND = 127

/** The user must write the command differently. The message is printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT_FAILURE) {
    super(message)
    this.exitCode = exitCode
  }
}
