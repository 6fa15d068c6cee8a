// Records as JSON text, as Jackson prints them for ZooKeeper's admin server. The text is made part
// by part, so that a long record is never in memory as a whole.
//
// JSON.stringify would not do: session ids need more digits than a number has, and a Decimal is a
// number that always has a point.

import { Decimal } from '../reports/decimal.ts'
import { Lists, Rows } from '../reports/parts.ts'

type Json =
  | null
  | boolean
  | string
  | number
  | bigint
  | Decimal
  | readonly Json[]
  | { readonly [key: string]: Json }

/** The record's parts are those of its Rows and Lists, which are at its top level. */
export async function* jsonText(record: object): AsyncGenerator<string> {
  let text = '{'
  let between = '\n'
  for (const [key, value] of Object.entries(record)) {
    text += `${between}  ${JSON.stringify(key)} : `
    between = ',\n'
    if (value instanceof Rows || value instanceof Lists) {
      yield text
      text = ''
      yield* value instanceof Rows ? rowsText(value) : listsText(value)
    } else {
      text += valueText(value, 1)
    }
  }
  yield between === '\n' ? '{ }' : `${text}\n}`
}

async function* rowsText(rows: Rows<unknown>): AsyncGenerator<string> {
  let between = '[ '
  for await (const part of rows.parts) {
    let text = ''
    for (const row of part) {
      text += between + valueText(row as Json, 1)
      between = ', '
    }
    yield text
  }
  yield between === '[ ' ? '[ ]' : ' ]'
}

/** An object of arrays. */
async function* listsText(lists: Lists<unknown, unknown>): AsyncGenerator<string> {
  let last: unknown
  let head = '{\n    '
  let between = ''
  for await (const part of lists.parts) {
    let text = ''
    for (const { name, items } of part.lists) {
      if (name !== last) {
        text += `${head}${JSON.stringify(String(name))} : [`
        head = ' ],\n    '
        between = ' '
      }
      last = name
      for (const item of items) {
        text += between + valueText(item as Json, 2)
        between = ', '
      }
    }
    yield text
  }
  yield head.startsWith('{') ? '{ }' : ' ]\n  }'
}

/** `depth` counts the enclosing objects, because Jackson indents by them. An array stays on its
 * line. */
function valueText(value: Json, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value !== 'object' || value instanceof Decimal) return String(value)
  const indent = '  '.repeat(depth)
  if (isArray(value)) {
    return value.length === 0 ? '[ ]' : `[ ${value.map((v) => valueText(v, depth)).join(', ')} ]`
  }
  const entries = Object.entries(value).map(
    ([key, inner]) => `${indent}  ${JSON.stringify(key)} : ${valueText(inner, depth + 1)}`,
  )
  return entries.length === 0 ? '{ }' : `{\n${entries.join(',\n')}\n${indent}}`
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value)
}
