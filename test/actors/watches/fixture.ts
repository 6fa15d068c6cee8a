// A watches actor between a scripted tree and a recording network.

import {
  Watches,
  type WatchesNetworkMessages,
  type WatchesOptions,
} from '../../../actors/watches/watches.ts'
import { type Acl, type Id, writeAcls, writeId } from '../../../protocol/acl.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { pathHash } from '../../../protocol/bytes/path-hash.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { counterOf, WatchFilter } from '../../../protocol/watch-filter.ts'
import type { Zxid } from '../../../protocol/zxid.ts'

export type Effect = readonly [name: string, ...rest: unknown[]]

export const READABLE: Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
export const DIGEST: Id = { scheme: 'digest', id: 'ann:x' }
export const PRIVATE: Acl[] = [{ perms: 31, id: DIGEST }]

const encoder = new TextEncoder()

export function encode(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Jute: buffer path, vector<ACL> node, vector<ACL> parent. */
export function changeBytes(path: string, node: Acl[] | null, parent: Acl[] | null): Uint8Array {
  const writer = new JuteWriter()
  writer.buffer(encode(path))
  writeAcls(writer, node)
  writeAcls(writer, parent)
  return writer.finish()
}

/** Checks that a frame's length prefix is right and reads an event out of it. */
function readEvent(bytes: Uint8Array, start: number, end: number): Effect {
  const reader = new JuteReader(bytes, start, end)
  const count = reader.int()
  const slots: number[] = []
  for (let i = 0; i < count; i++) slots.push(reader.int())
  if (reader.int() !== reader.remaining) throw new Error('length prefix')
  const header = [reader.int(), reader.longNumber(), reader.int()]
  if (header[0] !== -1 || header[2] !== 0) throw new Error(`header ${header}`)
  const type = reader.int()
  if (reader.int() !== 3) throw new Error('state')
  const path = reader.text()
  if (reader.remaining !== 0) throw new Error('bytes left over')
  return ['event', type, path, slots.sort((a, b) => a - b), header[1]]
}

export class Bench {
  readonly effects: Effect[] = []
  readonly watches: Watches
  readonly filter: WatchFilter = new WatchFilter()
  watchCount = 0
  eventsSent = 0

  constructor(options: Partial<WatchesOptions> = {}) {
    const effects = this.effects
    const network: WatchesNetworkMessages = {
      event: (bytes, start, end) => effects.push(readEvent(bytes, start, end)),
      close: (slot) => effects.push(['close', slot]),
      released: (slot) => effects.push(['released', slot]),
      watchResult: (slot, error) => effects.push(['watchResult', slot, error]),
      passed: (mark) => effects.push(['passed', mark]),
      answer: (queryId, _isOver, bytes, start, end) =>
        effects.push(['answer', queryId, bytes.slice(start, end)]),
    }
    const gauges = {
      watches: { set: (value: number) => (this.watchCount = value), add: () => {} },
      eventsSent: { set: () => {}, add: (value: number) => (this.eventsSent += value) },
      told: {},
    }
    const defaults: WatchesOptions = { headerZxid: 'txn', watchesPerConnectionMax: 1000 }
    this.watches = new Watches({ ...defaults, ...options }, network, this.filter, gauges)
  }

  connect(slot: number, identities: Id[] = []): void {
    this.watches.attached(slot, BigInt(0x100 + slot) as SessionId)
    const writer = new JuteWriter()
    writer.vector(identities, writeId)
    this.watches.identities(slot, writer.bytes, 0, writer.length)
    this.taken()
  }

  watch(slot: number, mode: WatchMode, path: string): void {
    const bytes = encode(path)
    // As the tree does before it sends a registration.
    this.filter.add(counterOf(pathHash(bytes, 0, bytes.length)))
    if (mode === WatchMode.persistentRecursive) this.filter.addRecursive()
    this.watches.watch(slot, mode, bytes, 0, bytes.length)
  }

  /** Whether the tree would send a change of this path itself. */
  mayWatch(path: string): boolean {
    const bytes = encode(path)
    return this.filter.mayWatch(counterOf(pathHash(bytes, 0, bytes.length)))
  }

  /** The effects of a change. */
  changed(
    type: number,
    path: string,
    zxid: number = 7,
    node: Acl[] | null = null,
    parent: Acl[] | null = null,
  ): Effect[] {
    // Off the start of the buffer, as in a ring.
    const bytes = changeBytes(path, node, parent)
    const padded = new Uint8Array(bytes.length + 5)
    padded.set(bytes, 3)
    this.watches.changed(type, zxid as Zxid, padded, 3, 3 + bytes.length)
    return this.taken()
  }

  /** The error code of the answer. */
  remove(slot: number, type: number, path: string, remove: boolean = true): number {
    const bytes = encode(path)
    this.watches.removeWatches(slot, type, remove, bytes, 0, bytes.length)
    const [kind, to, error] = this.taken()[0]!
    if (kind !== 'watchResult' || to !== slot) throw new Error(`answer ${kind}`)
    return error as number
  }

  /** Brings `watchCount` up to date. */
  endTurn(): void {
    this.watches.endTurn()
  }

  taken(): Effect[] {
    return this.effects.splice(0)
  }
}
