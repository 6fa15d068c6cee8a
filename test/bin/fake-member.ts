// Stands for a server of an ensemble where the launcher is tested: reads the zoo.cfg it is given,
// answers `srvr` on its client port, leads if FAKE_LEADER is its id, ends on SIGTERM and with its
// launcher.

import { createServer } from 'node:net'
import { readConfiguration } from '../../config/arguments.ts'

const { options } = readConfiguration(process.argv.slice(2), {})
const { FAKE_LEADER, FAKE_FAILURE } = process.env
const { serverId } = options
if (FAKE_FAILURE === String(serverId)) {
  process.stderr.write('no disk\n')
  process.exit(7)
}
const mode = FAKE_LEADER === String(serverId) ? 'leader' : 'follower'
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.once('data', () => socket.end(`Zookeeper version: 0\nMode: ${mode}\nNode count: 5\n`))
})
server.listen(options.clientPort, options.clientPortAddress ?? '127.0.0.1', () => {
  process.stdout.write(`{"level":30,"time":"t","msg":"binding"}\n`)
  process.stdout.write(`{"level":40,"time":"t","msg":"slow disk","ms":${serverId}}\n`)
})
