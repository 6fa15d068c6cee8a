// The command line of `npm start`, and of `ringkeeper` without a verb.

import { parseArgs } from 'node:util'

export interface StartRequest {
  /** 1 means a standalone server. */
  readonly servers: number
  /** The first server's client port; the others' follow. Null: what the files say, or 2181. */
  readonly port: number | null
  readonly data: string
  readonly verbose: boolean
  /** Says in one line of JSON when clients are served, and ends with its standard input. */
  readonly json: boolean
}

/** How the user called us, and how the shell is called. */
export interface Way {
  readonly command: string
  readonly shell: string
  readonly serversDefault: number
}

export const NPM_START: Way = {
  command: 'npm start --',
  shell: 'bin/zkCli.sh',
  serversDefault: 3,
}
export const RINGKEEPER: Way = {
  command: 'ringkeeper',
  shell: 'ringkeeper cli',
  serversDefault: 1,
}

export const CLIENT_PORT_DEFAULT = 2181
/** From a server's client port to its ports for the other servers: 2888 and 3888 beside 2181. */
export const QUORUM_PORT_OFFSET = 707
export const ELECTION_PORT_OFFSET = 1707
/** From a server's client port to its admin server's: 8080 beside 2181. */
const ADMIN_PORT_OFFSET = 5899
const SERVERS_MAX = 9
const PORT_MAX = 65_535

export function helpOf({ command, shell, serversDefault }: Way): string {
  return `Usage: ${command} [options]

Starts servers on this machine: ${serversDefault === 1 ? 'one standalone server, or an ensemble' : 'an ensemble, or one standalone server'}. The first server's
clients connect to port 2181, the second's to 2182, and so on. Ctrl-C stops the servers; their data
stays.

  --servers N     how many servers to start, 1 to ${SERVERS_MAX} (default ${serversDefault}); 1 is a standalone server
  --port P        the first server's client port; the others' follow (default 2181; 0: a free port)
  --data FOLDER   where the data is (default data/ensemble, or data/standalone for one server)
  --json          when clients are served, print one line of JSON and nothing else: {"connectString",
                  "pid", "servers": [{"id", "port", "pid", "data"}]}. The log goes to standard error. The
                  servers end when standard input does.
  --verbose       show every line that the servers log, not only the important ones
  --help          print this

Every server of an ensemble has a folder of its own, FOLDER/1, FOLDER/2, ..., with its zoo.cfg, and its id
in the file myid. These are written at the first start; after that they are yours to edit. Its members
listen on 127.0.0.1. Among themselves they use the client port + ${QUORUM_PORT_OFFSET} (2888, 2889, ...) and + ${ELECTION_PORT_OFFSET} (3888,
3889, ...). Their admin servers have the client port + ${ADMIN_PORT_OFFSET}: http://127.0.0.1:8080/commands is the
first one's.

The shell:
  ${shell} -server 127.0.0.1:2181
A server that has ended is not started again. To start it, in another terminal:
  ${command === 'ringkeeper' ? 'ringkeeper server' : 'bin/zkServer.sh start-foreground'} data/ensemble/2/zoo.cfg
`
}

/** Where a server's admin server listens; 0 if the system chooses, null if there is no such port. */
export function adminPortOf(clientPort: number): number | null {
  if (clientPort === 0) return 0
  const port = clientPort + ADMIN_PORT_OFFSET
  return port > PORT_MAX ? null : port
}

/** Every port of so many servers, from the first one's client port on; none if that is too high. */
export function portsFrom(base: number, servers: number): readonly number[] {
  if (base > basePortMax(servers)) return []
  const ports: number[] = []
  for (let client = base; client < base + servers; client++) {
    ports.push(client, client + QUORUM_PORT_OFFSET, client + ELECTION_PORT_OFFSET)
    const admin = adminPortOf(client)
    if (admin !== null) ports.push(admin)
  }
  return ports
}

function basePortMax(servers: number): number {
  return PORT_MAX - ELECTION_PORT_OFFSET - servers + 1
}

/** The request, `help`, or what is wrong with the arguments. */
export function parseStart(
  args: readonly string[],
  { serversDefault }: Way = NPM_START,
): StartRequest | 'help' | { problem: string } {
  let values: ReturnType<typeof read>
  try {
    values = read(args)
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
  if (values.help) return 'help'
  const servers = values.servers === undefined ? serversDefault : wholeNumber(values.servers)
  if (servers === null || servers < 1 || servers > SERVERS_MAX) {
    return { problem: `--servers ${values.servers}: must be a number from 1 to ${SERVERS_MAX}` }
  }
  const most = servers === 1 ? PORT_MAX : basePortMax(servers)
  const port = values.port === undefined ? null : wholeNumber(values.port)
  if (values.port !== undefined && (port === null || port > most)) {
    const why =
      servers === 1 ? '' : `, so that the ports behind it are there for ${servers} servers`
    return { problem: `--port ${values.port}: must be a number from 0 to ${most}${why}` }
  }
  const data = values.data ?? (servers === 1 ? 'data/standalone' : 'data/ensemble')
  if (data === '' || /[\r\n]/.test(data)) return { problem: '--data: must name a folder' }
  return { servers, port, data, verbose: values.verbose, json: values.json }
}

function read(args: readonly string[]): {
  servers?: string
  port?: string
  data?: string
  verbose: boolean
  json: boolean
  help: boolean
} {
  return parseArgs({
    args: [...args],
    options: {
      servers: { type: 'string' },
      port: { type: 'string' },
      data: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values
}

function wholeNumber(text: string): number | null {
  return /^\d{1,5}$/.test(text) ? Number(text) : null
}
