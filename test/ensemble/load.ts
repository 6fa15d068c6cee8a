// Clients that never stop, and remember what they were told: registers that all of them write and
// read, nodes with names of their own, numbered ones, a node that lives as long as its session.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { Client } from '../../client/client.ts'
import { isZkError, ZkError } from '../../client/zk-error.ts'
import { OPEN_ACL } from '../../protocol/acl.ts'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { CreateMode, OpCode } from '../../protocol/op-code.ts'
import type { Stat } from '../../protocol/stat.ts'
import type { Random } from '../support/random.ts'
import { until } from '../support/until.ts'
import { History, type Write } from './history.ts'

const KEYS = ['/r/a', '/r/b', '/r/c', '/r/d']
export const SESSION_MS = 10_000
const CONNECT_MS_MAX = 500
const RECONNECT_MS = 50
/** Between two requests of one client: a load, not a race for the cores. */
const PACE_MS = 4
const DELETES_AT_ONCE = 200
const RENEWAL_MS_MAX = 60_000

/** A node with a name that nobody else uses. */
interface Named {
  readonly path: string
  /** -1 until its creation was acknowledged. */
  zxid: number
  removal: 'none' | 'asked' | 'done'
}

class Worker {
  readonly client: Client
  readonly #id: number
  readonly #load: Load
  #named: Named[] = []
  #count = 0
  #seen = 0
  #stopped = false
  #done: Promise<void> = Promise.resolve()

  constructor(id: number, servers: string, load: Load) {
    this.#id = id
    this.#load = load
    this.client = clientOf(servers, id, SESSION_MS)
  }

  async begin(): Promise<void> {
    const options = { mode: CreateMode.ephemeral }
    await this.client.create(`/e/worker-${this.#id}`, null, options)
    this.goOn()
  }

  goOn(): void {
    this.#stopped = false
    this.#named = []
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#one(this.#load.random(100))
      } catch (error) {
        // Whether it happened is not known. Anything else is an answer that nobody should get.
        if (!isZkError(error, ErrorCode.connectionLoss)) {
          this.#load.problems.push(`client ${this.#id}: ${error}`)
          if (this.client.connection.state === 'expired') return
        }
      }
      await new Promise((resolve) => setTimeout(resolve, this.#load.paceMs))
    }
  }

  async #one(dice: number): Promise<void> {
    const key = KEYS[this.#load.random(KEYS.length)]!
    const name = `${this.#id}-${this.#count++}`
    if (dice < 45) await this.#set(key, name)
    else if (dice < 65) await this.#read(key, 'synced')
    else if (dice < 80) await this.#read(key, 'as it is')
    else if (dice < 87) await this.#create(`/n/${name}`)
    else if (dice < 91) await this.#remove()
    else if (dice < 96) await this.#number(name)
    else await this.#both(key, name)
  }

  async #set(key: string, value: string): Promise<void> {
    const write = this.#load.history.begin(this.#id, key, value)
    this.#acknowledge(write, await this.client.set(key, utf8Bytes(value)))
  }

  #acknowledge(write: Write, { mzxid, version }: Stat): void {
    write.endMs = performance.now()
    write.zxid = mzxid
    write.version = version
    this.#seen = Math.max(this.#seen, mzxid)
    this.#load.acknowledge()
  }

  async #read(key: string, how: 'synced' | 'as it is'): Promise<void> {
    const [client, startMs, seen] = [this.#id, performance.now(), this.#seen]
    const synced = how === 'synced'
    if (synced) await this.client.sync(key)
    const { data, stat } = await this.client.get(key)
    const endMs = performance.now()
    const value = textOf(data)
    const { mzxid: zxid, version } = stat
    this.#load.history.reads.push({
      client,
      key,
      value,
      startMs,
      endMs,
      zxid,
      version,
      synced,
      seen,
    })
    this.#seen = Math.max(this.#seen, zxid)
  }

  async #create(path: string): Promise<void> {
    const node: Named = { path, zxid: -1, removal: 'none' }
    this.#load.named.push(node)
    const { stat } = await this.client.create2(path, utf8Bytes(path))
    node.zxid = stat.czxid
    this.#named.push(node)
    this.#load.acknowledge()
  }

  async #remove(): Promise<void> {
    const node = this.#named.shift()
    if (node === undefined) return
    node.removal = 'asked'
    await this.client.delete(node.path)
    node.removal = 'done'
  }

  async #number(name: string): Promise<void> {
    this.#load.numbering.add(name)
    const mode = CreateMode.persistentSequential
    const path = await this.client.create('/s/n-', utf8Bytes(name), { mode })
    ok(!this.#load.numbered.has(path), `${path} was given twice`)
    this.#load.numbered.set(path, name)
  }

  /** A node and a register in one transaction. */
  async #both(key: string, value: string): Promise<void> {
    const path = `/n/${value}`
    const node: Named = { path, zxid: -1, removal: 'none' }
    this.#load.named.push(node)
    const write = this.#load.history.begin(this.#id, key, value)
    const [created, set] = await this.client.multi([
      {
        type: OpCode.create,
        request: { path, data: utf8Bytes(path), acl: OPEN_ACL, flags: CreateMode.persistent },
      },
      { type: OpCode.setData, request: { path: key, data: utf8Bytes(value), version: -1 } },
    ])
    ok(created?.type === OpCode.create && set?.type === OpCode.setData)
    node.zxid = set.stat.mzxid
    this.#acknowledge(write, set.stat)
  }
}

export class Load {
  history: History = new History()
  readonly random: Random
  /** Between two requests of one client. */
  readonly paceMs: number
  named: Named[] = []
  /** Data of numbered nodes that were asked for, and the paths of those that were acknowledged. */
  readonly numbering: Set<string> = new Set()
  readonly numbered: Map<string, string> = new Map()
  /** Sessions that ended by themselves, or answers that nobody should get. */
  readonly problems: string[] = []
  /** Writes, so far. */
  acknowledged = 0
  readonly #servers: string
  readonly #workers: Worker[] = []
  readonly #leavers: string[] = []

  constructor(servers: string, random: Random, paceMs: number = PACE_MS) {
    this.#servers = servers
    this.random = random
    this.paceMs = paceMs
  }

  acknowledge(): void {
    this.acknowledged++
  }

  /** So many clients, which begin with one server after the other. */
  async begin(clients: number): Promise<void> {
    const first = clientOf(this.#servers, 0, SESSION_MS)
    for (const path of ['/r', '/n', '/s', '/e', ...KEYS]) await first.create(path, null)
    await first.close()
    for (let id = 0; id < clients; id++) {
      const worker = new Worker(id, this.#servers, this)
      this.#workers.push(worker)
      await worker.begin()
    }
  }

  /** A client comes, leaves a node that must not outlive its session, and goes: with a word or
   * without. */
  async visit(how: 'closed' | 'abandoned'): Promise<void> {
    const client = clientOf(this.#servers, this.random(3), 4000)
    const path = `/e/visitor-${this.#leavers.length}`
    this.#leavers.push(path)
    await client.create(path, null, { mode: CreateMode.ephemeral }).catch(expectLoss)
    if (how === 'closed') await client.close()
    else client.connection.abandon()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }

  /** After stop and check: everything is removed and forgotten but the sessions, which go on. */
  async renew(): Promise<void> {
    const { client } = this.#workers[0]!
    for (const folder of ['/n', '/s']) {
      const { children } = await persistently(() => client.getChildren(folder))
      for (let from = 0; from < children.length; from += DELETES_AT_ONCE) {
        const some = children.slice(from, from + DELETES_AT_ONCE)
        await Promise.all(some.map((name) => removed(client, `${folder}/${name}`)))
      }
    }
    for (const key of KEYS) {
      await removed(client, key)
      await persistently(() => client.create(key, null).catch(unless(ErrorCode.nodeExists)))
    }
    this.history = new History()
    this.named = []
    this.numbering.clear()
    this.numbered.clear()
    for (const worker of this.#workers) worker.goOn()
  }

  /** Ends the sessions. */
  async end(): Promise<void> {
    for (const { client } of this.#workers) client.connection.abandon()
  }

  /** Whether the ephemerals are those of the sessions that live. */
  async visitorsAreGone(): Promise<boolean> {
    const { client } = this.#workers[0]!
    await client.sync('/e')
    const { children } = await client.getChildren('/e')
    return !children.some((name) => name.startsWith('visitor'))
  }

  /** What is there in the end is what was acknowledged, and perhaps what was asked for. */
  async check(): Promise<void> {
    deepStrictEqual(this.problems, [])
    const { client } = this.#workers[0]!
    await client.sync('/')
    for (const key of KEYS) await this.#checkRegister(client, key)
    await this.#checkNamed(client)
    await this.#checkNumbered(client)
    for (const [id, worker] of this.#workers.entries()) {
      strictEqual(worker.client.connection.state, 'connected', `client ${id}`)
      const stat = await client.exists(`/e/worker-${id}`)
      strictEqual(stat?.ephemeralOwner, BigInt(worker.client.connection.session.id))
    }
  }

  async #checkRegister(client: Client, key: string): Promise<void> {
    const asked = this.history.writes.filter((write) => write.key === key)
    const acknowledged = asked.filter(({ zxid }) => zxid >= 0)
    const { data, stat } = await client.get(key)
    const newest = Math.max(0, ...acknowledged.map(({ zxid }) => zxid))
    const { version, mzxid } = stat
    ok(mzxid >= newest, `${key} is at ${mzxid}, and ${newest} was acknowledged`)
    const counts = `${acknowledged.length} <= ${version} <= ${asked.length}`
    ok(acknowledged.length <= version && version <= asked.length, `versions of ${key}: ${counts}`)
    const value = textOf(data)
    ok(value === '' || asked.some((write) => write.value === value), `${key}=${value}`)
  }

  async #checkNamed(client: Client): Promise<void> {
    const left = new Set((await client.getChildren('/n')).children.map((name) => `/n/${name}`))
    for (const { path, zxid, removal } of this.named) {
      const there = left.delete(path)
      if (zxid >= 0 && removal === 'none') {
        ok(there, `${path} was acknowledged and is gone`)
        strictEqual((await client.exists(path))?.czxid, zxid, path)
      } else if (removal === 'done') {
        ok(!there, `${path} was removed and is there`)
      }
    }
    deepStrictEqual([...left], [], 'nodes that nobody made')
  }

  async #checkNumbered(client: Client): Promise<void> {
    const { children } = await client.getChildren('/s')
    const paths = children.map((name) => `/s/${name}`).sort()
    const found = new Map<string, string>()
    let before = 0
    for (const path of paths) {
      const { data, stat } = await client.get(path)
      const name = textOf(data)
      ok(this.numbering.delete(name), `${path} holds ${name}, twice or from nowhere`)
      ok(stat.czxid > before, `${path} is older than the number before it`)
      before = stat.czxid
      found.set(path, name)
    }
    for (const [path, name] of this.numbered) strictEqual(found.get(path), name, path)
  }
}

export function clientOf(servers: string, firstHost: number, sessionTimeoutMs: number): Client {
  return new Client({
    servers,
    firstHost,
    sessionTimeoutMs,
    connectTimeoutMs: CONNECT_MS_MAX,
    reconnectDelayMs: RECONNECT_MS,
  })
}

function textOf(data: Uint8Array | null): string {
  return Buffer.from(data ?? []).toString()
}

function removed(client: Client, path: string): Promise<void> {
  return persistently(() => client.delete(path).catch(unless(ErrorCode.noNode)))
}

function unless(code: ErrorCode): (error: unknown) => void {
  return (error) => {
    if (!isZkError(error, code)) throw error
  }
}

/** Asks again when the connection is lost: a machine that is short of time may bring an election, and
 * until it is over every attempt to connect is a loss. */
export async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  const answers: T[] = []
  await until('an answer', RENEWAL_MS_MAX, async () => {
    await ask().then((answer) => answers.push(answer), unless(ErrorCode.connectionLoss))
    return answers.length > 0
  })
  return answers[0]!
}

function expectLoss(error: unknown): void {
  if (!(error instanceof ZkError) || error.code !== ErrorCode.connectionLoss) throw error
}
