// Reads the configuration, prints its remarks on it, and serves.

import { readConfiguration } from '../../config/arguments.ts'
import { type Configuration, ConfigurationError } from '../../config/configuration.ts'
import { ExitCode, ignoreSignals, serve } from '../../runtime/process/serve.ts'
import { FULL_VERSION } from '../../runtime/process/version.ts'
import { MAIN_CLASS, setTitle } from '../process-title.ts'
import { notifyReady } from './systemd.ts'

const args = process.argv.slice(2).filter((argument) => argument !== MAIN_CLASS)

function configure(): Configuration {
  try {
    return readConfiguration(args, process.env)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`${error.message}\nInvalid config, exiting abnormally\n`)
    process.exit(ExitCode.invocation)
  }
}

ignoreSignals()
if (args[0] === '--version') {
  process.stdout.write(`Ringkeeper, as ZooKeeper version: ${FULL_VERSION}\n`)
  process.exit(ExitCode.finished)
}
setTitle(args)
// If npm start has started it, this channel closes when npm start is gone: then stop as on a
// signal.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
const { options, remarks } = configure()
await serve(options, remarks, notifyReady)
