// Apache ZooKeeper as a peer in tests: Debian's jars run by Java, on loopback. ZOOKEEPER_CLASSPATH
// names jars elsewhere.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '../../client/client.ts'
import { freePort, isFree } from '../../perf/ensemble/ports.ts'
import { classPath, HAS_JARS, SERVER_MAIN } from '../../perf/servers/apache-command.ts'
import { runs, skipUnless, successOf } from './foreign.ts'
import { within } from './until.ts'

const SHELL_MAIN = 'org.apache.zookeeper.ZooKeeperMain'
const READY_MS_MAX = 60_000
const HANDSHAKE_MS_MAX = 1000
/** Why tests with ZooKeeper's classes cannot run here; false when they can or must. */
export const APACHE_MISSING: string | false = skipUnless(
  HAS_JARS && runs('java', ['-version']),
  'Apache ZooKeeper',
  'zookeeper libsnappy-java default-jre-headless',
)

/** The arguments of java that run one of ZooKeeper's classes. */
export function javaArguments(
  mainClass: string,
  options: readonly string[] = [],
  jars: string = classPath(),
): string[] {
  const frugal = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Duser.timezone=UTC']
  return [...frugal, ...options, '-cp', jars, mainClass]
}

/** Runs a main class to its end; what it printed. */
export function runJava(mainClass: string, args: readonly string[], input: string = ''): string {
  const all = [...javaArguments(mainClass), ...args]
  const ended = spawnSync('java', all, { encoding: 'utf8', input, maxBuffer: 64 << 20 })
  return successOf(`${mainClass} ${args.join(' ')}`, ended)
}

/** What its admin server needs: Debian's zookeeper brings them. */
export const ADMIN_JARS: readonly string[] = [
  'jetty9-server',
  'jetty9-http',
  'jetty9-io',
  'jetty9-util',
  'jetty9-servlet',
  'jetty9-security',
  'servlet-api',
]

export interface ApacheOptions {
  /** Its data directory; a temporary one, removed at the end, when absent. */
  readonly folder?: string
  /** System properties, such as `zookeeper.extendedTypesEnabled=true`. */
  readonly properties?: readonly string[]
  /** Lines of zoo.cfg. */
  readonly configuration?: readonly string[]
  /** A folder of classes that it needs besides. */
  readonly classes?: string
  /** Jars of Debian's that it needs besides, by name. */
  readonly jars?: readonly string[]
}

export class ApacheServer {
  readonly port: number
  readonly #process: ChildProcess
  readonly #temporary: string

  private constructor(port: number, child: ChildProcess, temporary: string) {
    this.port = port
    this.#process = child
    this.#temporary = temporary
  }

  /** Resolves once it serves clients. */
  static async start(options: ApacheOptions = {}): Promise<ApacheServer> {
    if (APACHE_MISSING !== false) throw new Error(APACHE_MISSING)
    const temporary = mkdtempSync(join(tmpdir(), 'apache-zookeeper-'))
    // The port may be taken between our look and its bind: then another one is tried.
    for (;;) {
      const port = await freePort()
      const child = launch(port, temporary, options)
      const server = new ApacheServer(port, child, temporary)
      const gone = once(child, 'exit').then(() => 'gone' as const)
      const ready = connected(server.address).then(() => 'ready' as const)
      ready.catch(() => {})
      const what = 'Apache ZooKeeper to serve'
      try {
        if ((await within(what, READY_MS_MAX, Promise.race([ready, gone]))) === 'ready') {
          return server
        }
      } catch (error) {
        await server.stop()
        throw error
      }
      if (await isFree(port)) throw new Error(`Apache ZooKeeper ended with ${child.exitCode}`)
    }
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Runs commands of ZooKeeper's own shell in one session. */
  shell(commands: readonly string[]): string {
    return runJava(SHELL_MAIN, ['-server', this.address], `${commands.join('\n')}\nquit\n`)
  }

  /** Kills it, as a crash would; its data stays. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#temporary, { recursive: true, force: true })
  }
}

function launch(port: number, temporary: string, options: ApacheOptions): ChildProcess {
  const configuration = join(temporary, 'zoo.cfg')
  const lines = [
    'tickTime=2000',
    `dataDir=${options.folder ?? join(temporary, 'data')}`,
    'clientPortAddress=127.0.0.1',
    `clientPort=${port}`,
    'admin.enableServer=false',
    ...(options.configuration ?? []),
  ]
  writeFileSync(configuration, `${lines.join('\n')}\n`)
  const properties = (options.properties ?? []).map((property) => `-D${property}`)
  const debians = classPath(options.jars)
  const jars = options.classes === undefined ? debians : `${debians}:${options.classes}`
  const args = [...javaArguments(SERVER_MAIN, properties, jars), configuration]
  return spawn('java', args, { stdio: 'ignore' })
}

/** Resolves once a client has got a session there. A handshake that comes while Apache starts may
 * never be answered: it is given up early. */
function connected(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = new Client({
      servers: address,
      sessionTimeoutMs: HANDSHAKE_MS_MAX,
      reconnectDelayMs: 50,
      onState: (state) => {
        if (state === 'connected') client.close().then(resolve, reject)
      },
    })
  })
}
