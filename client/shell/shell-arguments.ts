// The shell's own command line: options, and perhaps a command.

export interface ShellArguments {
  readonly server: string
  readonly timeoutMs: number
  readonly readOnly: boolean
  readonly waitForConnection: boolean
  /** A properties file, or null. */
  readonly clientConfiguration: string | null
  /** Empty for an interactive shell. */
  readonly command: readonly string[]
}

const SERVER_DEFAULT = 'localhost:2181'
const TIMEOUT_MS_DEFAULT = 30_000

/** The arguments, or what is wrong with the command line. Unknown options are ignored. */
export function parseShellArguments(args: readonly string[]): ShellArguments | string {
  const values = new Map<string, string>()
  let readOnly = false
  let waitForConnection = false
  let index = 0
  for (; index < args.length && args[index]!.startsWith('-'); index++) {
    const option = args[index]!
    if (option === '-r') readOnly = true
    if (option === '-waitforconnection') waitForConnection = true
    if (option !== '-server' && option !== '-timeout' && option !== '-client-configuration')
      continue
    const value = args[++index]
    if (value === undefined) return `Error: no argument found for option ${option}`
    values.set(option, value)
  }
  const timeoutText = values.get('-timeout') ?? String(TIMEOUT_MS_DEFAULT)
  if (!/^\d+$/.test(timeoutText)) return `Error: -timeout takes milliseconds, not ${timeoutText}`
  return {
    server: values.get('-server') ?? SERVER_DEFAULT,
    timeoutMs: Number(timeoutText),
    readOnly,
    waitForConnection,
    clientConfiguration: values.get('-client-configuration') ?? null,
    command: args.slice(index),
  }
}
