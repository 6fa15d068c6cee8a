// An ensemble of Apache's servers and ours on loopback: who leads it is chosen by the order of the
// starts, and at the end nobody may have complained.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { Client, type ClientOptions } from '../../../client/client.ts'
import { type EnsembleOptions, serverLines } from '../../../perf/ensemble/ensemble.ts'
import { freePorts } from '../../../perf/ensemble/ports.ts'
import { removeFolder, temporaryFolder } from '../../bin/launch.ts'
import { until, within } from '../../support/until.ts'
import { type Kind, Member, SERVING_MS_MAX } from './member.ts'
import { OWN, treeOf } from './tree-of.ts'

const ANSWER_MS_MAX = 30_000

export interface MixedOptions {
  readonly kinds: readonly Kind[]
  /** Of these; from 1 on when absent. */
  readonly ids?: readonly number[]
  /** Ids of those that do not vote. */
  readonly observers?: readonly number[]
  /** Where server `from` finds server `to`, when it is not at its own ports. */
  readonly route?: NonNullable<EnsembleOptions['route']>
  /** Where each listens for the others, and for clients; 127.0.0.1 when absent. */
  readonly hosts?: NonNullable<EnsembleOptions['hosts']>
  /** Whom the file of this server names besides itself; everybody when absent. */
  readonly founders?: (id: number) => readonly number[]
  /** More lines of zoo.cfg. */
  readonly configuration?: readonly string[]
  /** System properties. */
  readonly properties?: readonly string[]
}

export class MixedEnsemble {
  readonly members: readonly Member[]
  readonly #folder: string
  /** Each finds the others elsewhere, and its configuration says so. */
  readonly #isRouted: boolean
  readonly #clients: Client[] = []

  private constructor(folder: string, members: readonly Member[], isRouted: boolean) {
    this.#folder = folder
    this.#isRouted = isRouted
    this.members = members
  }

  /** Nothing runs yet. */
  static async prepare(options: MixedOptions): Promise<MixedEnsemble> {
    const { kinds, ids = kinds.map((_, i) => i + 1) } = options
    const folder = temporaryFolder()
    const shared = ['tickTime=500', 'initLimit=20', 'syncLimit=10', 'clientPortAddress=127.0.0.1']
    shared.push('admin.enableServer=false', '4lw.commands.whitelist=*', 'preAllocSize=1024')
    shared.push(
      'maxSessionTimeout=60000',
      'extendedTypesEnabled=true',
      ...(options.configuration ?? []),
    )
    const free = await freePorts(3 * kinds.length)
    const clientPorts = kinds.map(() => free.pop()!)
    const peers = new Map(ids.map((id) => [id, { quorum: free.pop()!, election: free.pop()! }]))
    const members: Member[] = []
    for (const [i, kind] of kinds.entries()) {
      const [id, clientPort] = [ids[i]!, clientPorts[i]!]
      const founders = options.founders?.(id) ?? ids
      const named = [...peers].filter(([other]) => other === id || founders.includes(other))
      const configuration = [...shared, ...(await serverLines(id, new Map(named), options))]
      const { properties = [] } = options
      members.push(new Member({ id, kind, clientPort, folder, configuration, properties }))
    }
    return new MixedEnsemble(folder, members, options.route !== undefined)
  }

  get addresses(): string {
    return this.members.map(({ address }) => address).join(',')
  }

  member(id: number): Member {
    const member = this.members.find((each) => each.id === id)
    if (member === undefined) throw new Error(`no server ${id}`)
    return member
  }

  others(than: Member): Member[] {
    return this.members.filter((member) => member !== than)
  }

  /** Starts everybody. `leader` leads: it is elected by the first quorum there is, and must have the
   * larger id of that. */
  async start(leader: number): Promise<void> {
    const voters = this.members.filter(({ id }) => id < leader)
    const first = [this.member(leader), voters[0]!]
    for (const member of first) member.start()
    await this.member(leader).serves('leader')
    for (const member of this.members) if (!first.includes(member)) member.start()
    await this.serves()
  }

  /** Waits until every member that runs serves. */
  async serves(): Promise<void> {
    await Promise.all(this.running.map((member) => member.serves()))
  }

  get running(): Member[] {
    return this.members.filter(({ isRunning }) => isRunning)
  }

  /** Waits until one of those that run leads. */
  async leader(): Promise<Member> {
    let leader: Member | undefined
    await until('there is a leader', SERVING_MS_MAX, async () => {
      const modes = await Promise.all(this.running.map((member) => member.mode()))
      leader = this.running[modes.indexOf('leader')]
      return leader !== undefined
    })
    return leader!
  }

  /** Waits until everybody that runs has applied and logged what the leader has applied by now. */
  async isLevel(): Promise<void> {
    const wanted = Number(await (await this.leader()).zxid())
    await until('everybody has caught up', SERVING_MS_MAX, async () => {
      const applied = await Promise.all(this.running.map((member) => member.zxid()))
      const areApplied = applied.every((zxid) => zxid !== null && Number(zxid) >= wanted)
      return areApplied && this.running.every(({ logged }) => Number(logged.at(-1) ?? 0) >= wanted)
    })
  }

  /** A client of one member, or of all. Closed at the end. */
  client(member: Member | null = null, options: Omit<ClientOptions, 'servers'> = {}): Client {
    const shared = { sessionTimeoutMs: 40_000, reconnectDelayMs: 50, ...options }
    const client = new Client({ ...shared, servers: member?.address ?? this.addresses })
    this.#clients.push(client)
    return client
  }

  /** A client of one member for the time of `use`. */
  async with<T>(member: Member, use: (client: Client) => Promise<T>): Promise<T> {
    const client = this.client(member)
    try {
      return await within(`answers of ${member.name}`, ANSWER_MS_MAX, use(client))
    } finally {
      client.connection.abandon()
    }
  }

  /** All members that run hold the very same nodes, with the same Stats and ACLs; that one tree. A member
   * of Apache's that has stumbled counts some children twice and lacks others: it is left out. */
  async agrees(): Promise<ReadonlyMap<string, unknown>> {
    const trees: ReadonlyMap<string, unknown>[] = []
    for (const member of this.running.filter((each) => !this.#hasStumbled(each))) {
      trees.push(
        await this.with(member, async (client) => {
          await client.sync()
          const tree = new Map(await treeOf(client))
          if (this.#isRouted) tree.delete(OWN)
          return tree
        }),
      )
    }
    const [first, ...others] = trees
    ok(first !== undefined, 'every member has stumbled')
    for (const other of others) deepStrictEqual(other, first)
    return first
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.connection.abandon()
    await Promise.all(this.members.map((member) => member.kill()))
    const areDigestsWrong = this.members.some((member) => this.#hasStumbled(member))
    removeFolder(this.#folder)
    for (const member of this.members) strictEqual(member.complaint(areDigestsWrong), null)
  }

  #hasStumbled(member: Member): boolean {
    return member.hasStumbled(() => new Set(this.others(member).flatMap(({ logged }) => logged)))
  }
}

/** An ensemble for the time of `use`. Nothing runs yet. */
export async function withEnsemble(
  options: MixedOptions,
  use: (ensemble: MixedEnsemble) => Promise<void>,
): Promise<void> {
  const ensemble = await MixedEnsemble.prepare(options)
  try {
    await use(ensemble)
  } finally {
    await ensemble.stop()
  }
}
