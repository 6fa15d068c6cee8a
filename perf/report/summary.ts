// From results to numbers that can be compared: the median and the range of the repetitions, and
// how ours relates to theirs.

import type { Result } from '../question.ts'
import type { ServerKind } from '../servers/servers.ts'
import { targetOf } from './targets.ts'

export interface Figure {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly repetitions: number
}

export interface Row {
  readonly question: string
  readonly variant: string
  readonly metric: string
  readonly figures: Readonly<Partial<Record<ServerKind, Figure>>>
  /** Ours divided by theirs; null when one of them is missing, or theirs is nothing. */
  readonly ratio: number | null
}

/** A row for each metric of each variant, in the order in which they came. */
export function summarize(results: readonly Result[]): Row[] {
  const values = new Map<string, Map<ServerKind, number[]>>()
  for (const { question, variant, server, metrics } of results) {
    for (const [metric, value] of Object.entries(metrics)) {
      const key = JSON.stringify([question, variant, metric])
      const byKind = values.get(key) ?? new Map<ServerKind, number[]>()
      values.set(key, byKind)
      byKind.set(server, [...(byKind.get(server) ?? []), value])
    }
  }
  return [...values].map(([key, byKind]) => rowOf(key, byKind))
}

/** Of each variant what it is about, which is its first metric, and what there is a target for. */
export function headlines(rows: readonly Row[]): Row[] {
  const seen = new Set<string>()
  return rows.filter(({ question, variant, metric }) => {
    const isFirst = !seen.has(question + variant)
    seen.add(question + variant)
    return isFirst || targetOf(question, variant, metric) !== null
  })
}

function rowOf(key: string, byKind: ReadonlyMap<ServerKind, readonly number[]>): Row {
  const [question = '', variant = '', metric = ''] = JSON.parse(key) as string[]
  const figures: Partial<Record<ServerKind, Figure>> = {}
  for (const [kind, values] of byKind) figures[kind] = figureOf(values)
  const { ringkeeper: ours, apache: theirs } = figures
  const comparable = ours !== undefined && theirs !== undefined && theirs.median > 0
  const ratio = comparable ? ours.median / theirs.median : null
  return { question, variant, metric, figures, ratio }
}

/** Between the two in the middle when their number is even. */
export function figureOf(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  const half = (sorted.length - 1) / 2
  const median = (at(Math.floor(half)) + at(Math.ceil(half))) / 2
  return { median, min: at(0), max: at(sorted.length - 1), repetitions: sorted.length }
}
