// What ZooKeeper promises, by the paper (Hunt et al., USENIX ATC 2010, section 2.3 and the examples around
// it), shown by three simulated servers whose clients do one thing after the other. The simulator's
// judge holds every seed against the same promises; here they can be read.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { OpCode } from '../../protocol/op-code.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { CheckedConnection } from '../simulator/clients/connection.ts'
import { ClusterClient } from '../simulator/cluster/client.ts'
import { Cluster } from '../simulator/cluster/cluster.ts'
import { type ClusterOptions, plainClusterOptionsOf } from '../simulator/cluster/options.ts'
import { UNTAMPERED } from '../simulator/cluster/plants/tampering.ts'
import { OPEN } from '../simulator/model/model.ts'
import type { Operation } from '../simulator/model/operation.ts'
import type { PendingRequest } from '../simulator/model/pending-request.ts'
import { Dice } from '../simulator/world/dice.ts'
import { EventLog } from '../simulator/world/event-log.ts'

interface Reply {
  readonly op: Operation
  readonly zxid: Zxid
  /** Of a write. */
  readonly err: number | undefined
}

/** Asks for what it is told to. */
class Scripted extends ClusterClient {
  readonly replies: Reply[] = []

  override onReply(connection: CheckedConnection, request: PendingRequest, zxid: Zxid): void {
    super.onReply(connection, request, zxid)
    const { op, outcome } = request
    if (op.type !== OpCode.ping) this.replies.push({ op, zxid, err: outcome?.err })
  }

  get last(): Reply {
    return this.replies.at(-1)!
  }
}

/** Keeps what happened, in words. */
class Chronicle extends EventLog {
  readonly lines: string[] = []

  override add(event: string): void {
    super.add(event)
    this.lines.push(event.trim())
  }
}

const LEADER_WAIT_MS = 60_000
const TIMEOUT_MS = 4000

class Story {
  readonly cluster: Cluster
  readonly chronicle: Chronicle = new Chronicle(false)
  readonly #options: ClusterOptions = threeServers()
  readonly #dice = new Dice(7)
  readonly #clients: Scripted[] = []

  constructor() {
    this.cluster = new Cluster(this.#options, this.#dice.fork(), this.chronicle, UNTAMPERED)
    for (const id of this.cluster.ids) this.cluster.startWithin(id, 10)
    this.until('served', () => this.cluster.isServedBy(this.cluster.ids))
  }

  /** A client of this member. */
  client(member: number): Scripted {
    const { agenda, history } = this.cluster
    const index = this.#clients.length
    const made = new Scripted(
      ...([index, this.#options, agenda, history, this.chronicle, this.#dice.fork()] as const),
    )
    made.resting = true
    this.#clients.push(made)
    const act = (): void => {
      made.act([this.cluster.member(member)!])
      agenda.after(50, act)
    }
    act()
    this.until('connected', () => made.connected)
    return made
  }

  /** Asks all of these at once, and waits for the answers. */
  ask(client: Scripted, ...ops: Operation[]): Reply[] {
    const before = client.replies.length
    for (const op of ops) ok(client.ask(op))
    this.until('answered', () => client.replies.length === before + ops.length)
    return client.replies.slice(before)
  }

  runFor(ms: number): void {
    this.cluster.runUntil(this.cluster.agenda.nowMs + ms)
  }

  until(what: string, isSo: () => boolean): void {
    const { agenda } = this.cluster
    const endMs = agenda.nowMs + LEADER_WAIT_MS
    while (!isSo()) {
      ok(agenda.nowMs < endMs, `never ${what}: ${this.cluster.describe()}`)
      this.cluster.runUntil(agenda.nowMs + 5)
    }
  }

  /** Not the leader: a read here may be of the past. */
  get follower(): number {
    return this.cluster.alive.find((member) => !this.cluster.history.leads(member))!.id
  }
}

function create(path: string, data: number = 0): Operation {
  return { type: OpCode.create, request: { path, data: Uint8Array.of(data), acl: OPEN, flags: 0 } }
}

function set(path: string, data: number, version: number = -1): Operation {
  return { type: OpCode.setData, request: { path, data: Uint8Array.of(data), version } }
}

function remove(path: string): Operation {
  return { type: OpCode.delete, request: { path, version: -1 } }
}

function get(path: string): Operation {
  return { type: OpCode.getData, path, watch: false }
}

function exists(path: string, watch: boolean): Operation {
  return { type: OpCode.exists, path, watch }
}

/** Of the first seed that has three, with nothing that would go wrong. */
function threeServers(): ClusterOptions {
  for (let seed = 0; ; seed++) {
    const options = plainClusterOptionsOf(seed)
    if (options.members.size !== 3 || options.server.globalOutstandingLimit < 60) continue
    return { ...options, delayMsMax: 5, latencyMsMax: 1, sessionTimeoutMs: TIMEOUT_MS }
  }
}

describe('the guarantees of the ZooKeeper paper', () => {
  it('linearizable writes: of updates on one version, at whatever servers, one succeeds', () => {
    const story = new Story()
    const rivals = story.cluster.ids.map((id) => story.client(id))
    story.ask(rivals[0]!, create('/counter'))
    for (let version = 0; version < 10; version++) {
      for (const [i, rival] of rivals.entries()) rival.ask(set('/counter', i, version))
      story.until('decided', () => rivals.every(({ underWay }) => underWay === 0))
      const won = rivals.filter(({ last }) => last.err === 0)
      strictEqual(won.length, 1, `version ${version}`)
      // All were decided in one order, which everybody agrees on: no two have one zxid.
      strictEqual(new Set(rivals.map(({ last }) => last.zxid)).size, rivals.length)
    }
    story.runFor(1000)
    const digests = story.cluster.alive.map(({ tree }) => tree.data.digest.toBigInt())
    strictEqual(new Set(digests).size, 1)
  })

  it('FIFO client order: requests of a client are executed in the order they were sent', () => {
    const story = new Story()
    const client = story.client(story.follower)
    // Asynchronous: nothing is waited for in between.
    const ops = [create('/a'), get('/a'), set('/a', 1), get('/a'), create('/a/b'), remove('/a/b')]
    const replies = story.ask(client, ...ops)
    deepStrictEqual(
      replies.map(({ op }) => op),
      ops,
    )
    const zxids = replies.map(({ zxid }) => zxid)
    deepStrictEqual(
      zxids,
      [...zxids].sort((a, b) => a - b),
    )
    // Each write succeeds only because those before it were executed; each read is of its own writes.
    deepStrictEqual(
      replies.map(({ err }) => err ?? 0),
      [0, 0, 0, 0, 0, 0],
    )
    ok(zxids[1]! >= zxids[0]! && zxids[3]! >= zxids[2]!)
  })

  it('watches: a client hears of the change before it sees what came after it', () => {
    const story = new Story()
    const leader = story.client(story.cluster.ids[0]!)
    const worker = story.client(story.follower)
    // A new leader changes the configuration: /ready is gone while it does (section 2.3).
    story.ask(leader, create('/config'), create('/ready'))
    story.ask(worker, { type: OpCode.sync, path: '/' }, exists('/ready', true))
    const { lines } = story.chronicle
    const from = lines.length
    leader.ask(remove('/ready'))
    leader.ask(set('/config', 1))
    leader.ask(create('/ready'))
    story.until('it is seen', () => {
      story.ask(worker, get('/config'))
      return worker.last.zxid >= story.cluster.history.proposed && leader.underWay === 0
    })
    const heard = lines.slice(from).filter((line) => line.startsWith(`${worker.name}/`))
    const event = heard.findIndex((line) => / event 2 \/ready /.test(line))
    ok(event >= 0, heard.join('\n'))
    const zxidOf = (line: string): number =>
      Number(/0x[0-9a-f]+/.exec(line.split(' reply ')[1] ?? '0x0')![0])
    const gone = Number(/0x[0-9a-f]+/.exec(heard[event]!.split(' event ')[1]!)![0])
    for (const line of heard.slice(0, event)) ok(zxidOf(line) < gone, `${line}: before the event`)
  })

  it('sync: a read may be of the past, but not behind a sync', () => {
    const story = new Story()
    const { cluster } = story
    const slow = story.follower
    const writer = story.client(cluster.ids.find((id) => id !== slow)!)
    const reader = story.client(slow)
    story.ask(writer, create('/a'))
    story.ask(reader, { type: OpCode.sync, path: '/a' }, get('/a'))
    // Whatever is sent to the reader's server takes its time.
    cluster.wires.slow(slow, 1)
    const [written] = story.ask(writer, set('/a', 1))
    const [stale] = story.ask(reader, get('/a'))
    ok(stale!.zxid < written!.zxid, 'its server has not heard of it yet, and answers at once')
    const [, fresh] = story.ask(reader, { type: OpCode.sync, path: '/a' }, get('/a'))
    ok(fresh!.zxid >= written!.zxid)
  })
})
