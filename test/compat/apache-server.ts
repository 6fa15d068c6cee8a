// Apache ZooKeeper as a stand-alone server in a temporary folder, for tests that compare with it.
//
// Looks where Debian’s package puts its jars; ZOOKEEPER_CLASSPATH names another place. When there
// is none the tests skip and say so, unless RINGKEEPER_REQUIRE_FOREIGN=1 asks them to fail.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '../../client/client.ts'

const JARS = '/usr/share/java'
const READY_MS_MAX = 30_000

const classpath: string | null = findClasspath()

const absent: string | null = absence()

/** For node:test: false, or why the tests are skipped. */
export const APACHE_MISSING: string | false = skipReason()

function findClasspath(): string | null {
  const { ZOOKEEPER_CLASSPATH: given } = process.env
  if (given !== undefined) return given
  if (!existsSync(`${JARS}/zookeeper.jar`)) return null
  const names = ['zookeeper', 'metrics-core', 'snappy-java', 'slf4j-nop']
  return names.map((name) => `${JARS}/${name}.jar`).join(':')
}

function absence(): string | null {
  const java = spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0
  if (classpath !== null && java) return null
  return 'Apache ZooKeeper is not here: install the packages zookeeper and default-jre-headless'
}

function skipReason(): string | false {
  const { RINGKEEPER_REQUIRE_FOREIGN: required } = process.env
  return absent === null || required === '1' ? false : absent
}

/** The arguments of java that run one of ZooKeeper's classes. */
export function javaArguments(mainClass: string, options: readonly string[] = []): string[] {
  return ['-Xmx256m', '-XX:TieredStopAtLevel=1', ...options, '-cp', classpath ?? '', mainClass]
}

export class ApacheServer {
  readonly address: string
  readonly #process: ChildProcess
  readonly #folder: string

  private constructor(address: string, child: ChildProcess, folder: string) {
    this.address = address
    this.#process = child
    this.#folder = folder
  }

  /** Resolves once it serves clients. */
  static async start(): Promise<ApacheServer> {
    if (absent !== null) throw new Error(absent)
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'apache-zookeeper-'))
    const configuration = join(folder, 'zoo.cfg')
    writeFileSync(
      configuration,
      `tickTime=2000\ndataDir=${folder}/data\nclientPort=${port}\nclientPortAddress=127.0.0.1\n`,
    )
    const options = [
      '-Dzookeeper.admin.enableServer=false',
      '-Dzookeeper.extendedTypesEnabled=true',
    ]
    const main = 'org.apache.zookeeper.server.ZooKeeperServerMain'
    const child = spawn('java', [...javaArguments(main, options), configuration], {
      stdio: 'ignore',
    })
    const server = new ApacheServer(`127.0.0.1:${port}`, child, folder)
    try {
      await connected(server.address)
    } catch (error) {
      server.stop()
      throw error
    }
    return server
  }

  stop(): void {
    this.#process.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Resolves once a client has got a session there. */
function connected(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      client.connection.abandon()
      reject(new Error('Apache ZooKeeper does not answer'))
    }, READY_MS_MAX)
    const client = new Client({
      servers: address,
      reconnectDelayMs: 100,
      onState: (state) => {
        if (state !== 'connected') return
        clearTimeout(timer)
        client.close().then(resolve, reject)
      },
    })
  })
}

/** A port that was free a moment ago: ZooKeeper cannot be asked to choose one. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (address !== null && typeof address !== 'string') resolve(address.port)
        else reject(new Error('no port'))
      })
    })
  })
}
