// Records as JSON: what Jackson prints for ZooKeeper, byte for byte, and what JSON.parse makes of it.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { jsonText } from '../../../runtime/admin/json-text.ts'
import { Decimal } from '../../../runtime/reports/decimal.ts'
import { Lists, type ListsPart, Rows } from '../../../runtime/reports/parts.ts'

async function textOf(record: object): Promise<string> {
  let text = ''
  for await (const part of jsonText(record)) text += part
  return text
}

async function* partsOf<T>(...parts: T[]): AsyncGenerator<T> {
  yield* parts
}

function listsOf<Name, Item>(...parts: ListsPart<Name, Item>[]): Lists<Name, Item> {
  return new Lists(partsOf(...parts))
}

const RECORDS: readonly (readonly [string, () => object, string])[] = [
  ['nothing', () => ({}), '{ }'],
  [
    'scalars',
    () => ({ a: 1, b: 'x"\n', c: true, d: null, e: new Decimal(0), f: new Decimal(1 / 3) }),
    '{\n  "a" : 1,\n  "b" : "x\\"\\n",\n  "c" : true,\n  "d" : null,\n  "e" : 0.0,\n  "f" : 0.3333\n}',
  ],
  ['64 bits', () => ({ id: -(2n ** 63n) }), '{\n  "id" : -9223372036854775808\n}'],
  [
    'objects and arrays',
    () => ({ o: { p: { q: 1 } }, empty: {}, none: [], ids: [1, 2], rows: [{ z: 1 }, { z: 2 }] }),
    '{\n  "o" : {\n    "p" : {\n      "q" : 1\n    }\n  },\n  "empty" : { },\n  "none" : [ ],\n' +
      '  "ids" : [ 1, 2 ],\n  "rows" : [ {\n    "z" : 1\n  }, {\n    "z" : 2\n  } ]\n}',
  ],
  [
    'rows, in parts',
    () => ({ rows: new Rows(partsOf([{ z: 1 }, { z: 2 }], [], [{ z: 3 }])), error: null }),
    '{\n  "rows" : [ {\n    "z" : 1\n  }, {\n    "z" : 2\n  }, {\n    "z" : 3\n  } ],\n  "error" : null\n}',
  ],
  ['no rows', () => ({ rows: new Rows(partsOf<never[]>()) }), '{\n  "rows" : [ ]\n}'],
  [
    'lists, one of which goes on in the next part',
    () => ({
      lists: listsOf<bigint, string>(
        { totals: { lists: 3 }, lists: [] },
        { lists: [{ name: 72057727370002432n, items: ['/a'] }] },
        {
          lists: [
            { name: 72057727370002432n, items: ['/b'] },
            { name: 5n, items: [] },
          ],
        },
        { lists: [{ name: 6n, items: ['/c', '/d'] }] },
      ),
    }),
    '{\n  "lists" : {\n    "72057727370002432" : [ "/a", "/b" ],\n    "5" : [ ],\n' +
      '    "6" : [ "/c", "/d" ]\n  }\n}',
  ],
  ['no lists', () => ({ lists: listsOf({ lists: [] }) }), '{\n  "lists" : { }\n}'],
]

for (const [name, record, expected] of RECORDS) {
  test(name, async () => {
    const text = await textOf(record())
    strictEqual(text, expected)
    deepStrictEqual(typeof JSON.parse(text), 'object')
  })
}
