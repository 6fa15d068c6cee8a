// Debian's Apache ZooKeeper as a peer in tests: its classes run by Java, on loopback, in a
// temporary folder. Where it is missing, tests skip and say what to install.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'

const JAVA_FOLDER = '/usr/share/java'
const JARS = [
  'zookeeper',
  'zookeeper-jute',
  'slf4j-api',
  'slf4j-simple',
  'netty-common',
  'netty-buffer',
  'netty-codec',
  'netty-handler',
  'netty-transport',
  'netty-resolver',
  'commons-cli',
  'snappy-java',
  'metrics-core',
  'jackson-core',
  'jackson-databind',
  'jackson-annotations',
]
const CLASS_PATH = JARS.map((jar) => join(JAVA_FOLDER, `${jar}.jar`)).join(':')
const JAVA_OPTIONS = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Duser.timezone=UTC']

/** Why tests against ZooKeeper cannot run here; false when they can or must. */
export function apacheMissing(): string | false {
  if (process.env['RINGKEEPER_REQUIRE_FOREIGN'] === '1') return false
  if (existsSync(join(JAVA_FOLDER, 'zookeeper.jar'))) return false
  return 'needs Apache ZooKeeper: apt-get install zookeeper libsnappy-java'
}

/** Runs a main class to its end; what it printed. */
export function runJava(mainClass: string, args: readonly string[], input: string = ''): string {
  const all = [...JAVA_OPTIONS, '-cp', CLASS_PATH, mainClass, ...args]
  const ended = spawnSync('java', all, { encoding: 'utf8', input, maxBuffer: 64 << 20 })
  if (ended.status === 0) return ended.stdout
  throw new Error(`${mainClass} ${args.join(' ')}: ${ended.status}\n${ended.stderr}`)
}

export interface ApacheServer {
  port: number
  /** Runs commands of ZooKeeper's own shell in one session. */
  shell(commands: readonly string[]): string
  /** Kills it, as a crash would. */
  kill(): Promise<void>
}

/** A standalone server with its data below `folder`. */
export async function startApache(
  folder: string,
  properties: readonly string[],
): Promise<ApacheServer> {
  const port = await freePort()
  const config = join(folder, 'zoo.cfg')
  const lines = [
    'tickTime=2000',
    `dataDir=${folder}`,
    'clientPortAddress=127.0.0.1',
    `clientPort=${port}`,
    'admin.enableServer=false',
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
  const args = [...JAVA_OPTIONS, ...properties, '-cp', CLASS_PATH, main, config]
  const child = spawn('java', args, { stdio: 'ignore' })
  await listening(port, child)
  return {
    port,
    shell: (commands) =>
      runJava(
        'org.apache.zookeeper.ZooKeeperMain',
        ['-server', `127.0.0.1:${port}`],
        `${commands.join('\n')}\nquit\n`,
      ),
    kill: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Tries to connect until it works or the process is gone. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`ZooKeeper exited with ${child.exitCode}`)
    const socket = createConnection(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    } finally {
      socket.destroy()
    }
  }
}
