// The watches actor against a naive one that keeps Apache's two tables as lists and searches them
// linearly, on random histories.

import { deepStrictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { EventType } from '../../../protocol/op-code.ts'
import { Bench, DIGEST, type Effect, PRIVATE } from './fixture.ts'

type Mode = 'standard' | 'persistent' | 'recursive'
interface Entry {
  table: 'data' | 'child'
  path: string
  slot: number
  mode: Mode
}

const ENTRIES: readonly (readonly ['data' | 'child', Mode])[][] = [
  [['data', 'standard']],
  [['child', 'standard']],
  [
    ['data', 'persistent'],
    ['child', 'persistent'],
  ],
  [['data', 'recursive']],
]

class DumbWatches {
  entries: Entry[] = []

  watch(slot: number, mode: number, path: string): void {
    for (const [table, kind] of ENTRIES[mode]!) {
      const same = (e: Entry) =>
        e.table === table && e.path === path && e.slot === slot && e.mode === kind
      if (!this.entries.some(same)) this.entries.push({ table, path, slot, mode: kind })
    }
  }

  /** Slots told, before any filter. */
  trigger(table: 'data' | 'child', path: string): Set<number> {
    const told = new Set<number>()
    for (const e of this.entries) {
      if (e.table !== table) continue
      const above = e.path === '/' || path.startsWith(`${e.path}/`)
      if (e.path === path || (e.mode === 'recursive' && above)) told.add(e.slot)
    }
    this.entries = this.entries.filter(
      (e) => !(e.table === table && e.path === path && e.mode === 'standard'),
    )
    return told
  }

  changed(type: number, path: string, restricted: boolean, readers: Set<number>): Effect[] {
    const effects: Effect[] = []
    const emit = (told: Set<number>, event: number, at: string) => {
      const slots = [...told].filter((slot) => !restricted || readers.has(slot))
      if (slots.length > 0) effects.push(['event', event, at, slots.sort((a, b) => a - b), 7])
    }
    const told = this.trigger('data', path)
    if (type === EventType.nodeDeleted) {
      for (const slot of this.trigger('child', path)) told.add(slot)
    }
    emit(told, type, path)
    if (type !== EventType.nodeDataChanged) {
      const parent = path.slice(0, path.lastIndexOf('/')) || '/'
      emit(this.trigger('child', parent), EventType.nodeChildrenChanged, parent)
    }
    return effects
  }

  remove(slot: number, type: number, path: string): number {
    const mode: Mode | null =
      type === 4 ? 'persistent' : type === 5 ? 'recursive' : type === 3 ? null : 'standard'
    const matches = (e: Entry) =>
      e.slot === slot &&
      e.path === path &&
      (mode === null || e.mode === mode) &&
      (type !== 1 || e.table === 'child') &&
      (type !== 2 || e.table === 'data')
    const found = this.entries.some(matches)
    this.entries = this.entries.filter((e) => !matches(e))
    return found ? 0 : -121
  }

  close(slot: number): void {
    this.entries = this.entries.filter((e) => e.slot !== slot)
  }

  /** Pairs within each table. */
  get watchCount(): number {
    return new Set(this.entries.map((e) => `${e.table} ${e.slot} ${e.path}`)).size
  }
}

const SLOTS = 40
const paths = fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/a/bb', '/b', '/b/c', '/a/b/c/d')
const slots = fc.nat(SLOTS - 1)
const modes = fc.constantFrom(...Object.values(WatchMode))
const types = fc.constantFrom(
  EventType.nodeCreated,
  EventType.nodeDeleted,
  EventType.nodeDataChanged,
)
const step = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant('watch' as const), slots, modes, paths) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('change' as const), types, paths, fc.boolean()) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant('remove' as const),
      slots,
      fc.integer({ min: 1, max: 5 }),
      paths,
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('close' as const), slots) },
)

test('the same events, answers and counts as the naive twin', () => {
  const history = fc.array(step, { minLength: 1, maxLength: 300, size: 'max' })
  const property = fc.property(history, (steps) => {
    const bench = new Bench()
    const twin = new DumbWatches()
    const readers = new Set<number>()
    const connect = (slot: number) => {
      bench.connect(slot, slot % 3 === 0 ? [DIGEST] : [])
      if (slot % 3 === 0) readers.add(slot)
    }
    for (let slot = 0; slot < SLOTS; slot++) connect(slot)
    for (const s of steps) {
      if (s[0] === 'watch') {
        bench.watch(s[1], s[2], s[3])
        twin.watch(s[1], s[2], s[3])
      } else if (s[0] === 'change') {
        if (s[2] === '/' && s[1] !== EventType.nodeDataChanged) continue
        const acl = s[3] ? PRIVATE : null
        const expected = twin.changed(s[1], s[2], s[3], readers)
        deepStrictEqual(bench.changed(s[1], s[2], 7, acl, acl), expected)
      } else if (s[0] === 'remove') {
        deepStrictEqual(bench.remove(s[1], s[2], s[3]), twin.remove(s[1], s[2], s[3]))
      } else {
        bench.watches.closed(s[1])
        bench.watches.closed(s[1])
        twin.close(s[1])
        connect(s[1])
      }
      bench.endTurn()
      deepStrictEqual(bench.watchCount, twin.watchCount)
    }
  })
  fc.assert(property, { numRuns: 150 })
})
