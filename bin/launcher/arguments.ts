// The command line of `npm start`.

import { parseArgs } from 'node:util'

export interface StartRequest {
  /** 1 means a standalone server. */
  readonly servers: number
  /** The first server's client port; the others' follow. Null: what the files say, or 2181. */
  readonly port: number | null
  readonly data: string
  readonly verbose: boolean
}

export const CLIENT_PORT_DEFAULT = 2181
/** From a server's client port to its ports for the other servers: 2888 and 3888 beside 2181. */
export const QUORUM_PORT_OFFSET = 707
export const ELECTION_PORT_OFFSET = 1707
/** From a server's client port to its admin server's: 8080 beside 2181. */
const ADMIN_PORT_OFFSET = 5899
const SERVERS_MAX = 9
const PORT_MAX = 65_535

export const HELP: string = `Usage: npm start -- [options]

Starts three servers on this machine, to try things with. Clients connect to 127.0.0.1, ports
2181, 2182 and 2183. Ctrl-C stops the servers; their data stays.

  --servers N     how many servers to start, 1 to ${SERVERS_MAX}; 1 is a standalone server
  --port P        the first server's client port; the others' follow (default 2181)
  --data FOLDER   where the data is (default data/ensemble, or data/standalone for one server)
  --verbose       show every line that the servers log, not only the important ones
  --help          print this

Every server has a folder of its own, FOLDER/1, FOLDER/2, ..., with its zoo.cfg, and its id in the
file myid. These are written at the first start; after that they are yours to edit. Among
themselves the servers use the client port + ${QUORUM_PORT_OFFSET} (2888, 2889, ...) and + ${ELECTION_PORT_OFFSET} (3888, 3889, ...). Their admin
servers have the client port + ${ADMIN_PORT_OFFSET}: http://127.0.0.1:8080/commands is the first one's.

A server that has ended is not started again. To start it, in another terminal:
  bin/zkServer.sh start-foreground data/ensemble/2/zoo.cfg
`

/** Where a server's admin server listens; 0 if the system chooses, null if there is no such port. */
export function adminPortOf(clientPort: number): number | null {
  if (clientPort === 0) return 0
  const port = clientPort + ADMIN_PORT_OFFSET
  return port > PORT_MAX ? null : port
}

/** The request, `help`, or what is wrong with the arguments. */
export function parseStart(args: readonly string[]): StartRequest | 'help' | { problem: string } {
  let values: ReturnType<typeof read>
  try {
    values = read(args)
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
  if (values.help) return 'help'
  const servers = wholeNumber(values.servers)
  if (servers === null || servers < 1 || servers > SERVERS_MAX) {
    return { problem: `--servers ${values.servers}: must be a number from 1 to ${SERVERS_MAX}` }
  }
  // A standalone server may leave the choice to the system. Servers that look for each other
  // cannot.
  const least = servers === 1 ? 0 : 1
  const most = servers === 1 ? PORT_MAX : PORT_MAX - ELECTION_PORT_OFFSET - servers + 1
  const port = values.port === undefined ? null : wholeNumber(values.port)
  if (values.port !== undefined && (port === null || port < least || port > most)) {
    const why =
      servers === 1 ? '' : `, so that the ports behind it are there for ${servers} servers`
    return { problem: `--port ${values.port}: must be a number from ${least} to ${most}${why}` }
  }
  const data = values.data ?? (servers === 1 ? 'data/standalone' : 'data/ensemble')
  if (data === '' || /[\r\n]/.test(data)) return { problem: '--data: must name a folder' }
  return { servers, port, data, verbose: values.verbose }
}

function read(args: readonly string[]): {
  servers: string
  port?: string
  data?: string
  verbose: boolean
  help: boolean
} {
  return parseArgs({
    args: [...args],
    options: {
      servers: { type: 'string', default: '3' },
      port: { type: 'string' },
      data: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values
}

function wholeNumber(text: string): number | null {
  return /^\d{1,5}$/.test(text) ? Number(text) : null
}
