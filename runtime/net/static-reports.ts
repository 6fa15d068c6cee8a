// What `conf`, `envi` and `dirs` say: settings, surroundings, and the size of the data.

import { readdir, stat } from 'node:fs/promises'
import { freemem, homedir, hostname, machine, release, tmpdir, totalmem, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { type EnsembleOptions, ownMember } from '../../config/ensemble/ensemble.ts'
import type { ServerOptions } from '../../config/options.ts'
import { type MemberAddress, membershipText } from '../../protocol/quorum/membership-config.ts'
import { FULL_VERSION } from '../process/version.ts'
import type { ServerMode } from './server-mode.ts'

const VERSION_FOLDER = 'version-2'
const MIB = 1 << 20
/** ZooKeeper's spelling of Node's. */
const PLATFORMS: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'Mac OS X' }
const MACHINES: Readonly<Record<string, string>> = { x86_64: 'amd64' }

/** `conf`. The keys are ZooKeeper's and none of them is a secret. */
export async function configurationText(
  options: ServerOptions,
  port: number,
  mode: ServerMode,
): Promise<string> {
  const { dataDir, dataLogDir, ensemble } = options
  const [dataBytes, logBytes] = await Promise.all([folderBytes(dataDir), folderBytes(dataLogDir)])
  const own = lines([
    ['clientPort', port],
    ['secureClientPort', -1],
    ['dataDir', resolve(dataDir, VERSION_FOLDER)],
    ['dataDirSize', dataBytes],
    ['dataLogDir', resolve(dataLogDir, VERSION_FOLDER)],
    ['dataLogSize', logBytes],
    ['tickTime', options.tickTimeMs],
    ['maxClientCnxns', options.maxClientCnxns],
    ['minSessionTimeout', options.minSessionTimeoutMs],
    ['maxSessionTimeout', options.maxSessionTimeoutMs],
    ['clientPortListenBacklog', options.clientPortListenBacklog],
    // A standalone server has no id, whatever its sessions are numbered with.
    ['serverId', ensemble?.serverId ?? 0],
  ])
  return ensemble === null ? own : own + quorumText(ensemble, mode)
}

/** The membership is the text of /zookeeper/config, whose last line never had an end. */
function quorumText(ensemble: EnsembleOptions, mode: ServerMode): string {
  const { addresses } = ownMember(ensemble)
  const ports = (of: (address: MemberAddress) => number): string =>
    [...new Set(addresses.map(of))].join('|')
  const quorum = lines([
    ['initLimit', ensemble.initLimit],
    ['syncLimit', ensemble.syncLimit],
    ['electionAlg', 3],
    ['electionPort', ports(({ electionPort }) => electionPort)],
    ['quorumPort', ports(({ quorumPort }) => quorumPort)],
    // The number of the role in ZooKeeper's LearnerType.
    ['peerType', ensemble.peerType === 'observer' ? 1 : 0],
  ])
  return mode === 'read-only'
    ? quorum
    : `${quorum}membership: \n${membershipText(ensemble.membership)}`
}

/** `envi`. The names are Java's; what there is no Java for is said of Node. */
export function environmentText(): string {
  const heap = getHeapStatistics()
  const environment: [string, string | number][] = [
    ['zookeeper.version', FULL_VERSION],
    ['host.name', hostname()],
    ['java.version', `none, Node.js ${process.versions.node}`],
    ['java.vendor', 'Node.js'],
    ['java.home', dirname(dirname(process.execPath))],
    ['java.class.path', process.argv[1] ?? ''],
    ['java.library.path', ''],
    ['java.io.tmpdir', tmpdir()],
    ['java.compiler', `V8 ${process.versions.v8}`],
    ['os.name', PLATFORMS[process.platform] ?? process.platform],
    ['os.arch', MACHINES[machine()] ?? machine()],
    ['os.version', release()],
    ['user.name', known(() => userInfo().username)],
    ['user.home', known(homedir)],
    ['user.dir', process.cwd()],
    ['os.memory.free', mebibytes(freemem())],
    ['os.memory.max', mebibytes(Math.min(heap.heap_size_limit, totalmem()))],
    ['os.memory.total', known(() => mebibytes(process.memoryUsage.rss()))],
  ]
  return `Environment:\n${lines(environment)}`
}

/** In a container a process may run as a user without a name or a home; Java says so too. */
function known(ask: () => string): string {
  try {
    return ask()
  } catch {
    return '?'
  }
}

/** Bytes of the files in a data folder; 0 when there are none yet. */
export async function folderBytes(folder: string): Promise<number> {
  const path = join(folder, VERSION_FOLDER)
  const names = await readdir(path).catch((): string[] => [])
  // A file may have been purged since: it has no size any more.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(path, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function lines(entries: readonly (readonly [string, string | number])[]): string {
  return entries.map(([key, value]) => `${key}=${value}\n`).join('')
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MIB)}MB`
}
