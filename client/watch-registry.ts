// A client's watches: which function to call for which path.
//
// Five tables, as at the server. A one-shot watcher leaves its table when it fires. A function that
// is in several tables is called once for an event. Paths here are the server's, with the chroot:
// notifications carry these, and setWatches sends these. (ZKWatchManager.)

import { EventType, WatcherType } from '../protocol/op-code.ts'
import type { SetWatches } from '../protocol/records/set-watches.ts'
import type { Zxid } from '../protocol/zxid.ts'

export interface WatchEvent {
  readonly type: EventType
  /** One of KeeperState. */
  readonly state: number
  /** The client's path, without the chroot. */
  readonly path: string
  /** The transaction that caused it; -1 if the server did not say. */
  readonly zxid: Zxid
}

export type Watcher = (event: WatchEvent) => void

export type WatchKind = 'data' | 'exist' | 'child' | 'persistent' | 'persistentRecursive'

type Table = Map<string, Set<Watcher>>

/** A setWatches frame carries about this many characters of paths. Further paths go in another
 * frame. */
const FRAME_CHARS_MAX = 128 * 1024

const KINDS: readonly WatchKind[] = ['data', 'exist', 'child', 'persistent', 'persistentRecursive']

export class WatchRegistry {
  readonly #tables: Readonly<Record<WatchKind, Table>> = {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
    persistent: new Map(),
    persistentRecursive: new Map(),
  }

  add(kind: WatchKind, path: string, watcher: Watcher): void {
    const table = this.#tables[kind]
    const watchers = table.get(path)
    if (watchers === undefined) table.set(path, new Set([watcher]))
    else watchers.add(watcher)
  }

  /** The watchers that an event concerns. One-shot watchers are forgotten. */
  take(type: number, path: string): Set<Watcher> {
    const found = new Set<Watcher>()
    const childEvent = type === EventType.nodeChildrenChanged
    if (!childEvent) {
      this.#consume('data', path, found)
      this.#consume('exist', path, found)
    }
    if (childEvent || type === EventType.nodeDeleted) this.#consume('child', path, found)
    this.#collect('persistent', path, found)
    if (!childEvent) this.#collectAncestors(path, found)
    return found
  }

  /** Forgets the watches of a path, by the type that removeWatches was given. Returns the forgotten
   * watchers by kind of event; empty if there were none. */
  remove(path: string, type: WatcherType): Map<EventType, Set<Watcher>> {
    const removed = new Map<EventType, Set<Watcher>>()
    for (const kind of KINDS) {
      if (!covers(type, kind)) continue
      const eventType = removalEvent(kind)
      const watchers = removed.get(eventType) ?? new Set<Watcher>()
      this.#consume(kind, path, watchers)
      if (watchers.size > 0) removed.set(eventType, watchers)
    }
    return removed
  }

  /** The frames that restore every watch after a reconnect; none if there are no watches. */
  restoration(relativeZxid: Zxid): SetWatches[] {
    const frames: SetWatches[] = []
    let frame: Record<WatchKind, string[]> = emptyFrame()
    let chars = 0
    const finish = (): void => {
      frames.push({
        relativeZxid,
        dataWatches: frame.data,
        existWatches: frame.exist,
        childWatches: frame.child,
        persistentWatches: frame.persistent,
        persistentRecursiveWatches: frame.persistentRecursive,
      })
      frame = emptyFrame()
      chars = 0
    }
    for (const kind of KINDS) {
      for (const path of this.#tables[kind].keys()) {
        if (chars >= FRAME_CHARS_MAX) finish()
        frame[kind].push(path)
        chars += path.length
      }
    }
    if (chars > 0) finish()
    return frames
  }

  #consume(kind: WatchKind, path: string, found: Set<Watcher>): void {
    this.#collect(kind, path, found)
    this.#tables[kind].delete(path)
  }

  #collect(kind: WatchKind, path: string, found: Set<Watcher>): void {
    const watchers = this.#tables[kind].get(path)
    if (watchers !== undefined) for (const watcher of watchers) found.add(watcher)
  }

  #collectAncestors(path: string, found: Set<Watcher>): void {
    if (this.#tables.persistentRecursive.size === 0) return
    let at = path
    while (at.length > 1) {
      this.#collect('persistentRecursive', at, found)
      at = at.slice(0, Math.max(1, at.lastIndexOf('/')))
    }
    this.#collect('persistentRecursive', '/', found)
  }
}

function emptyFrame(): Record<WatchKind, string[]> {
  return { data: [], exist: [], child: [], persistent: [], persistentRecursive: [] }
}

function covers(type: WatcherType, kind: WatchKind): boolean {
  switch (type) {
    case WatcherType.children:
      return kind === 'child'
    case WatcherType.data:
      return kind === 'data' || kind === 'exist'
    case WatcherType.persistent:
      return kind === 'persistent'
    case WatcherType.persistentRecursive:
      return kind === 'persistentRecursive'
    default:
      return true
  }
}

function removalEvent(kind: WatchKind): EventType {
  if (kind === 'child') return EventType.childWatchRemoved
  if (kind === 'data' || kind === 'exist') return EventType.dataWatchRemoved
  return EventType.persistentWatchRemoved
}
