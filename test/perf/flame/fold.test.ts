// Folding a profile: times by hand, on a profile of five functions.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Call,
  type CallFrame,
  type CpuProfile,
  fold,
  type Span,
} from '../../../perf/flame/fold.ts'

const frame = (functionName: string, url = ''): CallFrame => {
  return { functionName, url, lineNumber: 0, columnNumber: 0 }
}

/** (root) -> turn -> work -> fsync, turn -> park, and V8's own three. */
const NODES: CpuProfile['nodes'] = [
  { id: 1, callFrame: frame('(root)'), children: [2, 6, 7, 8] },
  { id: 2, callFrame: frame('turn', 'file:///a.js'), children: [3, 5] },
  { id: 3, callFrame: frame('work', 'file:///a.js'), children: [4] },
  { id: 4, callFrame: frame('fsync') },
  { id: 5, callFrame: frame('park', 'file:///dist/runtime/doorbell.js') },
  { id: 6, callFrame: frame('(idle)') },
  { id: 7, callFrame: frame('(program)') },
  { id: 8, callFrame: frame('(garbage collector)') },
]
const ALWAYS: Span = { fromUs: 0, toUs: 1e9 }

/** Samples 10 us apart, from 1000 on, unless other deltas are given. */
function profileOf(samples: number[], timeDeltas = samples.map(() => 10)): CpuProfile {
  const endTime = 1010 + timeDeltas.reduce((sum, delta) => sum + delta, 0)
  return { nodes: NODES, startTime: 1000, endTime, samples, timeDeltas }
}

/** Without the calls' own maps, to be compared. */
function plain({ label, us, children }: Call): unknown[] {
  return [label, us, ...[...children.values()].map(plain)]
}

const folded = (profile: CpuProfile, span = ALWAYS): ReturnType<typeof fold> => {
  return fold(profile, span, ({ functionName }) => functionName)
}

describe('fold', () => {
  test('a call has its own time and that of what it called', () => {
    const { root } = folded(profileOf([2, 3, 3, 4]))
    deepStrictEqual(plain(root), ['(awake)', 40, ['turn', 40, ['work', 30, ['fsync', 10]]]])
  })

  test('self time is the innermost function, the most first', () => {
    deepStrictEqual(folded(profileOf([2, 3, 3, 4])).self, [
      ['work', 20],
      ['turn', 10],
      ['fsync', 10],
    ])
  })

  const doings = [
    { what: 'the event loop waits', node: 6, doing: 'asleep' },
    { what: 'parked on the bell', node: 5, doing: 'asleep' },
    { what: 'a sync', node: 4, doing: 'disk' },
    { what: 'garbage', node: 8, doing: 'garbage' },
    { what: 'native code', node: 7, doing: 'native' },
    { what: 'a function', node: 3, doing: 'code' },
  ]
  for (const { what, node, doing } of doings) {
    test(`${what}: ${doing}`, () => {
      const none = { asleep: 0, disk: 0, garbage: 0, native: 0, code: 0 }
      deepStrictEqual(folded(profileOf([node])).us, { ...none, [doing]: 10 })
    })
  }

  test('a thread asleep has no calls', () => {
    const { root, self } = folded(profileOf([5, 6, 5]))
    deepStrictEqual([plain(root), self], [['(awake)', 0], []])
  })

  test('only what lies in the span counts, cut at its ends', () => {
    // Samples at 1010, 1020, 1030, 1040.
    const { us, samples } = folded(profileOf([2, 3, 4, 2]), { fromUs: 1025, toUs: 1032 })
    deepStrictEqual([us.code, us.disk, samples], [5, 2, 2])
  })

  test('a sample that was sorted late takes no time from others', () => {
    // At 1010, 1005, 1025.
    deepStrictEqual(folded(profileOf([2, 3, 4], [10, -5, 20])).self, [
      ['work', 20],
      ['fsync', 10],
    ])
  })
})
