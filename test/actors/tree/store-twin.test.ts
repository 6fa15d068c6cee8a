// The node store, its index and its heap against a Map, under many random operations, with pages
// frozen and thawed along the way.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import * as layout from '../../../actors/tree/store/node-layout.ts'
import { NodeStore } from '../../../actors/tree/store/node-store.ts'
import { Pages } from '../../../actors/tree/store/pages.ts'
import { ValueHeap } from '../../../actors/tree/store/value-heap.ts'
import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import { Dice } from '../../simulator/world/dice.ts'

const OPERATIONS = 1_000_000
const NAMES = 24
const CHECK_EVERY = 400_000

class Twin {
  readonly store = new NodeStore()
  readonly map: Map<string, Uint8Array | null> = new Map([['', null]])
  readonly children: Map<string, Set<string>> = new Map([['', new Set()]])

  find(path: string): number {
    const bytes = utf8Bytes(`xx${path}yy`)
    return this.store.find(bytes, 2, bytes.length - 2)
  }

  insert(parent: string, name: string): void {
    const path = `${parent}/${name}`
    const bytes = utf8Bytes(path)
    const nameStart = bytes.length - utf8Bytes(name).length
    const node = this.store.findParent(bytes, 0, nameStart - 1)
    strictEqual(node !== layout.NO_NODE, this.map.has(parent), `find ${parent}`)
    if (node === layout.NO_NODE) return
    const hash = this.store.childHash(node, bytes, nameStart, bytes.length)
    const child = this.store.findChild(node, bytes, nameStart, bytes.length, hash)
    strictEqual(child !== layout.NO_NODE, this.map.has(path), `find child ${path}`)
    if (child !== layout.NO_NODE) return
    this.store.insert(node, bytes, nameStart, bytes.length)
    this.map.set(path, null)
    this.children.set(path, new Set())
    this.children.get(parent)!.add(name)
  }

  remove(path: string): void {
    if (path === '' || this.children.get(path)?.size !== 0) return
    this.store.remove(this.find(path))
    this.map.delete(path)
    this.children.delete(path)
    const slash = path.lastIndexOf('/')
    this.children.get(path.slice(0, slash))!.delete(path.slice(slash + 1))
  }

  setData(path: string, data: Uint8Array | null): void {
    if (!this.map.has(path)) return
    this.store.setData(this.find(path), data, 0, data?.length ?? 0)
    this.map.set(path, data)
  }

  compare(): void {
    const { store } = this
    strictEqual(store.count, this.map.size)
    for (const [path, data] of this.map) {
      const node = this.find(path)
      ok(node !== layout.NO_NODE, `${path} is missing`)
      const length = store.word(node, layout.DATA_LENGTH)
      const at = store.dataOffset(node)
      const bytes = store.dataBytes(node).subarray(at, at + Math.max(0, length))
      // The root is born with a record of zeros; its data is the planter's business.
      if (path !== '') strictEqual(length, data?.length ?? -1)
      if (data !== null) deepStrictEqual(bytes, data)
      deepStrictEqual(this.#childrenOf(node), this.children.get(path))
    }
  }

  #childrenOf(node: number): Set<string> {
    const { store } = this
    const names = new Set<string>()
    let child = store.word(node, layout.FIRST_CHILD)
    for (; child !== layout.NO_NODE; child = store.word(child, layout.NEXT_SIBLING)) {
      const at = store.nameOffset(child)
      names.add(utf8(store.nameBytes(child), at, at + store.word(child, layout.NAME_LENGTH)))
    }
    strictEqual(store.word(node, layout.NUM_CHILDREN), names.size)
    return names
  }
}

function drawPath(dice: Dice): string {
  let path = ''
  for (let depth = dice.below(4); depth > 0; depth--) path += `/${drawName(dice)}`
  return path
}

function drawName(dice: Dice): string {
  const n = dice.below(NAMES)
  return n % 4 === 0 ? `é-a-name-of-more-than-sixteen-bytes-${n}` : `n${n}`
}

function drawData(dice: Dice): Uint8Array | null {
  const kind = dice.below(200)
  if (kind === 0) return new Uint8Array(32_769 + dice.below(50_000)).fill(dice.below(256))
  if (kind < 4) return new Uint8Array(dice.below(5000)).fill(dice.below(256))
  return kind < 20 ? null : new Uint8Array(dice.below(60)).fill(dice.below(256))
}

describe('node store', () => {
  it(`agrees with a Map over ${OPERATIONS} operations`, () => {
    const dice = new Dice(1)
    const twin = new Twin()
    for (let i = 0; i < OPERATIONS; i++) {
      const path = drawPath(dice)
      const kind = dice.below(10)
      if (kind < 4) twin.insert(path, drawName(dice))
      else if (kind < 6) twin.remove(path)
      else if (kind < 7) twin.setData(path, drawData(dice))
      else strictEqual(twin.find(path) !== layout.NO_NODE, twin.map.has(path), path)
      const turn = dice.below(10_000)
      if (turn === 0) {
        twin.store.nodes.freeze()
        twin.store.valuePages.freeze()
      } else if (turn === 1) {
        twin.store.nodes.thaw()
        twin.store.valuePages.thaw()
      }
      if (i % CHECK_EVERY === 0) twin.compare()
    }
    twin.compare()
    ok(twin.map.size > 1000, `${twin.map.size} nodes at the end`)
  })

  it('grows and shrinks through many sizes of its index', () => {
    const twin = new Twin()
    for (let i = 0; i < 30_000; i++) twin.insert('', `n${i}`)
    for (let i = 0; i < 30_000; i += 2) twin.remove(`/n${i}`)
    for (let i = 0; i < 30_000; i++) {
      strictEqual(twin.find(`/n${i}`) !== layout.NO_NODE, i % 2 === 1)
    }
    strictEqual(twin.store.count, 15_001)
  })

  it('finds nothing by paths that are not quite one', () => {
    const twin = new Twin()
    twin.insert('', 'a')
    twin.insert('/a', 'b')
    for (const path of ['a', '/a/', '//a', '/a//b', '/a/b/', 'a/b', '/b', '/a/bb', '/aa/b']) {
      strictEqual(twin.find(path), layout.NO_NODE, path)
    }
    strictEqual(twin.find('/'), layout.ROOT)
  })

  it('keeps any bytes as a name', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 50 }),
        (all) => {
          const names = all.filter((name) => !name.includes('/') && name.isWellFormed())
          const twin = new Twin()
          for (const name of names) twin.insert('', name)
          twin.compare()
          for (const name of names) twin.remove(`/${name}`)
          strictEqual(twin.store.count, 1)
        },
      ),
    )
  })
})

describe('value heap', () => {
  it('never gives two values the same bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 70_000 }), fc.boolean())),
        (steps) => {
          const heap = new ValueHeap(new Pages())
          const held: { ref: number; bytes: Uint8Array }[] = []
          for (const [i, [length, frees]] of steps.entries()) {
            const bytes = new Uint8Array(length).fill(i + 1)
            held.push({ ref: heap.store(bytes, 0, length), bytes })
            if (!frees) continue
            const gone = held.splice(i % held.length, 1)[0]!
            heap.free(gone.ref, gone.bytes.length)
          }
          for (const { ref, bytes } of held) {
            if (bytes.length === 0) continue
            const at = (ref & 0xfff) << 4
            const page = heap.pages.u8[ref >> 12]!
            deepStrictEqual(page.subarray(at, at + bytes.length), bytes)
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})
