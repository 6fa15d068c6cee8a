// How the steps of a restore are cut into requests; and what is too much for one restore.

import { deepStrictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { batches } from '../../../bin/backup/subtree/batches.ts'
import type { Step } from '../../../bin/backup/subtree/difference.ts'
import { Bounds, DATA_BYTES_MAX, NODES_MAX } from '../../../bin/backup/subtree/limits.ts'
import { OPEN_ACL } from '../../../protocol/acl.ts'

const KIB = 1024

function sets(count: number, bytes: number): Step[] {
  const data = Buffer.alloc(bytes)
  return Array.from({ length: count }, (_, i) => ({
    kind: 'set',
    path: `/n${i}`,
    data,
    version: 0,
  }))
}

const ACL: Step = { kind: 'acl', path: '/a', acl: OPEN_ACL, aversion: 0 }
const ROWS: readonly (readonly [what: string, steps: readonly Step[], sizes: readonly string[]])[] =
  [
    ['nothing', [], []],
    ['as many operations as are allowed', sets(500, 0), ['500']],
    ['one more', sets(501, 0), ['500', '1']],
    ['as many bytes as are allowed', sets(4, 100 * KIB), ['4']],
    ['more bytes', sets(12, 100 * KIB), ['5', '5', '2']],
    ['one that is larger goes alone', sets(3, 900 * KIB), ['1', '1', '1']],
    ['access lists go singly', [...sets(2, 0), ACL, ACL], ['2', 'acl', 'acl']],
  ]

describe('the batches of a restore', () => {
  for (const [what, steps, sizes] of ROWS) {
    test(what, () => {
      const found = [...batches(steps)]
      deepStrictEqual(
        found.map((batch) => ('kind' in batch ? batch.kind : `${batch.length}`)),
        sizes,
      )
      deepStrictEqual(found.flat(), steps)
    })
  }

  test('a subtree that is too large is refused', () => {
    const nodes = new Bounds('the backup', '/a')
    for (let i = 0; i < NODES_MAX; i++) nodes.count(null)
    throws(() => nodes.count(null), /^ToolError: \/a holds more than 500000 nodes or /)
    const bytes = new Bounds('the server', '/a')
    bytes.count({ length: DATA_BYTES_MAX } as Uint8Array)
    throws(() => bytes.count(new Uint8Array(1)), / bytes in the server: restore its children /)
  })
})
