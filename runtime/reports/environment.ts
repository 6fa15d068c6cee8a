// `envi`: the server's surroundings. The names are Java's; where they make no sense, Node's values
// stand.

import { freemem, homedir, hostname, machine, release, tmpdir, totalmem, userInfo } from 'node:os'
import { dirname } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { FULL_VERSION } from '../process/version.ts'

const MIB = 1 << 20
/** ZooKeeper's spelling of Node's names. */
const PLATFORMS: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'Mac OS X' }
const MACHINES: Readonly<Record<string, string>> = { x86_64: 'amd64' }

export type EnvironmentReport = Readonly<Record<string, string>>

export function environment(): EnvironmentReport {
  const heap = getHeapStatistics()
  return {
    'zookeeper.version': FULL_VERSION,
    'host.name': hostname(),
    'java.version': `none, Node.js ${process.versions.node}`,
    'java.vendor': 'Node.js',
    'java.home': dirname(dirname(process.execPath)),
    'java.class.path': process.argv[1] ?? '',
    'java.library.path': '',
    'java.io.tmpdir': tmpdir(),
    'java.compiler': `V8 ${process.versions.v8}`,
    'os.name': PLATFORMS[process.platform] ?? process.platform,
    'os.arch': MACHINES[machine()] ?? machine(),
    'os.version': release(),
    'user.name': known(() => userInfo().username),
    'user.home': known(homedir),
    'user.dir': process.cwd(),
    'os.memory.free': mebibytes(freemem()),
    'os.memory.max': mebibytes(Math.min(heap.heap_size_limit, totalmem())),
    'os.memory.total': known(() => mebibytes(process.memoryUsage.rss())),
  }
}

/** In a container, a process may run as a user without a name or a home. Java says so, too. */
function known(ask: () => string): string {
  try {
    return ask()
  } catch {
    return '?'
  }
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MIB)}MB`
}
