// The page's own functions that need no browser: forms of data, what a change changes, sorted lists.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  base64Of,
  bestForm,
  bytesOf,
  hexOf,
  jsonOf,
  shortText,
  textOf,
} from '../../../../runtime/console/page/parts/bytes.ts'
import { diffOf } from '../../../../runtime/console/page/parts/diff.ts'
import { merged } from '../../../../runtime/console/tree/listing.ts'

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

describe('data', () => {
  const FORMS: readonly (readonly [string, Uint8Array, string])[] = [
    ['an object', bytes(' {"a":1}'), 'json'],
    ['a list', bytes('[1]'), 'json'],
    ['what looks like an object', bytes('{a'), 'text'],
    ['a number, which is JSON as well', bytes('17'), 'text'],
    ['lines', bytes('a\n\tb\r\n'), 'text'],
    ['a zero', Uint8Array.of(65, 0), 'hex'],
    ['no UTF-8', Uint8Array.of(0xc3, 0x28), 'hex'],
    ['an escape', bytes('\u001b[2J'), 'hex'],
  ]
  for (const [what, data, form] of FORMS) {
    test(`${what} is shown as ${form}`, () => strictEqual(bestForm(data), form))
  }

  test('survives Base64, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40_000 }), (data) => {
        deepStrictEqual(bytesOf(base64Of(data)), data)
      }),
      { numRuns: 20 },
    )
  })

  test('in hexadecimal has its offset and its letters', () => {
    const line = `000000  41 00 ff${' '.repeat(41)}A..`
    strictEqual(hexOf(Uint8Array.of(65, 0, 255)), line)
    strictEqual(hexOf(new Uint8Array(17)).split('\n').length, 2)
  })

  test('of a mark at its beginning keeps it', () =>
    strictEqual(textOf(bytes('\ufeffa')), '\ufeffa'))
  test('that is no JSON is none', () => strictEqual(jsonOf('{'), null))
  test('in short is one line of text or nothing', () => {
    strictEqual(shortText(base64Of(bytes('worker-1'))), 'worker-1')
    strictEqual(shortText(base64Of(bytes('a\nb'))), '')
    strictEqual(shortText(base64Of(Uint8Array.of(255))), '')
    strictEqual(shortText(base64Of(bytes('x'.repeat(100)))).length, 61)
  })
})

describe('what a change changes', () => {
  const CASES: readonly (readonly [string, string, string, string])[] = [
    ['nothing', 'a\nb', 'a\nb', 'a b'],
    ['a line', 'a\nb\nc', 'a\nx\nc', 'a -b +x c'],
    ['a line more', 'a\nc', 'a\nb\nc', 'a +b c'],
    ['a line less', 'a\nb\nc', 'a\nc', 'a -b c'],
    ['two places', 'a\nb\nc\nd\ne', 'a\nB\nc\nD\ne', 'a -b +B c -d +D e'],
    ['all of it', '', 'x\ny', '- +x +y'],
    [
      'far from its ends',
      '1\n2\n3\n4\n5\n6\n7\n8\n9',
      '1\n2\n3\n4\nx\n6\n7\n8\n9',
      '2 3 4 -5 +x 6 7 8',
    ],
  ]
  const SIGNS = { same: '', added: '+', removed: '-' } as const
  for (const [what, before, after, expected] of CASES) {
    test(what, () => {
      const lines = diffOf(before, after).map(({ kind, line }) => `${SIGNS[kind]}${line}`)
      strictEqual(lines.join(' '), expected)
    })
  }

  test('has each line of either text that is not in both', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 })
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const changes = diffOf(a.join('\n'), b.join('\n'))
        const count = (kind: string) => changes.filter((one) => one.kind === kind).length
        const [before, after] = [a.length || 1, b.length || 1]
        strictEqual(after - before, count('added') - count('removed'))
      }),
    )
  })
})

test('sorted lists are one sorted list', async () => {
  const runs = fc.array(fc.array(fc.string(), { maxLength: 20 }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(runs, async (lists) => {
      const sorted = lists.map((list) => [...list].sort())
      deepStrictEqual(await merged(sorted), lists.flat().sort())
    }),
    { numRuns: 50 },
  )
})
