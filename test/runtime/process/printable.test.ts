// No text of a stranger's makes a second line of a log, nor hides a part of one.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { printable, printableJson, shownJson } from '../../../runtime/process/printable.ts'

const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const TEXT = fc.string({ unit: 'binary' })

describe('what is printable', () => {
  test('has escapes for what would end a line or move a cursor', () => {
    strictEqual(
      printable('/a\nb\x1b[2J\u202ec\u2028\x85'),
      '/a\\u000ab\\u001b[2J\\u202ec\\u2028\\u0085',
    )
    strictEqual(printable('/zażółć gęślą 日本 🙂'), '/zażółć gęślą 日本 🙂')
  })

  test('is one line of JSON for the same object, whatever it holds', () => {
    fc.assert(
      fc.property(TEXT, TEXT, (path, msg) => {
        const line = printableJson(`${JSON.stringify({ path, msg })}\n`)
        ok(line.endsWith('\n') && !RAW.test(line.slice(0, -1)), line)
        deepStrictEqual(JSON.parse(line), { path, msg })
      }),
    )
  })

  test('shows the escapes where JSON would have hidden them', () => {
    const { path } = JSON.parse(shownJson(JSON.stringify({ path: 'a\u202eb\x7f\x85' })))
    strictEqual(path, 'a\\u202eb\\u007f\\u0085')
  })
})
