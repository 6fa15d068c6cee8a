// A leader applies what it prepared with what it found out then (DataTree.preparedChanges); a learner, which
// prepared nothing, must come to the same tree.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import type { DataTree } from '../../../actors/tree/store/data-tree.ts'
import * as layout from '../../../actors/tree/store/node-layout.ts'
import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import type { MultiOp } from '../../../protocol/records/multi.ts'
import { Dice } from '../../simulator/world/dice.ts'
import { Bench, create, del, multi, OPEN, set, setAcl } from './fixture.ts'

const PATHS = ['/', '/a', '/b', '/a/x', '/a/y', '/a/y/z', '/a-name-of-more-than-16-bytes']
const REQUESTS = 3000

describe('preparedChanges', () => {
  it('makes no other tree', () => {
    const dice = new Dice(7)
    const leader = Bench.serving()
    leader.connect(1)
    leader.committing = false
    const operation = (): MultiOp => {
      const path = dice.pick(PATHS)
      const text = 'x'.repeat(dice.below(40))
      const kind = path === '/' ? 'set' : dice.pick(['create', 'del', 'set', 'set'])
      if (kind === 'create') return create(path, { data: utf8Bytes(text) })
      return kind === 'del' ? del(path) : set(path, text)
    }
    let errors = 0
    for (let i = 0; i < REQUESTS; i++) {
      const ops = Array.from({ length: dice.between(1, 4) }, operation)
      if (dice.oneIn(8)) leader.send(1, setAcl(dice.pick(PATHS), OPEN))
      leader.send(1, ops.length === 1 ? ops[0]! : multi(...ops))
      const { proposed } = leader
      if (dice.oneIn(6)) leader.tree.committed(proposed[proposed.length - 1 - dice.below(3)]!.zxid)
      if (proposed.at(-1)!.type === -1) errors++
    }
    leader.commit()
    strictEqual(errors > 100, true, 'some requests fail')
    strictEqual(leader.mismatches, 0)
    const learner = new Bench()
    for (const { zxid, bytes } of leader.proposed) {
      learner.tree.replay(zxid, bytes, 0, bytes.length)
    }
    strictEqual(learner.mismatches, 0)
    deepStrictEqual(PATHS.map(nodeIn(leader.data)), PATHS.map(nodeIn(learner.data)))
  })

  it('keeps in step where the root is written', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/y')
    bench.ask(1, multi(set('/', 'a'), create('/x'), del('/y'), set('/x', 'other')))
    strictEqual(bench.text(1, '/x'), 'other')
    strictEqual(bench.mismatches, 0)
  })
})

/** Data, versions, zxids and digest of a path's node; null when there is none. */
function nodeIn(data: DataTree): (path: string) => unknown {
  return (path) => {
    const bytes = utf8Bytes(path)
    const node = data.find(bytes, 0, bytes.length)
    if (node === layout.NO_NODE) return null
    const { store } = data
    const at = store.dataOffset(node)
    const end = at + Math.max(0, store.word(node, layout.DATA_LENGTH))
    return [
      utf8(store.dataBytes(node), at, end),
      [layout.VERSION, layout.CVERSION, layout.AVERSION, layout.NUM_CHILDREN].map((field) =>
        store.word(node, field),
      ),
      [layout.DIGEST, layout.CONTENT_CRC].map((field) => store.word(node, field)),
      [layout.CZXID, layout.MZXID, layout.PZXID].map((field) => store.double(node, field)),
    ]
  }
}
