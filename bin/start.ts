// `npm start`: one server to try things with, its data under ./data.
//
//   npm start -- [--servers 1] [--port 2181] [--data ./data/standalone]

import { parseArgs } from 'node:util'
import { DEFAULTS } from '../config/options.ts'
import { createLogger } from '../runtime/logger.ts'
import { ExitCode, serve } from '../runtime/serve.ts'

function refuse(problem: string): never {
  process.stderr.write(
    `${problem}\nUsage: npm start -- [--servers 1] [--port 2181] [--data folder]\n`,
  )
  process.exit(ExitCode.invocation)
}

function parse(): { servers: string; port: string; data: string } {
  try {
    return parseArgs({
      options: {
        servers: { type: 'string', default: '1' },
        port: { type: 'string', default: String(DEFAULTS.clientPort) },
        data: { type: 'string', default: 'data/standalone' },
      },
    }).values
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error))
  }
}

const { servers, port, data } = parse()
if (servers !== '1') {
  refuse(`--servers ${servers}: ensembles are not there yet, only --servers 1`)
}
if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
  refuse(`--port ${port}: must be a number from 0 to 65535`)
}
const options = { ...DEFAULTS, dataDir: data, dataLogDir: data, clientPort: Number(port) }
await serve(options, createLogger(options.logLevel), (listening) => {
  process.stdout.write(
    `\nOne standalone server, data in ${data}.\n` +
      `  shell       bin/zkCli.sh -server 127.0.0.1:${listening}\n` +
      `  how is it   echo srvr | nc 127.0.0.1 ${listening}\n` +
      '  stop        Ctrl-C\n\n',
  )
})
