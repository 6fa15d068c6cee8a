// Java's properties syntax, case by case. The expected values are what java.util.Properties gives.

import { deepStrictEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { PropertiesError, parseProperties } from '../../config/java/properties.ts'

const CASES: readonly (readonly [text: string, pairs: readonly (readonly string[])[]])[] = [
  ['', []],
  ['# a comment\n! another\n   # indented\n\n', []],
  ['a=1', [['a', '1']]],
  ['a:1', [['a', '1']]],
  ['a 1', [['a', '1']]],
  ['a = 1', [['a', '1']]],
  ['  a\t=\t1', [['a', '1']]],
  ['a', [['a', '']]],
  ['a=', [['a', '']]],
  ['a==1', [['a', '=1']]],
  ['a = : 1', [['a', ': 1']]],
  ['a=1 # no comment', [['a', '1 # no comment']]],
  ['a=1  ', [['a', '1  ']]],
  ['a\\=b=1', [['a=b', '1']]],
  ['a\\ b=1', [['a b', '1']]],
  ['a\\:b:1', [['a:b', '1']]],
  ['a=1,\\\n    2', [['a', '1,2']]],
  [
    'a=1\\\\\nb=2',
    [
      ['a', '1\\'],
      ['b', '2'],
    ],
  ],
  ['a=1\\\n# joined', [['a', '1# joined']]],
  ['a=1\\', [['a', '1']]],
  ['a=\\u0041\\u00e9', [['a', 'Aé']]],
  ['a=\\t\\n\\r\\f\\q', [['a', '\t\n\r\fq']]],
  ['path=C:\\\\data', [['path', 'C:\\data']]],
  [
    'a=1\r\nb=2\rc=3',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  ],
  [
    'a=1\na=2',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ],
  ['\uFEFFa=1', [['a', '1']]],
  ['=1', [['', '1']]],
  ['\\\n\nb=2', [['b', '2']]],
]

for (const [text, pairs] of CASES) {
  test(`parses ${JSON.stringify(text)}`, () => {
    deepStrictEqual(
      parseProperties(text).map(({ key, value }) => [key, value]),
      pairs,
    )
  })
}

test('an entry has the number of its first line', () => {
  const lines = parseProperties('# one\na=1,\\\n2\n\nb=3').map(({ key, line }) => [key, line])
  deepStrictEqual(lines, [
    ['a', 2],
    ['b', 5],
  ])
})

test('a broken \\u escape is an error with its line', () => {
  throws(
    () => parseProperties('a=1\nb=\\u00g1'),
    (error) => {
      return error instanceof PropertiesError && error.line === 2
    },
  )
})
