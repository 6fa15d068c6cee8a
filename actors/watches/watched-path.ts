// A path that somebody watches, and who does: a slot and four mode bits for each connection.
//
// Most paths have one watcher (a lock's predecessor), a few have very many (a configuration node).
// So one watcher is a number in the object itself, a few are a packed array, and only beyond
// SMALL_MAX there is a Map. A packed watcher is slot * 16 + modes.

import { assert } from '../../protocol/assert.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'

/** Modes as bits (WatchStats): 1 << WatchMode. */
export const Modes = {
  none: 0,
  data: 1,
  child: 2,
  persistent: 4,
  recursive: 8,
  any: 15,
  /** What Apache keeps in its data table, and in its child table. */
  dataTable: 13,
  childTable: 6,
} as const

/** Beyond this many watchers a linear search costs more than a Map. */
export const SMALL_MAX = 16
const MODE_BITS = 4
/** So that packed watchers stay small integers, which arrays hold without boxes. */
export const WATCH_SLOT_MAX: number = 2 ** 26

export class WatchedPath {
  readonly path: string
  /** The path's counter in the watch filter. */
  readonly counter: number
  #watchers: number | number[] | Map<number, number>

  /** A path is made for its first watcher, and forgotten with its last. */
  constructor(path: string, counter: number, slot: ConnectionSlot, modes: number) {
    this.path = path
    this.counter = counter
    this.#watchers = pack(slot, modes)
  }

  get watcherCount(): number {
    const watchers = this.#watchers
    if (typeof watchers === 'number') return watchers === 0 ? 0 : 1
    return Array.isArray(watchers) ? watchers.length : watchers.size
  }

  /** The modes that a connection watches in; `Modes.none` if it does not. */
  modesOf(slot: ConnectionSlot): number {
    const watchers = this.#watchers
    if (typeof watchers === 'number') {
      return watchers >> MODE_BITS === slot ? watchers & Modes.any : Modes.none
    }
    if (!Array.isArray(watchers)) return watchers.get(slot) ?? Modes.none
    const index = indexOf(watchers, slot)
    return index < 0 ? Modes.none : watchers[index]! & Modes.any
  }

  /** Replaces a connection's modes; `Modes.none` forgets the connection. */
  setModes(slot: ConnectionSlot, modes: number): void {
    if (modes === Modes.none) this.#delete(slot)
    else this.#put(slot, modes)
  }

  /** Visits every watcher of the path, in no particular order. The visitor may change the modes of
   * the slot that it is called with, and nothing else. */
  forEach(visit: (slot: ConnectionSlot, modes: number) => void): void {
    const watchers = this.#watchers
    if (typeof watchers === 'number') {
      if (watchers !== 0) visit(watchers >> MODE_BITS, watchers & Modes.any)
    } else if (Array.isArray(watchers)) {
      // From the end, because a visited watcher may be removed, and then the last one takes its
      // place.
      for (let i = watchers.length - 1; i >= 0; i--) {
        visit(watchers[i]! >> MODE_BITS, watchers[i]! & Modes.any)
      }
    } else {
      for (const [slot, modes] of watchers) visit(slot, modes)
    }
  }

  /** The same for a slow reader: watchers may come and go meanwhile. */
  *slots(): Generator<ConnectionSlot> {
    const watchers = this.#watchers
    if (watchers instanceof Map) {
      yield* watchers.keys()
      return
    }
    for (const packed of [watchers].flat().reverse()) if (packed !== 0) yield packed >> MODE_BITS
  }

  #put(slot: ConnectionSlot, modes: number): void {
    const packed = pack(slot, modes)
    const watchers = this.#watchers
    if (typeof watchers === 'number') {
      const alone = watchers === 0 || watchers >> MODE_BITS === slot
      this.#watchers = alone ? packed : [watchers, packed]
    } else if (Array.isArray(watchers)) {
      this.#putSmall(watchers, slot, modes)
    } else {
      watchers.set(slot, modes)
    }
  }

  #putSmall(watchers: number[], slot: ConnectionSlot, modes: number): void {
    const index = indexOf(watchers, slot)
    if (index >= 0) {
      watchers[index] = pack(slot, modes)
    } else if (watchers.length < SMALL_MAX) {
      // A copy of the exact size: push would reserve sixteen more places.
      this.#watchers = watchers.concat(pack(slot, modes))
    } else {
      const map = new Map<number, number>()
      for (const packed of watchers) map.set(packed >> MODE_BITS, packed & Modes.any)
      this.#watchers = map.set(slot, modes)
    }
  }

  #delete(slot: ConnectionSlot): void {
    const watchers = this.#watchers
    if (typeof watchers === 'number') {
      if (watchers >> MODE_BITS === slot) this.#watchers = 0
    } else if (Array.isArray(watchers)) {
      const index = indexOf(watchers, slot)
      if (index < 0) return
      const last = watchers.pop()!
      if (index < watchers.length) watchers[index] = last
    } else {
      watchers.delete(slot)
    }
  }
}

function pack(slot: ConnectionSlot, modes: number): number {
  assert(slot >= 0 && slot < WATCH_SLOT_MAX, 'watch slot out of range')
  assert(modes > Modes.none && modes <= Modes.any, 'watch modes out of range')
  return (slot << MODE_BITS) | modes
}

function indexOf(watchers: readonly number[], slot: ConnectionSlot): number {
  for (let i = 0; i < watchers.length; i++) if (watchers[i]! >> MODE_BITS === slot) return i
  return -1
}
