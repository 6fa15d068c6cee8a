// When standing still is a fact: always if it was long, and if it was short only beside its consequence.

import { deepStrictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { FactBook } from '../../../runtime/why/fact-book.ts'
import { Observer } from '../../../runtime/why/observer.ts'

/** A beat is due this often. */
const BEAT_MS = 100

/** What happens, in order: so many ms pass, there is a beat, zab has logged something. */
type Step = number | 'beat' | 'learner-gone' | 'role-ended'
type Case = readonly [what: string, steps: readonly Step[], facts: readonly string[]]

const LATE = 'stalled 150 at 250'
const LOST = 'learner-gone at 250'
const CASES: readonly Case[] = [
  ['a beat in time', [100, 'beat'], []],
  ['a late one, as on a busy machine', [300, 'beat'], []],
  ['a very late one', [600, 'beat'], ['stalled 500 at 600']],
  ['then a follower is lost', [250, 'beat', 'learner-gone'], [LATE, LOST]],
  ['which is heard of first', [250, 'learner-gone', 'beat'], [LOST, LATE]],
  ['two are lost', [250, 'beat', 'learner-gone', 'learner-gone'], [LATE, LOST, LOST]],
  [
    'one is lost long after',
    [250, 'beat', 100, 'beat', 100, 'beat', 100, 'beat', 'learner-gone'],
    ['learner-gone at 550'],
  ],
  [
    'one was lost long before',
    [100, 'learner-gone', 'beat', 100, 'beat', 250, 'beat'],
    ['learner-gone at 100'],
  ],
  ['the role ends for another reason', [250, 'beat', 'role-ended'], ['role-ended at 250']],
  ['nobody can have noticed', [170, 'beat', 'learner-gone'], ['learner-gone at 170']],
]

for (const [what, steps, facts] of CASES) {
  test(what, () => {
    const clock = { nowMs: 0, wallMs: 0 }
    const book = new FactBook(
      () => clock.wallMs,
      () => undefined,
    )
    const around = { clock, cpuMs: () => 0, clients: () => [], lastHeardMs: () => 0 }
    const observer = new Observer(book, around)
    for (const step of steps) {
      if (typeof step === 'number') {
        clock.nowMs += step
        clock.wallMs += step
      } else if (step === 'beat') {
        observer.heartbeat(BEAT_MS)
      } else {
        const { wallMs } = clock
        observer.heard({
          ...{ kind: 'log', level: 'info', actor: 'zab', event: step, fields: {} },
          wallMs,
        })
      }
    }
    deepStrictEqual(
      book.since(0).map(({ event, wallMs, fields }) => {
        return event === 'stalled'
          ? `stalled ${fields['ms']} at ${wallMs}`
          : `${event} at ${wallMs}`
      }),
      facts,
    )
  })
}
