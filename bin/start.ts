// `npm start`: servers to try things with, on this machine. Three by default, each a process of its
// own; with --servers 1, a standalone server in this process.

import { NPM_START } from './launcher/arguments.ts'
import { startServers } from './launcher/start-servers.ts'

await startServers(process.argv.slice(2), NPM_START)
