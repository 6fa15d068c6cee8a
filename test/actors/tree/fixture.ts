// A tree actor between recorders: zab commits when it is told to (or at once), watches and sessions
// write down what they hear.

import { deepStrictEqual } from 'node:assert'
import type { TreeOptions } from '../../../actors/tree/options.ts'
import { type FrozenTree, snapshotBody } from '../../../actors/tree/snapshot/snapshot-source.ts'
import type { DataTree } from '../../../actors/tree/store/data-tree.ts'
import { Tree } from '../../../actors/tree/tree.ts'
import { type Acl, type Id, readAcls, readIds } from '../../../protocol/acl.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { utf8 } from '../../../protocol/bytes/text.ts'
import { decodeControl } from '../../../protocol/control.ts'
import { REPLY_BYTES_MAX, STEP_NODES } from '../../../protocol/limits.ts'
import type { NetworkMessages } from '../../../protocol/messages/network.ts'
import type { SessionsMessages } from '../../../protocol/messages/sessions.ts'
import type { WatchesMessages } from '../../../protocol/messages/watches.ts'
import type { Link } from '../../../protocol/messages/zab.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import type { CreateRequest } from '../../../protocol/records/create.ts'
import type { MultiOp } from '../../../protocol/records/multi.ts'
import { type SessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import { readStat, type Stat } from '../../../protocol/stat.ts'
import { readTxnHeader } from '../../../protocol/txn.ts'
import { WatchFilter } from '../../../protocol/watch-filter.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { encodeOperation, type Operation } from '../../simulator/model/operation.ts'

export type Effect = readonly [name: string, ...rest: unknown[]]

export const WALL_MS = 1_718_000_000_000
export const OPEN: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
export const ANN: Id = { scheme: 'digest', id: 'ann:hash' }

export const OPTIONS: TreeOptions = {
  digestEnabled: true,
  reconfigEnabled: false,
  txnBytesMax: 100_000,
  replyBytesMax: REPLY_BYTES_MAX,
  longReadNodes: STEP_NODES,
  extendedTypes: true,
  enforceQuota: false,
  skipAcl: false,
  enableEagerAclCheck: false,
  schemes: new Set(['digest', 'ip']),
  containerCheckIntervalMs: 60_000,
  containerMaxPerMinute: 10_000,
  containerMaxNeverUsedIntervalMs: 300_000,
  fsyncWarningThresholdMs: 1000,
  member: null,
}

export interface Reply {
  readonly xid: number
  readonly zxid: number
  readonly err: number
  readonly body: JuteReader
}

/** A transaction as zab got it. */
export interface Proposed {
  readonly zxid: Zxid
  readonly type: number
  readonly bytes: Uint8Array
}

const gauge = { set: () => undefined, add: () => undefined }
const meter = { observe: () => undefined }

/** Of a connection from 10.0.0.1. */
export const IDENTITIES: readonly Id[] = [{ scheme: 'ip', id: '10.0.0.1' }]

export class Bench {
  readonly effects: Effect[] = []
  readonly proposed: Proposed[] = []
  readonly frozen: FrozenTree[] = []
  /** What a learner's tree has asked of the leader. */
  readonly forwarded: { dataBytes: number; bytes: Uint8Array }[] = []
  readonly replies: Reply[] = []
  /** Of a reply that is coming. */
  readonly parts: Uint8Array[] = []
  /** Whether clients take their replies. */
  taking = true
  /** For the operator. */
  readonly logged: unknown[][] = []
  readonly clock: { nowMs: number; wallMs: number } = { nowMs: 1000, wallMs: WALL_MS }
  readonly tree: Tree
  readonly filter: WatchFilter = new WatchFilter()
  readonly watched: boolean
  /** Names of everything sent towards clients, the marks included. */
  readonly stream: string[] = []
  mismatches = 0
  /** False leaves commits to `commit()`. */
  committing = true
  /** False leaves what takes steps to `tree.endTurn()`. */
  turning = true
  #nextSession = 0x100
  #nextXid = 1

  /** `watched` false: nobody watches anything, so no change need be told. */
  constructor(options: Partial<TreeOptions> = {}, watched: boolean = true) {
    this.watched = watched
    const gauges = {
      znodes: gauge,
      ephemerals: gauge,
      approximateBytes: gauge,
      lastZxid: gauge,
      sessions: gauge,
      outstanding: gauge,
      digestMismatches: { set: () => undefined, add: () => this.mismatches++ },
      proposed: gauge,
      applied: gauge,
      committedOwn: gauge,
      times: { propagation: meter, own: meter, others: meter },
    }
    const all = { ...OPTIONS, ...options }
    if (this.watched) this.filter.addRecursive()
    this.tree = new Tree(all, this.clock, this.#neighbours(), this.filter, gauges)
  }

  /** An empty disk, recovered; the first snapshot taken. */
  static serving(options: Partial<TreeOptions> = {}, watched: boolean = true): Bench {
    const bench = new Bench(options, watched)
    bench.tree.recovered(0 as Zxid)
    bench.tree.lead(0 as Zxid, true)
    bench.tree.pagesReleased(0 as Zxid)
    bench.taken()
    return bench
  }

  get data(): DataTree {
    return this.tree.data
  }

  /** One message to the tree, and the commit of what it proposed: nothing re-enters an actor. */
  deliver(message: () => void): void {
    const before = this.proposed.length
    message()
    for (let isMore = true; isMore; ) {
      if (this.committing && this.proposed.length > before) {
        this.tree.committed(this.proposed.at(-1)!.zxid)
      }
      const seen = this.proposed.length
      isMore = this.turning && (this.tree.endTurn() || this.proposed.length > seen)
    }
  }

  /** A connection with a session of its own. */
  connect(slot: number, ...identities: Id[]): SessionId {
    const id = sessionIdOf(BigInt(this.#nextSession++))
    this.tree.opened(slot, '10.0.0.1')
    this.deliver(() => this.tree.createSession(slot, id, 4000, 0 as Zxid))
    for (const { scheme, id: name } of identities) this.tree.identified(slot, scheme, name)
    this.taken()
    return id
  }

  /** Sends a request; its xid. */
  send(slot: number, op: Operation): number {
    const xid = this.#nextXid++
    // Off the start of the buffer, as in a ring.
    const record = encodeOperation(op)
    const padded = new Uint8Array(record.length + 5)
    padded.set(record, 3)
    this.deliver(() => this.tree.request(slot, xid, op.type, padded, 3, 3 + record.length))
    return xid
  }

  /** Sends a request and returns its answer, which must come at once. */
  ask(slot: number, op: Operation): Reply {
    this.taken()
    const xid = this.send(slot, op)
    const replies = this.replies.splice(0)
    deepStrictEqual(
      replies.map((reply) => reply.xid),
      [xid],
    )
    return replies[0]!
  }

  /** The error of a request. */
  error(slot: number, op: Operation): number {
    return this.ask(slot, op).err
  }

  create(slot: number, path: string, request: Partial<CreateRequest> = {}): string {
    const reply = this.ask(slot, create(path, request))
    deepStrictEqual(reply.err, 0, `create ${path}`)
    return reply.body.text()
  }

  stat(slot: number, path: string): Stat {
    const reply = this.ask(slot, { type: OpCode.exists, path, watch: false })
    deepStrictEqual(reply.err, 0, `exists ${path}`)
    return readStat(reply.body)
  }

  text(slot: number, path: string): string {
    const reply = this.ask(slot, { type: OpCode.getData, path, watch: false })
    const bytes = reply.body.buffer() ?? new Uint8Array(0)
    return utf8(bytes, 0, bytes.length)
  }

  exists(path: string): boolean {
    const bytes = new TextEncoder().encode(path)
    return this.data.find(bytes, 0, bytes.length) !== 0
  }

  /** Everything proposed up to here is on disk. */
  commit(zxid: Zxid = this.proposed.at(-1)!.zxid): Effect[] {
    this.tree.committed(zxid)
    return this.taken()
  }

  /** A snapshot file's body. */
  body(frozen: FrozenTree): Iterable<Uint8Array> {
    return snapshotBody(frozen)
  }

  taken(): Effect[] {
    this.stream.length = 0
    this.replies.length = 0
    return this.effects.splice(0)
  }

  #neighbours() {
    const propose = (zxid: Zxid, bytes: Uint8Array, start: number, end: number) => {
      const copy = bytes.slice(start, end)
      const { type } = readTxnHeader(new JuteReader(copy))
      this.proposed.push({ zxid, type, bytes: copy })
    }
    return {
      zab: {
        configured: () => 0,
        loaded: (zxid: Zxid) => this.effects.push(['loaded', zxid]),
        propose,
        fenced: () => this.effects.push(['fenced']),
        forward: (dataBytes: number, bytes: Uint8Array, start: number, end: number) =>
          this.forwarded.push({ dataBytes, bytes: bytes.slice(start, end) }),
        revalidate: (id: SessionId, timeoutMs: number) =>
          this.effects.push(['revalidate', id, timeoutMs]),
        validated: (link: Link, id: SessionId, valid: boolean) =>
          this.effects.push(['validated', link, id, valid]),
        sync: (link: Link) => this.effects.push(['sync', link]),
        query: (id: number, kind: number) => this.effects.push(['query of zab', id, kind]),
      },
      log: { append: propose },
      watches: this.#watches(),
      network: this.#network(),
      sessions: this.#sessions(),
      ownedDeleted: (id: SessionId, paths: ReadonlySet<string>) => {
        this.effects.push(['ownedDeleted', id, [...paths].sort()])
      },
      snapshots: {
        take: (frozen: FrozenTree) => this.frozen.push(frozen),
        send: (link: Link) => this.effects.push(['send', link]),
      },
      journal: { log: (...line: unknown[]) => this.logged.push(line) },
    }
  }

  #tell(...effect: Effect): void {
    this.effects.push(effect)
    this.stream.push(effect[0])
  }

  #watches(): WatchesMessages {
    const path = (bytes: Uint8Array, start: number, end: number) => utf8(bytes, start, end)
    return {
      attached: () => undefined,
      watch: (slot, mode, ...range) => this.#tell('watch', slot, mode, path(...range)),
      identities: (slot, bytes, start, end) =>
        this.#tell('identities', slot, readIds(new JuteReader(bytes, start, end))),
      changed: (type, zxid, bytes, start, end) => {
        const reader = new JuteReader(bytes, start, end)
        const changed = reader.text()
        this.#tell('changed', type, zxid, changed, readAcls(reader), readAcls(reader))
      },
      notify: (slot, type, ...range) => this.#tell('notify', slot, type, path(...range)),
      removeWatches: (slot, type, remove, ...range) =>
        this.#tell('removeWatches', slot, type, remove, path(...range)),
      closed: (slot) => this.#tell('closed', slot),
      barrier: (mark) => this.stream.push(`barrier ${mark}`),
      query: (queryId, kind) => this.#tell('query', queryId, kind),
    }
  }

  #network(): Omit<NetworkMessages, 'event' | 'passed'> {
    return {
      configured: () => undefined,
      serving: (zxid) => this.#tell('serving', zxid),
      idle: () => this.#tell('idle'),
      connected: (slot, id, timeoutMs) => this.#tell('connected', slot, id, timeoutMs),
      replyPart: (slot, bytes, start, end) => {
        this.stream.push(`part ${slot}`)
        this.parts.push(bytes.slice(start, end))
      },
      reply: (slot, xid, zxid, closeAfter, bytes, start, end) => {
        const whole = Buffer.concat([...this.parts.splice(0), bytes.subarray(start, end)])
        if (this.taking) this.tree.taken(slot, whole.length)
        const body = new JuteReader(new Uint8Array(whole))
        deepStrictEqual(body.int(), whole.length - 4, 'length prefix')
        const header = { xid: body.int(), zxid: body.zxid(), err: body.int() }
        deepStrictEqual([header.xid, header.zxid], [xid, zxid])
        this.replies.push({ ...header, body })
        this.#tell('reply', slot, xid, zxid, header.err, ...(closeAfter ? ['close'] : []))
      },
      close: (slot) => this.#tell('close', slot),
      released: (slot) => this.#tell('released', slot),
      watchResult: () => undefined,
      replyWatchResult: (slot, xid, zxid) => this.#tell('replyWatchResult', slot, xid, zxid),
      after: (mark) => this.stream.push(`after ${mark}`),
      answer: (queryId, isOver, bytes, start, end) => {
        const part = isOver ? 'over' : decodeControl(bytes.slice(start, end))
        this.#tell('answer', queryId, part)
      },
    }
  }

  #sessions(): SessionsMessages {
    const { effects } = this
    return {
      connect: () => undefined,
      closed: () => undefined,
      query: () => undefined,
      sessionOpened: (id, timeoutMs) => effects.push(['sessionOpened', id, timeoutMs]),
      sessionClosed: (id) => effects.push(['sessionClosed', id]),
      serving: (zxid) => effects.push(['sessionsServing', zxid]),
      idle: () => effects.push(['sessionsIdle']),
      reset: () => effects.push(['sessionsReset']),
      touch: (link, id, timeoutMs) => effects.push(['touch', link, id, timeoutMs]),
      touched: () => undefined,
      learnerLost: () => undefined,
    }
  }
}

export function create(path: string, request: Partial<CreateRequest> = {}): MultiOp {
  return {
    type: OpCode.create,
    request: { path, data: new Uint8Array(0), acl: OPEN, flags: 0, ...request },
  }
}

export function create2(path: string, request: Partial<CreateRequest> = {}): MultiOp {
  return {
    type: OpCode.create2,
    request: { path, data: new Uint8Array(0), acl: OPEN, flags: 0, ...request },
  }
}

export function container(path: string): MultiOp {
  const request = { path, data: new Uint8Array(0), acl: OPEN, flags: 4 }
  return { type: OpCode.createContainer, request }
}

export function ttl(path: string, ttlMs: number, flags: number = 5): MultiOp {
  const request = { path, data: new Uint8Array(0), acl: OPEN, flags, ttlMs }
  return { type: OpCode.createTTL, request }
}

export function del(path: string, version: number = -1): MultiOp {
  return { type: OpCode.delete, request: { path, version } }
}

export function set(path: string, text: string | null, version: number = -1): MultiOp {
  const data = text === null ? null : new TextEncoder().encode(text)
  return { type: OpCode.setData, request: { path, data, version } }
}

export function checked(path: string, version: number): MultiOp {
  return { type: OpCode.check, request: { path, version } }
}

export function setAcl(path: string, acl: readonly Acl[] | null, version: number = -1): Operation {
  return { type: OpCode.setACL, request: { path, acl, version } }
}

export function multi(...ops: MultiOp[]): Operation {
  return { type: OpCode.multi, ops }
}

export function get(path: string, watch: boolean = false): Operation {
  return { type: OpCode.getData, path, watch }
}

export function children(path: string, watch: boolean = false): Operation {
  return { type: OpCode.getChildren, path, watch }
}
