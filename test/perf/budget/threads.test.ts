// What threads are counted to take: of this process, whose threads are what they are.

import { deepStrictEqual, ok } from 'node:assert'
import { describe, it } from 'node:test'
import { type Counts, countsOf, HELPERS, perWrite } from '../../../perf/budget/threads.ts'

const SOME: Counts = { wakeUps: 10, preempted: 2, cpuUs: 40, queuedUs: 6, reads: 4, writes: 8 }

describe('what threads take', () => {
  it('is counted by name, and what has no name goes to the helpers', () => {
    const named = [{ pid: process.pid, threadId: 0, tid: process.pid, name: 'network' }]
    const counts = countsOf(process.pid, named)
    deepStrictEqual([...counts.keys()].sort(), [HELPERS, 'network'])
    ok((counts.get('network')?.cpuUs ?? 0) > 0)
  })

  it('is divided among the writes, and a thread that began meanwhile began with nothing', () => {
    const before = new Map([['tree', SOME]])
    const after = new Map([
      ['tree', { ...SOME, wakeUps: 30, cpuUs: 140 }],
      ['log', SOME],
    ])
    const each = perWrite(before, after, 2)
    deepStrictEqual(each.get('tree'), {
      ...{ wakeUps: 10, preempted: 0, cpuUs: 50, queuedUs: 0, reads: 0, writes: 0 },
    })
    deepStrictEqual(each.get('log')?.cpuUs, 20)
  })
})
