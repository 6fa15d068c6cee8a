// The checker is checked: with 108 recorded histories whose verdicts are known, and with generated
// histories of a znode, each sound at first and then with one lie of a known kind in it.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { type Random, seeded } from '../support/random.ts'
import { REGISTER, recordedVerdicts, registerHistory, STORE, storeHistory } from './recorded.ts'
import { type Findings, linearizes } from './search.ts'
import { type Recorded, withUnknownPlaced, ZNODE } from './znode.ts'

function judged(name: string): Findings {
  if (!name.startsWith('etcd')) return linearizes(STORE, storeHistory(name))
  return linearizes(REGISTER, new Map([[name, registerHistory(name)]]))
}

describe('recorded histories', () => {
  const verdicts = recordedVerdicts()

  it('are all there', () => {
    strictEqual(verdicts.size, 108)
    strictEqual([...verdicts.values()].filter(Boolean).length, 26)
  })

  for (const [name, linearizable] of verdicts) {
    it(`${name} is ${linearizable ? '' : 'not '}linearizable`, () => {
      strictEqual(judged(name).verdict, linearizable ? 'linearizable' : 'violated')
    })
  }
})

const OPERATIONS = 120
const CLIENTS = 5
const SEEDS = 1000

/** What happened in truth, in order: each operation takes effect at a moment within its time. */
function sound(random: Random): Recorded[] {
  const freeAt: number[] = Array.from({ length: CLIENTS }, () => 0)
  let [version, value] = [0, '']
  const history: Recorded[] = []
  for (let i = 1; i <= OPERATIONS; i++) {
    const moment = i * 10
    const client = freeAt.findIndex((from) => from < moment)
    if (client < 0) continue
    const start = freeAt[client]! + random(moment - freeAt[client]!)
    const lost = random(12) === 0
    freeAt[client] = moment + 1 + random(40)
    const end = lost ? Number.POSITIVE_INFINITY : freeAt[client]! - 1
    if (random(2) === 0) {
      if (!lost) history.push({ action: { asked: 'get', value, version }, start, end })
      continue
    }
    const happens = !lost || random(2) === 0
    const set = `v${i}`
    if (happens) [version, value] = [version + 1, set]
    const action = { asked: 'set', value: set, version: lost ? -1 : version } as const
    history.push({ action, start, end })
  }
  return history
}

function verdictOf(history: readonly Recorded[]): string {
  return linearizes(ZNODE, new Map([['/a', withUnknownPlaced(history)]])).verdict
}

type Lie = (history: Recorded[], random: Random) => Recorded[] | null

const acknowledgedSets = (history: readonly Recorded[]): Recorded[] =>
  history.filter(({ action }) => action.asked === 'set' && action.version > 0)

function replaced(history: Recorded[], one: Recorded, version: number): Recorded[] {
  const other = { ...one, action: { ...one.action, version } }
  return history.map((each) => (each === one ? other : each))
}

/** Each surely breaks what it is told to, or says that this history has no place for it. */
const LIES: Readonly<Record<string, Lie>> = {
  'a stale read': (history, random) => {
    const reads = history.filter(({ action }) => action.asked === 'get')
    const read = reads[random(reads.length)]
    const sets = acknowledgedSets(history).filter(({ end }) => read && end < read.start)
    const newest = sets.reduce((most, { action }) => Math.max(most, action.version), 0)
    const older = sets.find(({ action }) => action.version < newest)
    if (!read || !older) return null
    return history.map((each) => {
      if (each !== read) return each
      return { ...read, action: { ...older.action, asked: 'get' } }
    })
  },
  'a lost write': (history, random) => {
    const sets = acknowledgedSets(history)
    const lost = sets[random(sets.length)]!.action.version
    if (!sets.some(({ action }) => action.version === lost + 1)) return null
    return history.map((each) => {
      const { action } = each
      if (action.version <= lost) return each
      return { ...each, action: { ...action, version: action.version - 1 } }
    })
  },
  'a write that happened twice': (history, random) => {
    const sets = acknowledgedSets(history)
    const twice = sets[random(sets.length)]!.action.version
    const later = history.some(({ action }) => action.version > twice)
    // Nothing may fill the gap.
    if (!later || history.some(({ action }) => action.version < 0)) return null
    return history.map((each) => {
      const { action } = each
      if (action.version <= twice) return each
      return { ...each, action: { ...action, version: action.version + 1 } }
    })
  },
  'two replies in the wrong order': (history, random) => {
    const sets = acknowledgedSets(history)
    const first = sets[random(sets.length)]!
    const second = sets.find(({ start }) => start > first.end)
    if (second === undefined) return null
    const swapped = replaced(history, first, second.action.version)
    return replaced(swapped, second, first.action.version)
  },
  'a wrong version': (history, random) => {
    const sets = acknowledgedSets(history)
    const one = sets[random(sets.length)]!
    const other = sets.find(({ action }) => action.version === one.action.version + 1)
    return other === undefined ? null : replaced(history, one, other.action.version)
  },
}

describe('generated histories of a znode', () => {
  it(`${SEEDS} sound ones are linearizable`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      strictEqual(verdictOf(sound(seeded(seed))), 'linearizable', `seed ${seed}`)
    }
  })

  for (const [name, lie] of Object.entries(LIES)) {
    it(`notices ${name}`, () => {
      let told = 0
      for (let seed = 0; told < SEEDS / 5; seed++) {
        ok(seed < SEEDS * 50, `${told} histories have a place for it`)
        const random = seeded(seed)
        const history = lie(sound(random), random)
        if (history === null) continue
        told++
        strictEqual(verdictOf(history), 'violated', `seed ${seed}`)
      }
    })
  }

  it('decides an easy violation beside a part too hard for it', () => {
    const all = { start: 0, end: 1 }
    const hard = Array.from({ length: 64 }, (_, i) => ({ action: i, ...all }))
    const impossible = [{ action: -1, ...all }]
    const model = {
      initial: 0,
      nameOf: String,
      step: (state: number, i: number) => (i < 0 || state >= 10 ** 15 ? undefined : state * 3 + i),
    }
    const parts = new Map([
      ['hard', hard],
      ['impossible', impossible],
    ])
    const { verdict, part } = linearizes(model, parts)
    deepStrictEqual([verdict, part], ['violated', 'impossible'])
  })
})
