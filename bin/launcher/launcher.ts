// The servers of an ensemble as child processes. It starts them, shows what matters of their logs,
// says who leads and who has ended, and stops them. It restarts nobody: it exists to show how an
// ensemble goes on without a server.
//
// Each child leads a process group of its own, so that Ctrl-C on the terminal reaches only the
// launcher. If the launcher is killed, its channel to the children closes, and they stop.

import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { PreparedMember } from './ensemble-folder.ts'
import { SERVER_ENVIRONMENT } from './environment.ts'
import { type LineDetail, LogLines } from './log-lines.ts'
import { modeOf } from './probe.ts'

const ASK_EVERY_MS = 200
/** If there is no leader after this time, the state of things is printed, once. */
const LEADER_LATE_MS = 60_000
/** Long enough for the last snapshot of a large tree. */
const STOP_MS_MAX = 30_000

export interface LauncherOptions {
  readonly members: readonly PreparedMember[]
  /** Program and arguments. A member's configuration is added. */
  readonly command: readonly string[]
  readonly detail: LineDetail
  /** Prints a line on the terminal. */
  readonly say: (line: string) => void
  /** Every server has ended, although nobody asked for it. */
  readonly onAllEnded: () => void
}

interface Running {
  readonly member: PreparedMember
  readonly child: ChildProcess
  ended: boolean
}

export class Launcher {
  readonly #options: LauncherOptions
  readonly #running: Running[] = []
  #stopping = false
  #watching = false
  /** The leader that was announced last. */
  #leader: number | null = null

  constructor(options: LauncherOptions) {
    this.#options = options
  }

  /** Resolves with true once a leader has been announced; with false if the servers were stopped,
   * or ended, before there was one. */
  async start(): Promise<boolean> {
    for (const member of this.#options.members) this.#launch(member)
    await this.#watchForLeader()
    return this.#leader !== null
  }

  /** The process ids, by server. */
  get pids(): ReadonlyMap<number, number> {
    const alive = this.#running.filter(({ ended }) => !ended)
    return new Map(alive.map(({ member, child }) => [member.id, child.pid ?? 0]))
  }

  /** Ends every server that still runs, each by its process id. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    const alive = this.#running.filter(({ ended }) => !ended)
    const gone = alive.map(({ child }) => closed(child))
    for (const { child } of alive) child.kill('SIGTERM')
    const abort = new AbortController()
    const late = pause(STOP_MS_MAX, 'late' as const, { signal: abort.signal }).catch(() => 'late')
    const first = await Promise.race([Promise.all(gone), late])
    abort.abort()
    if (first === 'late') {
      this.kill()
      await Promise.all(gone)
    }
  }

  /** Ends them at once, without time to stop in order. Their data is safe all the same. */
  kill(): void {
    for (const { member, child, ended } of this.#running) {
      if (ended) continue
      this.#options.say(`server ${member.id} (process ${child.pid}) does not stop, and was killed`)
      child.kill('SIGKILL')
    }
  }

  #launch(member: PreparedMember): void {
    const [program = '', ...args] = this.#options.command
    const child = spawn(program, [...args, member.configuration], {
      detached: true,
      env: { ...process.env, ...SERVER_ENVIRONMENT },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const running: Running = { member, child, ended: false }
    this.#running.push(running)
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new LogLines(member.id, this.#options.detail, this.#options.say)
      stream?.setEncoding('utf8').on('data', (chunk: string) => lines.feed(chunk))
      stream?.on('end', () => lines.end())
    }
    child.on('error', (error) => this.#onEnd(running, error.message))
    child.on('close', (code, signal) => this.#onEnd(running, signal ?? `exit code ${code}`))
  }

  #onEnd(running: Running, how: string): void {
    if (running.ended) return
    running.ended = true
    if (this.#stopping) return
    const { say, members, onAllEnded } = this.#options
    const { id, configuration } = running.member
    const left = this.#running.filter(({ ended }) => !ended).length
    if (left === 0) {
      say(`server ${id} (process ${running.child.pid}) ended with ${how}; no server is left`)
      onAllEnded()
      return
    }
    const others =
      left * 2 > members.length
        ? 'the others go on'
        : `only ${left} of ${members.length} left, which is no majority: no client is served`
    say(
      `server ${id} (process ${running.child.pid}) ended with ${how}; ${others}. To start it again:\n` +
        `  bin/zkServer.sh start-foreground ${configuration}`,
    )
    if (this.#leader === id) this.#leader = null
    if (!this.#watching && this.#leader === null) void this.#watchForLeader()
  }

  /** Asks until one of our servers leads, and all that run have found it. */
  async #watchForLeader(): Promise<void> {
    this.#watching = true
    let waitedMs = 0
    while (!this.#stopping) {
      const modes = await this.#modes()
      if (modes.size === 0) break
      const leader = [...modes].find(([, mode]) => mode === 'leader')?.[0]
      if (leader !== undefined && [...modes.values()].every((mode) => mode !== null)) {
        if (this.#leader !== leader) this.#announce(leader, modes)
        break
      }
      waitedMs += ASK_EVERY_MS
      if (waitedMs === LEADER_LATE_MS) this.#sayLate(modes)
      await pause(ASK_EVERY_MS)
    }
    this.#watching = false
  }

  async #modes(): Promise<Map<number, string | null>> {
    const alive = this.#running.filter(({ ended }) => !ended)
    const modes = alive.map(async ({ member }): Promise<[number, string | null]> => {
      return [member.id, await modeOf(member.clientHost, member.clientPort)]
    })
    return new Map(await Promise.all(modes))
  }

  #announce(leader: number, modes: ReadonlyMap<number, string | null>): void {
    this.#leader = leader
    const followers = [...modes]
      .filter(([id]) => id !== leader)
      .map(([id, mode]) => `${id} (${mode})`)
    const others = followers.length === 0 ? '' : `; with it: ${followers.join(', ')}`
    this.#options.say(`server ${leader} leads${others}`)
  }

  #sayLate(modes: ReadonlyMap<number, string | null>): void {
    const each = [...modes].map(([id, mode]) => `${id}: ${mode ?? 'serves nobody yet'}`)
    this.#options.say(
      `no leader after ${LEADER_LATE_MS / 1000} s (${each.join(', ')}); --verbose shows what they do`,
    )
  }
}

function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve())
  })
}
