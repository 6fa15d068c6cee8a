// The command line client, which `zkCli.sh` runs.
//
// With a command, it runs that and exits with its exit code. Without one, it reads commands from
// the terminal or a pipe. Either way the session is left to time out, unless `quit` or `close` ends
// it, as with ZooKeeper's own client: an ephemeral node made by a one-shot command lives on for a
// session timeout.

import type { Terminal } from '../client/shell/commands/command.ts'
import { runInteractive } from '../client/shell/interactive.ts'
import { Shell } from '../client/shell/shell.ts'
import { parseShellArguments, type ShellArguments } from '../client/shell/shell-arguments.ts'
import { errorText } from '../client/shell/text/error-text.ts'
import { clientAccess } from './client-access.ts'

const EXIT_FAILURE = 1
const EXIT_BAD_INVOCATION = 2

const terminal: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
}

async function run(args: ShellArguments): Promise<number> {
  let shell: Shell
  try {
    const access = await clientAccess(args.clientConfiguration, terminal.err)
    shell = new Shell(terminal, {
      sessionTimeoutMs: args.timeoutMs,
      readOnly: args.readOnly,
      waitForConnection: args.waitForConnection,
      ...access,
    })
    terminal.out(`Connecting to ${args.server}`)
    await shell.connect(args.server)
  } catch (error) {
    terminal.err(errorText(error))
    return EXIT_FAILURE
  }
  if (args.command.length > 0) await shell.execute(args.command)
  else {
    terminal.out('Welcome to ZooKeeper!')
    await runInteractive(shell, process.stdin, process.stdout)
  }
  shell.abandon()
  return shell.exitCode
}

// `zkCli.sh ls -R / | head`: nobody reads on.
process.stdout.on('error', () => process.exit(EXIT_FAILURE))

const args = parseShellArguments(process.argv.slice(2))
if (typeof args === 'string') {
  terminal.err(args)
  process.exitCode = EXIT_BAD_INVOCATION
} else {
  process.exitCode = await run(args)
}
