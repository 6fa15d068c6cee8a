// The folders of an ensemble on this machine: FOLDER/1, FOLDER/2, ..., each with a zoo.cfg and a
// myid. Existing files are read and left alone; missing ones are written.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readConfiguration } from '../../config/arguments.ts'
import { ConfigurationError } from '../../config/configuration.ts'
import { type EnsembleOptions, ownMember } from '../../config/ensemble/ensemble.ts'
import {
  adminPortOf,
  CLIENT_PORT_DEFAULT,
  ELECTION_PORT_OFFSET,
  QUORUM_PORT_OFFSET,
  type StartRequest,
} from './arguments.ts'

const HOST = '127.0.0.1'

export interface PreparedMember {
  readonly id: number
  /** The path as the operator would write it. */
  readonly configuration: string
  readonly clientHost: string
  readonly clientPort: number
  /** Everything that it will listen on, and for what. */
  readonly ports: readonly { host: string; port: number; purpose: string }[]
}

/** Servers cannot be started from this folder. The message is for the operator. */
export class FolderError extends Error {
  override readonly name = 'FolderError'
}

export interface Prepared {
  readonly members: readonly PreparedMember[]
  /** Whether the configurations were just written. */
  readonly isNew: boolean
}

/** Writes nothing if there is an ensemble already. Throws FolderError. */
export function prepareEnsemble(request: StartRequest): Prepared {
  const { data, servers, port } = request
  const present = idsIn(data)
  if (present.length > 0 && present.length !== servers) {
    throw new FolderError(
      `${data} has the configurations of ${present.length} servers, and --servers ${servers} was ` +
        `asked for.\nStart them with --servers ${present.length}, or take another folder with --data.`,
    )
  }
  if (present.length === 0) writeMembers(data, servers, port ?? CLIENT_PORT_DEFAULT)
  const ids = idsIn(data)
  const members = ids.map((id) => readMember(data, id))
  const [first] = members
  if (port !== null && first !== undefined && first.clientPort !== port) {
    throw new FolderError(
      `--port ${port}: ${first.configuration} says ${first.clientPort}.\n` +
        'Change the ports in every zoo.cfg there, or take another folder with --data.',
    )
  }
  return { members, isNew: present.length === 0 }
}

/** The servers that have a configuration, in order. */
export function idsIn(data: string): number[] {
  if (!existsSync(data)) return []
  return readdirSync(data)
    .filter((name) => /^[1-9]\d{0,2}$/.test(name) && existsSync(join(data, name, 'zoo.cfg')))
    .map(Number)
    .sort((a, b) => a - b)
}

function writeMembers(data: string, servers: number, firstPort: number): void {
  try {
    for (let id = 1; id <= servers; id++) {
      const folder = join(data, String(id))
      mkdirSync(folder, { recursive: true })
      const myid = join(folder, 'myid')
      if (!existsSync(myid)) writeFileSync(myid, `${id}\n`)
      writeFileSync(join(folder, 'zoo.cfg'), zooCfg(resolve(folder), id, servers, firstPort))
    }
  } catch (error) {
    throw new FolderError(error instanceof Error ? error.message : String(error))
  }
}

/** A configuration that ZooKeeper understands, too. */
export function zooCfg(folder: string, id: number, servers: number, firstPort: number): string {
  const lines: string[] = []
  for (let n = 1; n <= servers; n++) {
    const client = firstPort + n - 1
    const peers = `${client + QUORUM_PORT_OFFSET}:${client + ELECTION_PORT_OFFSET}`
    lines.push(`server.${n}=${HOST}:${peers};${HOST}:${client}`)
  }
  return `# Server ${id} of ${servers} on one machine, written by npm start, which only reads it from now on.

# Milliseconds of a tick: sessions last from 2 to 20 of them.
tickTime=2000
# Ticks for a server to catch up with the leader, and that it may lag behind.
initLimit=10
syncLimit=5

dataDir=${escaped(folder)}

# Every command on the client port: it is open to this machine alone.
4lw.commands.whitelist=*

# The admin server's port, on this machine alone: http://127.0.0.1:PORT/ is its console, which asks the
# others' as well
${adminLine(firstPort + id - 1)}
${consoleLine(firstPort, servers)}

# server.ID=host:port for followers:port for votes;where clients connect
${lines.join('\n')}
`
}

function adminLine(clientPort: number): string {
  const port = adminPortOf(clientPort)
  return port === null ? 'admin.enableServer=false' : `admin.serverPort=${port}`
}

function consoleLine(firstPort: number, servers: number): string {
  const ports = Array.from({ length: servers }, (_, i) => adminPortOf(firstPort + i))
  if (ports.includes(null) || ports.includes(0)) return ''
  return `ringkeeper.consoleMembers=${ports.map((port, i) => `${i + 1}=${HOST}:${port}`).join(',')}`
}

/** In a properties file a backslash must be doubled to stand for itself, and letters beyond ASCII
 * are written by their numbers. */
function escaped(path: string): string {
  return path
    .replace(/\\/g, '\\\\')
    .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function readMember(data: string, id: number): PreparedMember {
  const configuration = join(data, String(id), 'zoo.cfg')
  const ensemble = readEnsemble(configuration)
  const { options } = ensemble
  if (options.serverId !== id) {
    throw new FolderError(
      `${configuration}: its myid says ${options.serverId}, and the folder says ${id}`,
    )
  }
  const clientHost = ensemble.clientPortAddress ?? '0.0.0.0'
  const ports = [{ host: clientHost, port: ensemble.clientPort, purpose: 'clients' }]
  for (const { host, quorumPort, electionPort } of ownMember(options).addresses) {
    ports.push({ host, port: quorumPort, purpose: 'followers' })
    ports.push({ host, port: electionPort, purpose: 'votes' })
  }
  return {
    id,
    configuration,
    clientHost: clientHost === '0.0.0.0' ? HOST : clientHost,
    clientPort: ensemble.clientPort,
    ports,
  }
}

function readEnsemble(configuration: string): {
  options: EnsembleOptions
  clientPort: number
  clientPortAddress: string | null
} {
  try {
    const { ensemble, clientPort, clientPortAddress } = readConfiguration(
      [configuration],
      {},
    ).options
    if (ensemble !== null) return { options: ensemble, clientPort, clientPortAddress }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new FolderError(error.message)
  }
  throw new FolderError(
    `${configuration}: is a standalone server's; take another folder with --data`,
  )
}
