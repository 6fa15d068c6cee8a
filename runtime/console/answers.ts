// What the console's page is answered: JSON, or a problem with its status and words for people.

import type { Page } from '../admin/http-listener.ts'
import { Decimal } from '../reports/decimal.ts'

/** What the page is told when something does not work. `text` is a sentence. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

/** Numbers beyond 2^53 (ids of sessions) must be texts already. */
export function jsonPage(status: number, value: object): Page {
  const body = JSON.stringify(value, (_, one: unknown) =>
    one instanceof Decimal ? one.value : one,
  )
  return { status, type: 'application/json; charset=utf-8', body }
}

export function problemPage({ status, message }: Problem): Page {
  return jsonPage(status, { problem: message })
}

/** A number of the query from `min` to `max`; `otherwise` if it is not there. Throws a Problem for
 * anything else. */
export function numberOf(
  query: URLSearchParams,
  name: string,
  {
    min,
    max,
    otherwise,
  }: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  const text = query.get(name)
  if (text === null) return otherwise
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new Problem(400, `${name} must be a whole number from ${min} to ${max}, not ${text}.`)
}

/** Which rows of a long list are wanted: `page` counts from 0, `size` is at most 200. */
export interface Slice {
  readonly from: number
  readonly size: number
}

const SIZE_MAX = 200
const SIZE = 100
const PAGE_MAX = 100_000

export function sliceOf(query: URLSearchParams): Slice {
  const size = numberOf(query, 'size', { min: 1, max: SIZE_MAX, otherwise: SIZE })
  return { from: numberOf(query, 'page', { min: 0, max: PAGE_MAX, otherwise: 0 }) * size, size }
}

/** The rows of a slice, and how many there are in all. */
export function sliced<T>(rows: readonly T[], { from, size }: Slice): { total: number; rows: T[] } {
  return { total: rows.length, rows: rows.slice(from, from + size) }
}
