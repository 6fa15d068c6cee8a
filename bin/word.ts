// Asks a server that only speaks TLS with a four-letter word: word.js host port word. zkServer.sh
// status uses it. The certificates are the shell's: zookeeper.ssl.* in CLIENT_JVMFLAGS or JVMFLAGS
// (FourLetterWordMain).

import { lastingProblem, openSocket } from '../client/open-socket.ts'
import { clientConfiguration } from '../config/client-configuration.ts'
import { clientTls } from './client-tls.ts'

const ANSWER_MS_MAX = 10_000

const [host = '', port = '', word = ''] = process.argv.slice(2)
const server = { host, port: Number(port) }

function fail(problem: string): never {
  process.stderr.write(`${problem}\n`)
  process.exit(1)
}

try {
  const secure = { path: 'zkServer.sh', text: 'zookeeper.client.secure=true' }
  const { tls, problems } = clientConfiguration(process.env, secure)
  if (tls === null || problems.length > 0) fail(problems.join('\n'))
  const socket = openSocket(server, (await clientTls(tls)).tls, (ready) => ready.write(word))
  socket.setTimeout(ANSWER_MS_MAX, () => fail(`no answer from ${host}:${port}`))
  socket.on('data', (chunk) => process.stdout.write(chunk))
  socket.on('error', (error) => fail(lastingProblem(server, error) ?? error.message))
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
