// The command line client, which `zkCli.sh` runs.
//
// With a command, it runs that and exits with its exit code. Without one, it reads commands from
// the terminal or a pipe. Either way the session is left to time out, unless `quit` or `close` ends
// it, as with ZooKeeper's own client: an ephemeral node made by a one-shot command lives on for a
// session timeout.

import { readFileSync } from 'node:fs'
import type { TlsOptions } from '../client/open-socket.ts'
import type { SaslLogin } from '../client/sasl-exchange.ts'
import type { Terminal } from '../client/shell/commands/command.ts'
import { runInteractive } from '../client/shell/interactive.ts'
import { Shell } from '../client/shell/shell.ts'
import { parseShellArguments, type ShellArguments } from '../client/shell/shell-arguments.ts'
import { errorText } from '../client/shell/text/error-text.ts'
import { type ClientConfiguration, clientConfiguration } from '../config/client-configuration.ts'
import type { SaslUser } from '../protocol/sasl/digest-md5-client.ts'

const EXIT_FAILURE = 1
const EXIT_BAD_INVOCATION = 2

const terminal: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
}

function configuration(path: string | null): ClientConfiguration {
  const file = path === null ? null : { path, text: readFileSync(path, 'utf8') }
  const found = clientConfiguration(process.env, file, (login) => readFileSync(login, 'utf8'))
  for (const remark of found.remarks) terminal.err(remark)
  if (found.problems.length > 0) throw new Error(found.problems.join('\n'))
  return found
}

/** Loaded only where it is asked for. */
async function tlsOf({ tls }: ClientConfiguration): Promise<TlsOptions | null> {
  if (tls === null) return null
  const { clientTls } = await import('./client-tls.ts')
  const found = await clientTls(tls)
  for (const remark of found.remarks) terminal.err(remark)
  return found.tls
}

async function saslOf({ sasl }: ClientConfiguration): Promise<SaslUser | SaslLogin | null> {
  if (sasl === null || 'user' in sasl) return sasl
  const { KerberosUser } = await import('../runtime/kerberos/kerberos.ts')
  const user = await KerberosUser.load(sasl.login, sasl.configuration)
  return { begin: (host) => user.begin(sasl.serviceAt(host)) }
}

async function run(args: ShellArguments): Promise<number> {
  let shell: Shell
  try {
    const configured = configuration(args.clientConfiguration)
    shell = new Shell(terminal, {
      sessionTimeoutMs: args.timeoutMs,
      readOnly: args.readOnly,
      waitForConnection: args.waitForConnection,
      tls: await tlsOf(configured),
      sasl: await saslOf(configured),
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
