// One member of an ensemble of both kinds: Apache's server or ours, a process of its own, on a data
// folder that either can be started on.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, type ClientOptions } from '../../../client/client.ts'
import { loggingClassPath, SERVER_MAIN } from '../../../perf/servers/apache-command.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { ask, ROOT } from '../../bin/launch.ts'
import { ADMIN_JARS, javaArguments } from '../../support/apache.ts'
import { until, within } from '../../support/until.ts'
import { zxidsIn } from '../../support/zxids-in.ts'

export type Kind = 'apache' | 'ours'
export type Mode = 'leader' | 'follower' | 'observer'
/** How a learner was brought up to date. */
export type Sync = 'DIFF' | 'TRUNC' | 'SNAP'

/** Java takes its time where many tests run at once. */
export const SERVING_MS_MAX = 60_000
/** A server that starts may take a connection and never answer. */
const ANSWER_MS_MAX = 5000
const SUSPENDED_MS_MAX = 10_000
const OURS = join(ROOT, 'dist/bin/server.js')
/** Which cannot be in zoo.cfg. */
const PROPERTIES = ['znode.container.checkIntervalMs=100']
const LOG_CHARS_MAX = 4_000_000
/** What was logged before a complaint says how it came to it. */
const COMPLAINT_CHARS = 20_000

/** What a learner says of its synchronisation, in its own log. */
const LEARNED: Readonly<Record<Kind, Readonly<Record<Sync, RegExp>>>> = {
  apache: {
    DIFF: /Getting a diff from the leader/,
    TRUNC: /Truncating log to get in sync with the leader/,
    SNAP: /Getting a snapshot from leader/,
  },
  ours: {
    DIFF: /"by":"DIFF".*"synchronized"/,
    TRUNC: /"by":"TRUNC".*"synchronized"/,
    SNAP: /"by":"SNAP".*"synchronized"/,
  },
}
/** What no server may ever say. */
const WRONG = /Digests are not matching|digest-mismatch|the server cannot go on/
/** A COMMIT between NEWLEADER and UPTODATE ends the synchronisation of Apache 3.8.0 by an exception
 * (ZOOKEEPER-4394), and it then logs the same transactions a second time (ZOOKEEPER-4712). It does
 * so among its own kind, and its digests are wrong whenever it reads that log: when it follows, and when it
 * leads, where those who follow say so. */
const STUMBLED = /NullPointerException: Cannot read field "hdr" because "pif" is null/
/** The leader's end can end the thread that logs, with what it had not logged yet (ZOOKEEPER-4541). What of that
 * is in the tree the next leader is not asked for, and what was logged but is not in the tree comes again: the
 * log has a hole or a repetition, and at the next start so has the tree. */
const LOGGER_ENDED =
  /NullPointerException: Cannot invoke "java.net.Socket.isClosed\(\)" because "this.learner.sock" is null/
/** When it loses its leader, one thread reads the log into the tree while another still applies what was
 * committed (ZOOKEEPER-3598). */
const APPLIED_TWICE =
  /shutdown of request processor complete(?:(?!CommitProcessor exited loop).)*Digests are not matching/s
const OF_DIGESTS = /Digests are not matching|digest-mismatch/g

export interface MemberOptions {
  readonly id: number
  readonly kind: Kind
  readonly clientPort: number
  /** Where its folder is made. */
  readonly folder: string
  /** Lines of zoo.cfg, beside its own data folder and port. */
  readonly configuration: readonly string[]
  /** System properties. */
  readonly properties?: readonly string[]
}

export class Member {
  readonly id: number
  readonly clientPort: number
  readonly data: string
  kind: Kind
  readonly #configuration: string
  readonly #asWritten: string
  #properties: readonly string[]
  #child: ChildProcess | null = null
  #log = ''
  /** Logs of earlier runs. */
  #before = ''
  #mayEnd = false

  constructor({ id, kind, clientPort, folder, configuration, properties = [] }: MemberOptions) {
    this.id = id
    this.kind = kind
    this.clientPort = clientPort
    this.data = join(folder, String(id))
    mkdirSync(this.data)
    writeFileSync(join(this.data, 'myid'), `${id}\n`)
    this.#properties = [...PROPERTIES, ...properties]
    this.#configuration = join(folder, `${id}.cfg`)
    const own = [`dataDir=${this.data}`, `clientPort=${clientPort}`]
    this.#asWritten = `${[...own, ...configuration].join('\n')}\n`
    writeFileSync(this.#configuration, this.#asWritten)
  }

  get address(): string {
    return `127.0.0.1:${this.clientPort}`
  }

  /** How a reconfiguration names it. */
  get specification(): string {
    const line = new RegExp(`^server\\.${this.id}=.*$`, 'm').exec(this.#asWritten)?.[0]
    return `${line}:participant;${this.address}`
  }

  get name(): string {
    return `server ${this.id} (${this.kind})`
  }

  get isRunning(): boolean {
    const child = this.#child
    return child !== null && child.exitCode === null && child.signalCode === null
  }

  /** What it has logged since its last start. */
  get log(): string {
    return this.#log
  }

  /** It is Apache's, and its digests are wrong from here on. `known` gives every transaction that the
   * others have logged. */
  hasStumbled(known: () => ReadonlySet<Zxid>): boolean {
    const all = this.#before + this.#log
    if (STUMBLED.test(all) || APPLIED_TWICE.test(all)) return true
    return LOGGER_ENDED.test(all) && !this.#hasLoggedInOrder(known())
  }

  /** The transactions in its log on disk, committed or not. */
  get logged(): readonly Zxid[] {
    return zxidsIn(join(this.data, 'version-2'))
  }

  /** What it must never have logged, in any run; null when all is well. Where a member of the ensemble has
   * stumbled, digests say nothing. */
  complaint(areDigestsWrong: boolean): string | null {
    const all = this.#before + this.#log
    if (!this.isRunning && !this.#mayEnd) {
      return `${this.name} ended with ${this.#child?.exitCode}: ${this.#tail()}`
    }
    const found = WRONG.exec(areDigestsWrong ? all.replaceAll(OF_DIGESTS, '') : all)
    if (found === null) return null
    const around = all.slice(Math.max(0, found.index - COMPLAINT_CHARS), found.index + 2000)
    return `${this.name}: ${found[0]}, in\n${around}`
  }

  /** On the same data as ever, perhaps as the other kind. */
  start(kind: Kind = this.kind): void {
    if (this.isRunning) throw new Error(`${this.name} runs already`)
    this.kind = kind
    this.#before += this.#log
    this.#log = ''
    this.#mayEnd = false
    const child = this.#spawn()
    const onText = (text: string): void => {
      if (this.#log.length < LOG_CHARS_MAX) this.#log += text
    }
    child.stdout?.setEncoding('utf8').on('data', onText)
    child.stderr?.setEncoding('utf8').on('data', onText)
    this.#child = child
  }

  /** A property of another value, for its next start. */
  redefine(property: string): void {
    this.#properties = [...this.#properties, property]
  }

  /** More lines of zoo.cfg, for its next start. */
  configure(...lines: readonly string[]): void {
    appendFileSync(this.#configuration, `${lines.join('\n')}\n`)
  }

  /** As a crash would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** As an operator would. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /**
   * As a machine without power would look to the others: nothing is heard of it. Waits until every
   * thread stands: on a busy machine some of them run on for a while after the signal.
   */
  async suspend(): Promise<void> {
    const child = this.#child
    child?.kill('SIGSTOP')
    await until(`${this.name} stands`, SUSPENDED_MS_MAX, () => isStopped(child?.pid))
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** What a four-letter word is answered with; empty when nobody is there. */
  word(word: string): Promise<string> {
    const answer = within(`an answer to ${word}`, ANSWER_MS_MAX, ask(this.clientPort, word))
    return answer.catch(() => '')
  }

  /** Null while it serves nobody. */
  async mode(): Promise<Mode | null> {
    return (/^Mode: (\S+)$/m.exec(await this.word('srvr'))?.[1] as Mode | undefined) ?? null
  }

  /** The newest transaction it has applied. */
  async zxid(): Promise<string | null> {
    return /^Zxid: (\S+)$/m.exec(await this.word('srvr'))?.[1] ?? null
  }

  /** Waits until it serves clients, in this mode if one is given. */
  async serves(wanted?: Mode): Promise<void> {
    let mode: Mode | null = null
    try {
      await until(`${this.name} serves`, SERVING_MS_MAX, async () => {
        if (!this.isRunning) throw new Error(`${this.name} ended with ${this.#child?.exitCode}`)
        mode = await this.mode()
        return mode !== null && (wanted === undefined || mode === wanted)
      })
    } catch (error) {
      throw new Error(`${error} (${wanted ?? 'any mode'} wanted, it is ${mode})\n${this.#tail()}`)
    }
  }

  /** Waits until it says that it serves nobody. */
  async servesNobody(): Promise<void> {
    await until(`${this.name} serves nobody`, SERVING_MS_MAX, async () => {
      return (await this.word('srvr')).includes('not currently serving requests')
    })
  }

  /** Whether these bytes are in its log on disk, committed or not. */
  hasLogged(bytes: string): boolean {
    const folder = join(this.data, 'version-2')
    const logs = readdirSync(folder).filter((name) => name.startsWith('log.'))
    return logs.some((name) => readFileSync(join(folder, name)).includes(bytes))
  }

  /** Waits until it has learned from its leader in this way, since its last start. */
  async learned(sync: Sync): Promise<void> {
    const words = LEARNED[this.kind][sync]
    try {
      await until(`${this.name} learns by ${sync}`, SERVING_MS_MAX, () => words.test(this.#log))
    } catch (error) {
      throw new Error(`${error}\n${this.#tail()}`)
    }
  }

  /** A client of this member alone. */
  connect(options: Omit<ClientOptions, 'servers'> = {}): Client {
    return new Client({ reconnectDelayMs: 50, ...options, servers: this.address })
  }

  #hasLoggedInOrder(known: ReadonlySet<Zxid>): boolean {
    const own = this.logged
    const [first = 0, last = 0] = [own[0], own.at(-1)]
    const wanted = [...known].filter((zxid) => zxid >= first && zxid <= last).sort((a, b) => a - b)
    return own.length === wanted.length && own.every((zxid, i) => zxid === wanted[i])
  }

  #spawn(): ChildProcess {
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
    const properties = this.#properties.map((property) => `-D${property}`)
    if (this.kind === 'apache') {
      properties.push('-Dorg.slf4j.simpleLogger.showDateTime=true')
      const args = javaArguments(SERVER_MAIN, properties, loggingClassPath(ADMIN_JARS))
      return spawn('java', [...args, this.#configuration], { stdio })
    }
    const { NODE_TEST_CONTEXT: _, JVMFLAGS: _1, SERVER_JVMFLAGS: _2, ...env } = process.env
    return spawn(process.execPath, [OURS, ...properties, this.#configuration], { stdio, env })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === null || !this.isRunning) return
    const gone = once(child, 'exit')
    this.#mayEnd = true
    child.kill(signal)
    // A stopped process takes its signal when it goes on.
    child.kill('SIGCONT')
    await within(`${this.name} to end`, SERVING_MS_MAX, gone)
  }

  #tail(): string {
    return this.#log.slice(-6000)
  }
}

/** Whether all its threads stand, which is the third field of each one's stat (see proc(5)); not
 * while one of them is just ending. */
function isStopped(pid: number | undefined): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
      return stat.charAt(stat.lastIndexOf(')') + 2) === 'T'
    })
  } catch {
    return false
  }
}
