// setWatches, after a reconnect: what the client missed is told at once, the rest is watched again.

import { type JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { STEP_NODES } from '../../../protocol/limits.ts'
import type { ConnectionSlot } from '../../../protocol/messages/network.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { EventType } from '../../../protocol/op-code.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import type { EventStream } from './event-stream.ts'
import type { Steps } from './long-read.ts'

/** What the list is of: in its order in the request. */
type Kind = 'data' | 'exist' | 'child' | 'persistent' | 'recursive'
const ONE_SHOT: readonly Kind[] = ['data', 'exist', 'child']
const ALL: readonly Kind[] = [...ONE_SHOT, 'persistent', 'recursive']

export class SetWatches {
  readonly #data: DataTree
  readonly #events: EventStream

  constructor(data: DataTree, events: EventStream) {
    this.#data = data
    this.#events = events
  }

  *steps(slot: ConnectionSlot, reader: JuteReader, withPersistent: boolean): Steps<void> {
    const seen = reader.zxid()
    let visited = 0
    for (const kind of withPersistent ? ALL : ONE_SHOT) {
      const count = reader.int()
      if (count < 0) throw new MalformedError('null list of paths')
      for (let i = 0; i < count; i++) {
        const length = Math.max(0, reader.bufferLength())
        const start = reader.offset
        reader.skip(length)
        this.#one(kind, slot, seen, reader.bytes, start, start + length)
        if (++visited % STEP_NODES === 0) yield
      }
    }
  }

  #one(
    kind: Kind,
    slot: ConnectionSlot,
    seen: Zxid,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (kind === 'persistent') {
      this.#events.watch(slot, WatchMode.persistent, bytes, start, end)
    } else if (kind === 'recursive') {
      this.#events.watch(slot, WatchMode.persistentRecursive, bytes, start, end)
    } else {
      const missed = this.#missed(kind, seen, this.#data.find(bytes, start, end))
      const mode = kind === 'child' ? WatchMode.child : WatchMode.data
      if (missed === null) this.#events.watch(slot, mode, bytes, start, end)
      else this.#events.notify(slot, missed, bytes, start, end)
    }
  }

  /** The event since `seen`; null if there was none. */
  #missed(kind: Kind, seen: Zxid, node: number): number | null {
    const { store } = this.#data
    if (kind === 'exist') return node === layout.NO_NODE ? null : EventType.nodeCreated
    if (node === layout.NO_NODE) return EventType.nodeDeleted
    if (kind === 'child') {
      return store.double(node, layout.PZXID) > seen ? EventType.nodeChildrenChanged : null
    }
    return store.double(node, layout.MZXID) > seen ? EventType.nodeDataChanged : null
  }
}
