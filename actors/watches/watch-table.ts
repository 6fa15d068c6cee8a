// Who watches what, both ways: by path, to fire; by connection, to forget.
//
// A connection watches a path in up to four modes, which are independent bits. Apache keeps two
// tables, data and child, with a persistent watch in both. One table with the bits side by side
// gives the same events, and cannot contradict itself. Corresponds to WatchManager, WatchStats and
// PathParentIterator.

import { type Id, readIds } from '../../protocol/acl.ts'
import { assert } from '../../protocol/assert.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import { SESSION_NONE, type SessionId } from '../../protocol/session-id.ts'
import type { WatchFilter } from '../../protocol/watch-filter.ts'
import { Modes, SMALL_MAX, WatchedPath } from './watched-path.ts'

/** An empty vector: no identity. */
const NO_IDS = new Uint8Array(4)

/** What is known of a connection, from its handshake or first watch to its end. */
export class WatchingConnection {
  sessionId: SessionId = SESSION_NONE
  /** As they came, in an array of their own, or as read from it. Most are never looked at. */
  #identities: Uint8Array | readonly Id[] = NO_IDS
  /** One path as itself, a few as an array of exact size, many as a Set. */
  watched: WatchedPath | WatchedPath[] | Set<WatchedPath> | null = null
  /** The last event that this connection was listed for: one event is listed once for each
   * connection. */
  eventMark = 0

  get identities(): readonly Id[] {
    if (this.#identities instanceof Uint8Array) {
      const reader = new JuteReader(this.#identities)
      this.#identities = readIds(reader) ?? []
      assert(reader.remaining === 0, 'identities: bytes left over')
    }
    return this.#identities
  }

  /** A vector of ids, which now belongs to the connection. */
  set identityBytes(bytes: Uint8Array) {
    this.#identities = bytes
  }
}

export class WatchTable {
  readonly connections: Map<ConnectionSlot, WatchingConnection> = new Map()
  readonly #filter: WatchFilter
  readonly #paths = new Map<string, WatchedPath>()
  #connectionsWatching = 0
  #pairs = 0
  #dataWatches = 0
  #childWatches = 0
  #recursive = 0
  #eventMark = 0

  /** `filter` has counted every registration before it is added here. */
  constructor(filter: WatchFilter) {
    this.#filter = filter
  }

  get pathCount(): number {
    return this.#paths.size
  }

  /** How many connections watch at least one path. */
  get watchingCount(): number {
    return this.#connectionsWatching
  }

  /** How many pairs of path and connection there are, whatever their modes. */
  get pairCount(): number {
    return this.#pairs
  }

  /** How many pairs a change of children can concern. */
  get childWatchCount(): number {
    return this.#childWatches
  }

  /** As Apache counts watches: a persistent one counts in each of its two tables. */
  get watchCount(): number {
    return this.#dataWatches + this.#childWatches
  }

  connection(slot: ConnectionSlot): WatchingConnection {
    let connection = this.connections.get(slot)
    if (connection === undefined) {
      connection = new WatchingConnection()
      this.connections.set(slot, connection)
    }
    return connection
  }

  paths(): Iterable<WatchedPath> {
    return this.#paths.values()
  }

  modesOf(slot: ConnectionSlot, path: string): number {
    return this.#paths.get(path)?.modesOf(slot) ?? Modes.none
  }

  /** Takes a registration that will not be added out of the filter. */
  decline(counter: number, modes: number): void {
    this.#filter.remove(counter)
    if ((modes & Modes.recursive) !== 0) this.#filter.removeRecursive()
  }

  /** `counter` is the filter's counter for the path as the client sent it. */
  add(slot: ConnectionSlot, path: string, counter: number, modes: number): void {
    const connection = this.connection(slot)
    const watched = this.#paths.get(path)
    const before = watched === undefined ? Modes.none : watched.modesOf(slot)
    if (watched !== undefined) this.#filter.remove(counter)
    if ((modes & before & Modes.recursive) !== 0) this.#filter.removeRecursive()
    if (watched === undefined) {
      const first = new WatchedPath(path, counter, slot, modes)
      this.#paths.set(path, first)
      addWatched(connection, first)
    } else if ((before | modes) !== before) {
      watched.setModes(slot, before | modes)
      if (before === Modes.none) addWatched(connection, watched)
    }
    if (before === Modes.none && watchedCount(connection) === 1) this.#connectionsWatching++
    this.#count(before, before | modes)
  }

  /** True if at least one of `modes` was set. */
  remove(slot: ConnectionSlot, path: string, modes: number): boolean {
    const watched = this.#paths.get(path)
    if (watched === undefined) return false
    const before = watched.modesOf(slot)
    if ((before & modes) === 0) return false
    this.#change(watched, slot, before, before & ~modes)
    return true
  }

  /** Forgets a connection and its watches, in as many steps as it watches paths. */
  drop(slot: ConnectionSlot): void {
    const connection = this.connections.get(slot)
    if (connection === undefined) return
    for (const watched of watchedOf(connection)) {
      this.#change(watched, slot, watched.modesOf(slot), Modes.none)
    }
    assert(connection.watched === null, 'a dropped connection watches nothing')
    this.connections.delete(slot)
  }

  /** Appends to `slots` every connection that watches `path` in one of the modes `select`, and
   * takes the modes `consume` away from each. If `ancestors` says so, the owners of recursive
   * watches above the path follow. Nobody is listed twice. */
  fire(
    path: string,
    select: number,
    consume: number,
    ancestors: 'include' | 'ignore',
    slots: ConnectionSlot[],
  ): void {
    assert((select & consume) === consume, 'only what fires is consumed')
    const walk = ancestors === 'include' && this.#recursive > 0
    const watched = this.#paths.get(path)
    if (watched !== undefined) {
      watched.forEach((slot, modes) => {
        if ((modes & select) === 0) return
        slots.push(slot)
        if ((modes & consume) !== 0) this.#change(watched, slot, modes, modes & ~consume)
      })
    }
    if (walk) this.#fireAncestors(path, slots)
  }

  #fireAncestors(path: string, slots: ConnectionSlot[]): void {
    const mark = ++this.#eventMark
    for (const slot of slots) this.connection(slot).eventMark = mark
    for (let at = parentPath(path); at !== null; at = parentPath(at)) {
      this.#paths.get(at)?.forEach((slot, modes) => {
        if ((modes & Modes.recursive) === 0) return
        const connection = this.connection(slot)
        if (connection.eventMark === mark) return
        connection.eventMark = mark
        slots.push(slot)
      })
    }
  }

  #change(watched: WatchedPath, slot: ConnectionSlot, before: number, after: number): void {
    watched.setModes(slot, after)
    this.#count(before, after)
    if ((before & ~after & Modes.recursive) !== 0) this.#filter.removeRecursive()
    if (after !== Modes.none) return
    const connection = this.connections.get(slot)
    assert(connection !== undefined, 'a watcher without a connection')
    deleteWatched(connection, watched)
    if (connection.watched === null) this.#connectionsWatching--
    if (watched.watcherCount > 0) return
    this.#paths.delete(watched.path)
    this.#filter.remove(watched.counter)
  }

  #count(before: number, after: number): void {
    this.#pairs += flag(after) - flag(before)
    this.#dataWatches += flag(after & Modes.dataTable) - flag(before & Modes.dataTable)
    this.#childWatches += flag(after & Modes.childTable) - flag(before & Modes.childTable)
    this.#recursive += flag(after & Modes.recursive) - flag(before & Modes.recursive)
    assert(this.#pairs >= this.#paths.size - 1 && this.#recursive >= 0, 'watch counts')
  }
}

/** The parent of an absolute path; null for the root. */
export function parentPath(path: string): string | null {
  const slash = path.lastIndexOf('/')
  if (slash < 0 || path.length === 1) return null
  return slash === 0 ? '/' : path.slice(0, slash)
}

export function watchedCount(connection: WatchingConnection): number {
  const watched = connection.watched
  if (watched === null) return 0
  if (watched instanceof WatchedPath) return 1
  return Array.isArray(watched) ? watched.length : watched.size
}

/** The paths of a connection, in a copy or in a collection that tolerates deletions meanwhile. */
export function watchedOf(connection: WatchingConnection): Iterable<WatchedPath> {
  const watched = connection.watched
  if (watched === null) return []
  if (watched instanceof WatchedPath) return [watched]
  return Array.isArray(watched) ? watched.slice() : watched
}

function flag(modes: number): number {
  return modes === 0 ? 0 : 1
}

function addWatched(connection: WatchingConnection, path: WatchedPath): void {
  const watched = connection.watched
  if (watched === null) connection.watched = path
  else if (watched instanceof WatchedPath) connection.watched = [watched, path]
  else if (!Array.isArray(watched)) watched.add(path)
  else if (watched.length < SMALL_MAX) connection.watched = watched.concat(path)
  else connection.watched = new Set(watched).add(path)
}

function deleteWatched(connection: WatchingConnection, path: WatchedPath): void {
  const watched = connection.watched
  if (watched === path) {
    connection.watched = null
  } else if (Array.isArray(watched)) {
    const index = watched.indexOf(path)
    assert(index >= 0, 'a watched path unknown to its connection')
    const last = watched.pop()!
    if (index < watched.length) watched[index] = last
    if (watched.length === 0) connection.watched = null
  } else {
    assert(watched instanceof Set && watched.delete(path), 'a watched path lost')
    if (watched.size === 0) connection.watched = null
  }
}
