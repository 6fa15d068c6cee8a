// A frozen tree: what it says does not move while the tree does, and reading it back gives the same
// tree, list by list and digest by digest.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { SnapshotLoader } from '../../../actors/tree/snapshot/snapshot-loader.ts'
import {
  type FrozenTree,
  freeze,
  snapshotBody,
} from '../../../actors/tree/snapshot/snapshot-source.ts'
import { DataTree } from '../../../actors/tree/store/data-tree.ts'
import { readAcls } from '../../../protocol/acl.ts'
import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { contentOf, snapshotBytes } from '../../../runtime/disk/snapshot-content.ts'
import { Dice } from '../../simulator/world/dice.ts'
import { ANN, Bench, container, create, del, set, ttl } from './fixture.ts'

const FILE_HEADER_BYTES = 16
const PRIVATE = [{ perms: 31, id: ANN }]

/** A chunk is valid until the next one is asked for. */
function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  const copies: Uint8Array[] = []
  for (const chunk of chunks) copies.push(chunk.slice())
  return new Uint8Array(Buffer.concat(copies))
}

function body(frozen: FrozenTree): Uint8Array {
  return joined(snapshotBody(frozen))
}

function furnished(nodes: number): Bench {
  const bench = Bench.serving()
  bench.connect(1, ANN)
  bench.connect(2)
  bench.ask(1, container('/container'))
  bench.ask(1, ttl('/ttl', 1234))
  bench.create(1, '/private', { acl: PRIVATE })
  bench.create(1, '/private/below', { acl: PRIVATE, data: null })
  for (let i = 0; i < nodes; i++) {
    const data = new Uint8Array(i % 11 === 0 ? 40_000 : i % 97)
    bench.create(2, `/node-with-a-long-name-${i}`, { data, flags: i % 3 === 0 ? 1 : 0 })
  }
  return bench
}

/** Reads a file's bytes after the header, in pieces of this size. */
function load(bytes: Uint8Array, pieceBytes: number): { tree: DataTree; reader: SnapshotLoader } {
  const options = { digestEnabled: true, extendedTypes: true }
  const tree = new DataTree(options, { changed: () => undefined })
  const reader = new SnapshotLoader(tree)
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.piece(bytes, at, Math.min(at + pieceBytes, bytes.length))
  }
  return { tree, reader }
}

describe('a frozen tree', () => {
  it('stays as it was while everything changes', () => {
    const bench = furnished(1200)
    const frozen = freeze(bench.data, bench.tree.lastZxid)
    const before = body(frozen)
    const dice = new Dice(7)
    for (let i = 0; i < 3000; i++) {
      const path = `/node-with-a-long-name-${dice.below(1300)}`
      const data = new Uint8Array(dice.pick([0, 5, 500, 40_000])).fill(i)
      const kind = dice.below(3)
      if (kind === 0) bench.send(1, del(path))
      else if (kind === 1) bench.send(1, create(path, { data }))
      else bench.send(1, { type: OpCode.setData, request: { path, data, version: -1 } })
    }
    deepStrictEqual(body(frozen), before)
    strictEqual(bench.mismatches, 0)
  })

  it('can be read half before and half after a change', () => {
    const bench = furnished(400)
    const before = body(freeze(bench.data, bench.tree.lastZxid))
    const chunks = snapshotBody(freeze(bench.data, bench.tree.lastZxid))
    const first = (chunks.next().value as Uint8Array).slice()
    for (let i = 0; i < 400; i++) bench.send(1, set(`/node-with-a-long-name-${i}`, 'changed'))
    const rest = joined(chunks)
    strictEqual(first.length + rest.length, before.length)
    deepStrictEqual(joined([first, rest]), before)
  })

  it('comes back equal, whatever the pieces', () => {
    const bench = furnished(150)
    const frozen = freeze(bench.data, bench.tree.lastZxid)
    const file = joined(snapshotBytes(contentOf(frozen, true)))
    for (const pieceBytes of [7, 1000, 64 * 1024, file.length]) {
      const { tree, reader } = load(file.subarray(FILE_HEADER_BYTES), pieceBytes)
      const digest = reader.end()
      strictEqual(digest?.zxid, bench.tree.lastZxid)
      strictEqual(tree.digest.equals(digest.high, digest.low), true)
      strictEqual(tree.digest.toHex(), bench.data.digest.toHex())
      deepStrictEqual(
        {
          nodes: tree.store.count,
          bytes: tree.approximateBytes,
          ephemerals: tree.ephemeralCount,
          containers: tree.containers.size,
          ttls: tree.ttls.size,
          sessions: [...tree.sessions.all()].map(({ id, ephemerals }) => [id, ephemerals.size]),
          lists: tree.acls.entries().map(({ acls }) => acls).length,
        },
        {
          nodes: bench.data.store.count,
          bytes: bench.data.approximateBytes,
          ephemerals: bench.data.ephemeralCount,
          containers: 1,
          ttls: 1,
          sessions: [...bench.data.sessions.all()].map(({ id, ephemerals }) => [
            id,
            ephemerals.size,
          ]),
          lists: bench.data.acls.entries().length,
        },
      )
      tree.store.nodes.thaw()
      deepStrictEqual(sorted(tree), sorted(bench.data))
    }
  })

  it('has no digest when digests are off', () => {
    const bench = Bench.serving({ digestEnabled: false })
    const frozen = freeze(bench.data, 0 as Zxid)
    const file = joined(snapshotBytes(contentOf(frozen, false)))
    strictEqual(load(file.subarray(FILE_HEADER_BYTES), 100).reader.end(), null)
  })

  it('cut short is refused', () => {
    const bench = furnished(3)
    const bytes = body(freeze(bench.data, 0 as Zxid))
    throws(() => load(bytes.subarray(0, bytes.length - 1), 50).reader.end(), MalformedError)
  })

  it('with fewer than no sessions or access lists is refused', () => {
    const counts = [Int32Array.of(-1), Int32Array.of(-1 << 24), Int32Array.of(0, -1 << 16)]
    for (const words of counts) {
      const bytes = new Uint8Array(words.length * 4 + 400)
      for (const [i, word] of words.entries()) new DataView(bytes.buffer).setInt32(i * 4, word)
      for (const pieceBytes of [3, 50, bytes.length]) {
        throws(() => load(bytes, pieceBytes).reader.end(), /it has -\d+ (sessions|acls)/)
      }
    }
  })

  it('damaged anywhere comes to an end', () => {
    const bench = furnished(3)
    const bytes = body(freeze(bench.data, bench.tree.lastZxid))
    for (let at = 0; at < bytes.length; at += at < 2000 ? 1 : 997) {
      for (const value of [0, 0x7f, 0x80, 0xff]) {
        const damaged = bytes.slice()
        damaged[at] = value
        const { reader } = load(damaged, 4096)
        try {
          reader.end()
        } catch (error) {
          ok(error instanceof MalformedError, `byte ${at} made ${value}: ${error}`)
        }
      }
    }
  })
})

/** Path and access list of every node, in order: what counts and digest do not say. */
function sorted(tree: DataTree): string[] {
  const bytes = body(freeze(tree, 0 as Zxid))
  const reader = new JuteReader(bytes)
  reader.vector((r) => [r.long(), r.int()])
  const lists = new Map<bigint, string>()
  reader.vector((r) => lists.set(r.long(), JSON.stringify(readAcls(r))))
  const nodes: string[] = []
  for (let path = reader.text(); path !== '/'; path = reader.text()) {
    const length = reader.buffer()?.length ?? -1
    nodes.push(`${path} ${length} ${lists.get(reader.long())}`)
    reader.skip(60)
  }
  tree.store.nodes.thaw()
  tree.store.valuePages.thaw()
  return nodes.sort()
}
