// Questions before and after a start: which ports are free, and what mode does a server report.

import { type AddressInfo, createConnection, createServer } from 'node:net'
import { portsFrom } from './arguments.ts'
import { FolderError, type PreparedMember } from './ensemble-folder.ts'

const HOST = '127.0.0.1'
const BASES_TRIED_MAX = 50
const ANSWER_MS_MAX = 2000
const ANSWER_CHARS_MAX = 16_384

/** A line for each port that somebody else has. */
export async function takenPorts(members: readonly PreparedMember[]): Promise<string[]> {
  const problems: string[] = []
  for (const { id, ports, configuration } of members) {
    for (const { host, port, purpose } of ports) {
      const problem = await whyNotFree(host, port)
      if (problem === null) continue
      problems.push(`Port ${port} (server ${id}, for ${purpose}; ${configuration}) ${problem}`)
    }
  }
  return problems
}

/** A client port for the first of so many servers, with which all their ports are free. Somebody else may
 * take one of them before they do. */
export async function freeBasePort(servers: number): Promise<number> {
  for (let tried = 0; tried < BASES_TRIED_MAX; tried++) {
    const base = await anyFreePort()
    const ports = portsFrom(base, servers)
    const problems = await Promise.all(ports.map((port) => whyNotFree(HOST, port)))
    if (ports.length > 0 && problems.every((problem) => problem === null)) return base
  }
  throw new FolderError(`no ports for ${servers} servers are free on ${HOST}`)
}

function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, HOST, () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

function whyNotFree(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      resolve(taken ? 'is in use by another program.' : `cannot be used: ${error.message}`)
    })
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)))
  })
}

/** The mode in the answer to `srvr`: leader, follower, observer. Null while the server serves
 * nobody, or is not there. */
export function modeOf(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port })
    let answer = ''
    const finish = (): void => {
      socket.destroy()
      resolve(/^Mode: (\S+)$/m.exec(answer)?.[1] ?? null)
    }
    socket.setTimeout(ANSWER_MS_MAX, finish)
    socket.on('error', finish)
    socket.on('close', finish)
    socket.on('connect', () => socket.write('srvr'))
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk
      if (answer.length > ANSWER_CHARS_MAX) finish()
    })
  })
}
