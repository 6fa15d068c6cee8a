// What the tree tells the watches actor, and the barriers that keep replies behind events.
//
// A change is sent only if the filter says that somebody may watch its path, its parent, or
// anything recursively. The watches actor may answer a message with something for the network loop.
// After such a message, a mark goes into both streams, ahead of the next message to the network
// loop and at the latest at the end of the turn. Without a mark, replies do not wait.

import { type Acl, writeAcls } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { pathHash } from '../../../protocol/bytes/path-hash.ts'
import type { ConnectionSlot, NetworkMessages } from '../../../protocol/messages/network.ts'
import { type WatchesMessages, WatchMode } from '../../../protocol/messages/watches.ts'
import { EventType } from '../../../protocol/op-code.ts'
import { lastSlash } from '../../../protocol/path.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { counterOf, type WatchFilter } from '../../../protocol/watch-filter.ts'
import type { Zxid } from '../../../protocol/zxid.ts'

export class EventStream {
  readonly #watches: WatchesMessages
  readonly #network: Pick<NetworkMessages, 'after'>
  readonly #filter: WatchFilter
  readonly #change = new JuteWriter()
  #mark = 0
  #barrierDue = false

  /** Whoever watches may know. */
  readonly #skipAcl: boolean

  constructor(
    watches: WatchesMessages,
    network: Pick<NetworkMessages, 'after'>,
    filter: WatchFilter,
    skipAcl: boolean,
  ) {
    this.#skipAcl = skipAcl
    this.#watches = watches
    this.#network = network
    this.#filter = filter
  }

  changed(
    eventType: number,
    zxid: Zxid,
    bytes: Uint8Array,
    start: number,
    end: number,
    nodeAcls: readonly Acl[] | null,
    parentAcls: readonly Acl[] | null,
  ): void {
    if (!this.#mayConcern(eventType, bytes, start, end)) return
    const change = this.#change
    change.reset()
    change.bufferRange(bytes, start, end)
    const ofParent = eventType !== EventType.nodeDataChanged && !this.#skipAcl
    writeAcls(change, this.#skipAcl ? null : nodeAcls)
    writeAcls(change, ofParent ? parentAcls : null)
    this.#watches.changed(eventType, zxid, change.bytes, 0, change.length)
    this.#barrierDue = true
  }

  /** An event for one connection only. */
  notify(
    slot: ConnectionSlot,
    eventType: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#watches.notify(slot, eventType, bytes, start, end)
    this.#barrierDue = true
  }

  watch(
    slot: ConnectionSlot,
    mode: WatchMode,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#filter.add(counterOf(pathHash(bytes, start, end)))
    if (mode === WatchMode.persistentRecursive) this.#filter.addRecursive()
    this.#watches.watch(slot, mode, bytes, start, end)
  }

  /** The result reaches the network loop ahead of whatever follows. */
  removeWatches(
    slot: ConnectionSlot,
    type: number,
    remove: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#watches.removeWatches(slot, type, remove, bytes, start, end)
    this.#barrierDue = true
  }

  /** The connection is gone; the watches actor passes this on as `released`. */
  closed(slot: ConnectionSlot): void {
    this.#watches.closed(slot)
    this.#barrierDue = true
  }

  query(queryId: number, kind: number): void {
    this.#watches.query(queryId, kind)
    this.#barrierDue = true
  }

  attached(slot: ConnectionSlot, sessionId: SessionId): void {
    this.#watches.attached(slot, sessionId)
  }

  identities(slot: ConnectionSlot, bytes: Uint8Array, start: number, end: number): void {
    this.#watches.identities(slot, bytes, start, end)
  }

  /** Call it before any message to the network loop, and at the end of the turn. */
  emitBarrier(): void {
    if (!this.#barrierDue) return
    this.#barrierDue = false
    this.#mark = (this.#mark + 1) | 0
    this.#watches.barrier(this.#mark)
    this.#network.after(this.#mark)
  }

  #mayConcern(eventType: number, bytes: Uint8Array, start: number, end: number): boolean {
    const filter = this.#filter
    if (filter.anyRecursive || filter.mayWatch(counterOf(pathHash(bytes, start, end)))) return true
    if (eventType === EventType.nodeDataChanged) return false
    return filter.mayWatch(counterOf(pathHash(bytes, start, lastSlash(bytes, start, end))))
  }
}
