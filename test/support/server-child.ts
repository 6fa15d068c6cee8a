// A server as a process of its own, to be killed: options come as JSON, the port goes to stdout.

import { createLogger } from '../../runtime/process/logger.ts'
import { Server } from '../../runtime/server.ts'
import { type TestOptions, testOptions } from './own-server.ts'
import { startedThreads } from './started-threads.ts'

const options = testOptions(JSON.parse(process.argv[2] ?? '{}') as TestOptions)
const server = new Server(
  options,
  createLogger(options.logLevel),
  () => () => null,
  (problem) => {
    process.stderr.write(`${problem}\n`)
    process.exit(1)
  },
  startedThreads(options),
)
process.stdout.write(`port ${await server.start()}\n`)
