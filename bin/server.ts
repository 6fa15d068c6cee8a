// The server: reads its configuration, says what it makes of it, and serves. `zkServer.sh` runs
// this.

import { readConfiguration } from '../config/arguments.ts'
import { type Configuration, ConfigurationError } from '../config/configuration.ts'
import { createLogger } from '../runtime/logger.ts'
import { ExitCode, serve } from '../runtime/serve.ts'

function configure(): Configuration {
  try {
    return readConfiguration(process.argv.slice(2), process.env)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`${error.message}\nInvalid config, exiting abnormally\n`)
    process.exit(ExitCode.invocation)
  }
}

const { options, remarks } = configure()
const logger = createLogger(options.logLevel)
for (const { level, text } of remarks) logger[level](text)
await serve(options, logger, () => undefined)
