// The watch dispatcher. It turns a change of a znode into notifications, and sends them ahead of
// the reply that reflects the change.
//
//   tree -> watches -> network       one first-in-first-out edge each, so the order is the edge's
//
// Owns: who watches what (watch-table.ts), the identities of connections, and who has gone.
// Guarantees: an event reaches the network before any reply that the tree sent after the change. A
// connection gets one event of each type, however many of its watches match. A connection that may
// not read a znode hears nothing of it, although its one-shot watch is spent. Nothing outlives
// `closed`.
//
//   NodeCreated(P)          data, persistent of P; recursive of P and above
//   NodeDataChanged(P)      the same
//   NodeDeleted(P)          the same, and child of P
//   NodeChildrenChanged(p)  child, persistent of P's parent p, after NodeCreated or NodeDeleted
//
// Corresponds to WatchManager, the watch part of DataTree, and NIOServerCnxn.process.

import { type Acl, permits, readAcls } from '../../protocol/acl.ts'
import { assert } from '../../protocol/assert.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { pathHash } from '../../protocol/bytes/path-hash.ts'
import { utf8 } from '../../protocol/bytes/text.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import type { ConnectionSlot, NetworkMessages } from '../../protocol/messages/network.ts'
import {
  Query,
  type WatchesByPath,
  type WatchesBySession,
  type WatchSummary,
} from '../../protocol/messages/queries.ts'
import type { WatchesMessages, WatchMode } from '../../protocol/messages/watches.ts'
import { EventType, KeeperState, Perm, WatcherType, Xid } from '../../protocol/op-code.ts'
import { SLASH } from '../../protocol/path.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { counterOf, type WatchFilter } from '../../protocol/watch-filter.ts'
import { ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import type { Actor, Gauge, Meter } from '../actor.ts'
import { inParts, Reports } from '../reports.ts'
import { parentPath, WatchTable, watchedCount, watchedOf } from './watch-table.ts'
import { Modes } from './watched-path.ts'

export interface WatchesOptions {
  /** The zxid in a notification's header: the transaction's (as in 3.9), or -1 (as before). */
  readonly headerZxid: 'txn' | 'none'
  /** How many paths a connection may watch. A connection that watches one more is closed. */
  readonly watchesPerConnectionMax: number
}

export interface WatchesGauges {
  /** Watches as mntr counts them: a persistent one counts twice. */
  readonly watches: Gauge
  /** Notifications handed to the network: one for each connection told. */
  readonly eventsSent: Gauge
  /** Of each change, how many watch it: by the kind of event. */
  readonly told: Readonly<Record<number, Meter>>
}

const INT = 4
/** ReplyHeader: int xid, long zxid, int err. */
const HEADER_BYTES = 16

/** What the network loop hears from this actor. */
export type WatchesNetworkMessages = Pick<
  NetworkMessages,
  'event' | 'close' | 'released' | 'watchResult' | 'passed' | 'answer'
>

export class Watches implements Actor, WatchesMessages {
  readonly name = 'watches'
  readonly #options: WatchesOptions
  readonly #network: WatchesNetworkMessages
  readonly #gauges: WatchesGauges
  readonly #table: WatchTable
  /** Slots that were told `closed` once, and not yet twice. What still comes for them registers
   * nothing. */
  readonly #leaving = new Set<ConnectionSlot>()
  readonly #reports: Reports
  readonly #reader = new JuteReader()
  readonly #writer = new JuteWriter()
  /** The receivers of the present event: watchers of the path, and of its parent. */
  readonly #told: ConnectionSlot[] = []
  readonly #toldParent: ConnectionSlot[] = []

  constructor(
    options: WatchesOptions,
    network: WatchesNetworkMessages,
    filter: WatchFilter,
    gauges: WatchesGauges,
  ) {
    assert(options.watchesPerConnectionMax > 0, 'watchesPerConnectionMax')
    this.#options = options
    this.#network = network
    this.#reports = new Reports((...answer) => network.answer(...answer))
    this.#table = new WatchTable(filter)
    this.#gauges = gauges
  }

  tick(): void {}

  nextTickMs(): number {
    return Number.POSITIVE_INFINITY
  }

  endTurn(): boolean {
    this.#gauges.watches.set(this.#table.watchCount)
    return false
  }

  describe(): string {
    const table = this.#table
    const { watchCount, pathCount, watchingCount } = table
    const leaving = this.#leaving.size
    return `watches: ${watchCount} on ${pathCount} paths by ${watchingCount}, leaving ${leaving}`
  }

  attached(slot: ConnectionSlot, sessionId: SessionId): void {
    if (!this.#leaving.has(slot)) this.#table.connection(slot).sessionId = sessionId
  }

  watch(
    slot: ConnectionSlot,
    mode: WatchMode,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    assert(mode >= 0 && mode <= 3, 'watch mode')
    const path = utf8(bytes, start, end)
    const counter = counterOf(pathHash(bytes, start, end))
    if (this.#leaving.has(slot)) {
      this.#table.decline(counter, 1 << mode)
      return
    }
    if (watchedCount(this.#table.connection(slot)) >= this.#options.watchesPerConnectionMax) {
      if (this.#table.modesOf(slot, path) === Modes.none) {
        this.#table.decline(counter, 1 << mode)
        this.#network.close(slot)
        return
      }
    }
    this.#table.add(slot, path, counter, 1 << mode)
  }

  identities(slot: ConnectionSlot, bytes: Uint8Array, start: number, end: number): void {
    if (this.#leaving.has(slot)) return
    this.#table.connection(slot).identityBytes = bytes.slice(start, end)
  }

  changed(eventType: number, zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    if (this.#table.pathCount === 0) return
    const reader = this.#reader
    reader.reset(bytes, start, end)
    const pathBytes = reader.bufferLength()
    assert(pathBytes > 0, 'a change without a path')
    const from = reader.offset
    const to = from + pathBytes
    reader.skip(pathBytes)
    const parentTo = parentEnd(bytes, from, to)

    this.#told.length = 0
    this.#toldParent.length = 0
    this.#fire(eventType, utf8(bytes, from, to))
    if (this.#told.length === 0 && this.#toldParent.length === 0) return

    const headerZxid = this.#options.headerZxid === 'txn' ? zxid : ZXID_NONE
    this.#keepReaders(readAcls(reader), this.#told)
    this.#keepReaders(readAcls(reader), this.#toldParent)
    assert(reader.remaining === 0, 'a change: bytes left over')
    this.#send(eventType, headerZxid, bytes, from, to, this.#told)
    const childrenChanged = EventType.nodeChildrenChanged
    this.#send(childrenChanged, headerZxid, bytes, from, parentTo, this.#toldParent)
  }

  notify(
    slot: ConnectionSlot,
    eventType: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.#leaving.has(slot)) return
    this.#told.length = 0
    this.#told.push(slot)
    this.#send(eventType, ZXID_NONE, bytes, start, end, this.#told)
  }

  removeWatches(
    slot: ConnectionSlot,
    type: number,
    remove: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const modes = modesOfType(type)
    let error: number = ErrorCode.marshallingError
    if (modes !== Modes.none) {
      const path = utf8(bytes, start, end)
      const found = remove
        ? this.#table.remove(slot, path, modes)
        : (this.#table.modesOf(slot, path) & modes) !== 0
      error = found ? ErrorCode.ok : ErrorCode.noWatcher
    }
    this.#network.watchResult(slot, error)
  }

  barrier(mark: number): void {
    this.#network.passed(mark)
  }

  closed(slot: ConnectionSlot): void {
    if (!this.#leaving.delete(slot)) {
      this.#leaving.add(slot)
      this.#table.drop(slot)
    }
    assert(!this.#table.connections.has(slot), 'a closed connection is forgotten')
    this.#network.released(slot)
  }

  query(queryId: number, kind: number): void {
    if (kind >= 0) this.#reports.begin(queryId, this.#reportOf(kind))
    this.#reports.go(queryId, kind)
  }

  /** Apache's table of which watches fire; see the top of this file. A recursive watch never hears
   * of children: it hears of the creation or deletion itself. */
  #fire(eventType: number, path: string): void {
    const table = this.#table
    if (eventType === EventType.nodeDataChanged || eventType === EventType.nodeCreated) {
      table.fire(path, Modes.dataTable, Modes.data, 'include', this.#told)
    } else {
      assert(eventType === EventType.nodeDeleted, 'a change of an unknown type')
      table.fire(path, Modes.any, Modes.data | Modes.child, 'include', this.#told)
    }
    if (eventType === EventType.nodeDataChanged || table.childWatchCount === 0) return
    const parent = parentPath(path)
    if (parent === null) return
    table.fire(parent, Modes.childTable, Modes.child, 'ignore', this.#toldParent)
  }

  /** Takes those who may not read out of `slots`. Their one-shot watch is spent all the same, so
   * that its firing cannot be told from a znode that never changed. */
  #keepReaders(acls: readonly Acl[] | null, slots: ConnectionSlot[]): void {
    if (acls === null || acls.length === 0) return
    let kept = 0
    for (const slot of slots) {
      if (permits(acls, Perm.read, this.#table.connection(slot).identities)) slots[kept++] = slot
    }
    assert(kept <= slots.length, 'a filter adds nobody')
    slots.length = kept
  }

  /** One frame for all: int count, slots, then the notification as every client gets it. */
  #send(
    eventType: number,
    zxid: Zxid,
    bytes: Uint8Array,
    from: number,
    to: number,
    slots: readonly ConnectionSlot[],
  ): void {
    if (slots.length === 0) return
    const writer = this.#writer
    writer.reset()
    writer.int(slots.length)
    for (const slot of slots) writer.int(slot)
    writer.int(HEADER_BYTES + 3 * INT + (to - from))
    const frameAt = writer.length
    writer.int(Xid.notification)
    writer.zxid(zxid)
    writer.int(ErrorCode.ok)
    writer.int(eventType)
    writer.int(KeeperState.syncConnected)
    writer.bufferRange(bytes, from, to)
    assert(writer.length - frameAt === HEADER_BYTES + 3 * INT + (to - from), 'event frame length')
    this.#network.event(writer.bytes, 0, writer.length)
    this.#gauges.eventsSent.add(slots.length)
    this.#gauges.told[eventType]?.observe(slots.length)
  }

  #reportOf(kind: number): Iterator<WatchSummary | WatchesBySession | WatchesByPath> {
    if (kind === Query.watchSummary) {
      const { watchingCount, pathCount, pairCount } = this.#table
      const summary: WatchSummary = [watchingCount, pathCount, pairCount]
      return [summary].values()
    }
    if (kind === Query.watchesBySession) return inParts(this.#bySession())
    assert(kind === Query.watchesByPath, 'a query for another actor')
    return inParts(this.#byPath())
  }

  *#bySession(): Generator<readonly [string, Iterable<string>]> {
    for (const connection of this.#table.connections.values()) {
      if (connection.watched === null) continue
      yield [hexOf(connection.sessionId), pathsOf(watchedOf(connection))]
    }
  }

  *#byPath(): Generator<readonly [string, Iterable<string>]> {
    for (const watched of this.#table.paths()) {
      yield [watched.path, this.#sessionsOf(watched.slots())]
    }
  }

  /** Leaves out connections that have gone since the report came to the path. */
  *#sessionsOf(slots: Iterable<ConnectionSlot>): Generator<string> {
    for (const slot of slots) {
      const connection = this.#table.connections.get(slot)
      if (connection !== undefined) yield hexOf(connection.sessionId)
    }
  }
}

function* pathsOf(watched: Iterable<{ readonly path: string }>): Generator<string> {
  for (const { path } of watched) yield path
}

/** The modes that a client's WatcherType asks about; none if the number is no type. */
function modesOfType(type: number): number {
  if (type === WatcherType.children) return Modes.child
  if (type === WatcherType.data) return Modes.data
  if (type === WatcherType.any) return Modes.any
  if (type === WatcherType.persistent) return Modes.persistent
  return type === WatcherType.persistentRecursive ? Modes.recursive : Modes.none
}

/** Where the parent's path ends within a path. The root's parent is the root. */
function parentEnd(bytes: Uint8Array, from: number, to: number): number {
  assert(bytes[from] === SLASH, 'a path is absolute')
  for (let i = to - 1; i > from; i--) if (bytes[i] === SLASH) return i
  return from + 1
}

function hexOf(sessionId: SessionId): string {
  return BigInt.asUintN(64, sessionId).toString(16)
}
