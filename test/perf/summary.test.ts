// From results to ratios, targets and a report.

import { deepStrictEqual, doesNotMatch, match } from 'node:assert'
import { describe, it } from 'node:test'
import { histogram, packed } from '../../perf/load/histogram.ts'
import type { Result } from '../../perf/question.ts'
import { html } from '../../perf/report/html.ts'
import { figureOf, headlines, summarize } from '../../perf/report/summary.ts'
import { standing, TARGETS, targetOf } from '../../perf/report/targets.ts'

function result(server: Result['server'], repetition: number, perSecond: number): Result {
  const latency = histogram()
  for (let us = 1; us <= 100; us++) latency.recordValue(us * 10)
  return {
    question: 'throughput',
    variant: 'set 10x16, 1 server',
    server,
    repetition,
    metrics: { perSecond },
    latency: packed(latency),
    timeline: { bucketMs: 10, startMs: -20, values: [1, 0, 5], what: 'writes' },
  }
}

const RESULTS = [
  result('canned', 1, 900),
  result('ringkeeper', 1, 400),
  result('apache', 1, 100),
  result('ringkeeper', 2, 300),
  result('apache', 2, 60),
  result('ringkeeper', 3, 320),
  result('apache', 3, 110),
]

describe('a summary', () => {
  const figures: [number[], number, number, number][] = [
    [[5], 5, 5, 5],
    [[3, 1, 2], 2, 1, 3],
    [[4, 1, 2, 3], 2.5, 1, 4],
    [[10, 9], 9.5, 9, 10],
  ]
  for (const [values, median, min, max] of figures) {
    it(`of ${values.join(', ')} is ${median}, from ${min} to ${max}`, () => {
      deepStrictEqual(figureOf(values), { median, min, max, repetitions: values.length })
    })
  }

  it('has a row for each metric, with the ratio of medians', () => {
    const rows = summarize(RESULTS)
    deepStrictEqual(rows.length, 1)
    const [{ ratio, figures: found } = { ratio: null, figures: {} }] = rows
    deepStrictEqual(ratio, 3.2)
    deepStrictEqual(found.apache, { median: 100, min: 60, max: 110, repetitions: 3 })
    deepStrictEqual(found.canned?.median, 900)
  })

  it('has in its headlines what a variant is about, and what has a target', () => {
    const metrics = { perSecond: 5, p50Us: 1, p999Us: 2, maxUs: 3 }
    const rows = headlines(summarize([{ ...result('ringkeeper', 1, 5), metrics }]))
    deepStrictEqual(
      rows.map(({ metric }) => metric),
      ['perSecond', 'p999Us'],
    )
  })

  it('has no ratio without both, or to nothing', () => {
    deepStrictEqual(summarize([result('ringkeeper', 1, 5)])[0]?.ratio, null)
    const toNothing = [result('ringkeeper', 1, 5), result('apache', 1, 0)]
    deepStrictEqual(summarize(toNothing)[0]?.ratio, null)
  })
})

describe('a target', () => {
  const more = { ...TARGETS[0]!, better: 'higher', atLeast: 3, aim: 5 } as const
  const less = { ...more, better: 'lower', atLeast: 0.5, aim: 0.25 } as const
  const cases = [
    [more, 2.9, 'missed'],
    [more, 3, 'met'],
    [more, 5, 'aim'],
    [less, 0.51, 'missed'],
    [less, 0.5, 'met'],
    [less, 0.25, 'aim'],
  ] as const
  for (const [target, ratio, wanted] of cases) {
    it(`${target.better} than ${target.atLeast}, aim ${target.aim}: ${ratio} is ${wanted}`, () => {
      deepStrictEqual(standing(target, ratio), wanted)
    })
  }

  it('is found by question, variant and metric', () => {
    deepStrictEqual(targetOf('throughput', 'get 10x16, 1 server', 'perSecond')?.aim, 8)
    deepStrictEqual(targetOf('throughput', 'reads90 10x16, 1 server', 'perSecond'), null)
    deepStrictEqual(targetOf('memory', '1,000,000 znodes', 'bytesEach')?.atLeast, 0.8)
  })
})

describe('a report', () => {
  const setting = {
    time: '2026-01-02T03:04:05.678Z',
    processor: '2 x <Fast & "Cheap">',
    memoryGb: 8,
    system: 'Linux',
    node: '20.0.0',
    ringkeeper: '1',
    commit: 'abc',
    apache: null,
    command: 'throughput',
  }
  const text = html(setting, RESULTS)

  it('shows medians, the ratio, what was wanted, and plots', () => {
    for (const part of ['320 /s', '100 /s', '3.2x', 'at least 3x, aim 5x']) {
      match(text, new RegExp(part))
    }
    deepStrictEqual(text.match(/<svg /g)?.length, 3)
    doesNotMatch(text, /NaN|undefined|Infinity/)
  })

  it('needs nothing from elsewhere, and lets no text be markup', () => {
    doesNotMatch(text, /https?:|src=|<script|<link|<Fast/)
  })
})
