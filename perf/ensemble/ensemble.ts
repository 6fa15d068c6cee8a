// Servers on this machine, each a process of its own, in a temporary folder: an ensemble, or one
// that stands alone.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { LOOPBACK, Member, type MemberState } from './member.ts'
import { freePorts } from './ports.ts'

const POLL_MS = 20
const LEARNERS: ReadonlySet<string> = new Set(['follower', 'observer'])

export interface PeerPorts {
  readonly quorum: number
  readonly election: number
}

/** A server's addresses: for the other servers, and for clients. */
export interface Hosts {
  readonly peers: string
  readonly clients: string
}

export interface EnsembleOptions {
  /** 3 when absent; 1 is a standalone server. */
  readonly servers?: number
  /** Of as many; from 1 on when absent. */
  readonly ids?: readonly number[]
  /** Ids of those that do not vote. */
  readonly observers?: readonly number[]
  /** Loopback when absent. */
  readonly hosts?: (id: number) => Hosts
  /** Lines for every zoo.cfg. */
  readonly configuration?: readonly string[]
  /** Lines for the zoo.cfg of one server. */
  readonly configurationOf?: (id: number) => readonly string[]
  /** Where server `from` finds server `to`, when it is not at its own ports. */
  readonly route?: (from: number, to: number, own: PeerPorts) => Promise<PeerPorts>
  /** What runs a server, for others than ours, or that of one id. */
  readonly command?: readonly string[] | ((id: number) => readonly string[])
  /** Variables for a server's process. */
  readonly environment?: (id: number) => Readonly<Record<string, string>>
  /** Where the folder with their data is made; the system's temporary folder when absent. */
  readonly parent?: string
}

export class Ensemble {
  readonly members: readonly Member[]
  readonly #folder: string
  readonly ports: ReadonlyMap<number, PeerPorts>

  private constructor(
    members: readonly Member[],
    ports: ReadonlyMap<number, PeerPorts>,
    folder: string,
  ) {
    this.members = members
    this.ports = ports
    this.#folder = folder
  }

  /** Writes the configurations; nothing runs yet. */
  static async prepare(options: EnsembleOptions = {}): Promise<Ensemble> {
    const count = options.ids?.length ?? options.servers ?? 3
    const folder = mkdtempSync(join(options.parent ?? tmpdir(), 'ringkeeper-ensemble-'))
    const free = await freePorts(count * 3)
    const ids = options.ids ?? Array.from({ length: count }, (_, i) => i + 1)
    const ports = new Map(
      ids.map((id, i) => [id, { quorum: free[i * 3 + 1]!, election: free[i * 3 + 2]! }]),
    )
    const members: Member[] = []
    for (const [i, id] of ids.entries()) {
      const clientPort = free[i * 3]!
      const host = options.hosts?.(id).clients ?? LOOPBACK
      const configuration = join(folder, String(id), 'zoo.cfg')
      mkdirSync(join(folder, String(id), 'data'), { recursive: true })
      writeFileSync(join(folder, String(id), 'data', 'myid'), `${id}\n`)
      // A single server stands alone.
      const lines = count === 1 ? [] : await serverLines(id, ports, options)
      const text = [
        'tickTime=2000',
        'initLimit=10',
        'syncLimit=5',
        `dataDir=${join(folder, String(id), 'data')}`,
        `clientPort=${clientPort}`,
        `clientPortAddress=${host}`,
        'admin.enableServer=false',
        '4lw.commands.whitelist=*',
        'maxClientCnxns=0',
        ...(options.configuration ?? []),
        ...(options.configurationOf?.(id) ?? []),
        ...lines,
      ]
      writeFileSync(configuration, `${text.join('\n')}\n`)
      const { command: given } = options
      const command = typeof given === 'function' ? given(id) : given
      const environment = options.environment?.(id) ?? {}
      const known = { id, host, clientPort, configuration, environment }
      members.push(new Member({ ...known, ...(command && { command }) }))
    }
    return new Ensemble(members, ports, folder)
  }

  /** A connect string of all. */
  get addresses(): string {
    return this.members.map(({ address }) => address).join(',')
  }

  member(id: number): Member {
    const member = this.members.find((each) => each.id === id)
    if (member === undefined) throw new Error(`there is no server ${id}`)
    return member
  }

  start(): void {
    for (const member of this.members) member.start()
  }

  states(): Promise<(MemberState | null)[]> {
    return Promise.all(this.members.map((member) => member.state()))
  }

  /** Resolves with the leader once everyone serves and one leads, or stands alone; fails after
   * `boundMs`. */
  async whole(boundMs: number): Promise<Member> {
    const deadlineMs = performance.now() + boundMs
    for (;;) {
      const states = await this.states()
      const heads = this.members.length === 1 ? 'standalone' : 'leader'
      const leaders = this.members.filter((_, i) => states[i]?.mode === heads)
      const followers = states.filter((state) => LEARNERS.has(state?.mode ?? ''))
      const [leader] = leaders
      const whole = leaders.length === 1 && followers.length === this.members.length - 1
      if (whole && leader !== undefined) return leader
      if (performance.now() > deadlineMs) {
        const modes = this.members.map(
          ({ id }, i) => `${id}: ${states[i]?.mode ?? 'serves nobody'}`,
        )
        throw new Error(`not whole after ${boundMs} ms: ${modes.join(', ')}`)
      }
      await pause(POLL_MS)
    }
  }

  /** Where a server's snapshots and logs are. */
  dataFolder(id: number): string {
    return join(this.#folder, String(id), 'data')
  }

  /** The ends of all logs, for whoever has to find out why. */
  tails(linesMax: number): string {
    return this.members
      .map(({ id, lines }) => `--- server ${id}\n${lines.slice(-linesMax).join('\n')}`)
      .join('\n')
  }

  /** Kills everyone, and removes their data. */
  async end(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The lines of a zoo.cfg that say where server `from` finds whom. */
export async function serverLines(
  from: number,
  ports: ReadonlyMap<number, PeerPorts>,
  { route, hosts, observers = [] }: Pick<EnsembleOptions, 'route' | 'hosts' | 'observers'>,
): Promise<string[]> {
  const lines: string[] = []
  for (const [to, own] of ports) {
    const routed = to === from || route === undefined ? own : await route(from, to, own)
    const host = hosts?.(to).peers ?? LOOPBACK
    const role = observers.includes(to) ? ':observer' : ''
    lines.push(`server.${to}=${host}:${routed.quorum}:${routed.election}${role}`)
  }
  return lines
}

/** So many different ports that were free a moment ago. */
