// Compares a whole tree with the model: every node with every field, the owners' lists, the counts
// and the digest that are kept along the way.

import { deepStrictEqual } from 'node:assert'
import { DataTree } from '../../actors/tree/store/data-tree.ts'
import * as layout from '../../actors/tree/store/node-layout.ts'
import { Transactions } from '../../actors/tree/writes/transactions.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { CONTAINER, isEphemeral, isTtl, type Model, type ModelNode } from './model.ts'

export function checkTree(tree: DataTree, model: Model, zxid: Zxid): void {
  const expected = model.nodesAt(zxid)
  deepStrictEqual(nodesOf(tree), new Map(expected.map((node) => [node.path, plain(node)])))
  const sessions = [...model.sessions].filter(([id]) => model.isOpen(id, zxid))
  deepStrictEqual(
    new Map([...tree.sessions.all()].map(({ id }) => [id, tree.ephemeralPaths(id).sort()])),
    new Map(sessions.map(([id]) => [id, model.ephemeralsAt(id, zxid)])),
    'ephemerals by session',
  )
  const bytes = expected.map(
    ({ path, data }) => (path === '/' ? 0 : byteLength(path)) + (data?.length ?? 0),
  )
  deepStrictEqual(
    {
      count: tree.store.count,
      bytes: tree.approximateBytes,
      ephemerals: tree.ephemeralCount,
      containers: tree.containers.size,
      ttls: tree.ttls.size,
    },
    {
      count: expected.length,
      bytes: bytes.reduce((sum, each) => sum + each, 0),
      ephemerals: expected.filter(isEphemeral).length,
      containers: expected.filter(({ owner }) => owner === CONTAINER).length,
      ttls: tree.options.extendedTypes ? expected.filter(isTtl).length : 0,
    },
    'counts',
  )
}

/** The log alone, on an empty tree, gives the same tree: apply is deterministic. */
export function replayed(model: Model, options: DataTree['options'], zxid: Zxid): DataTree {
  const tree = new DataTree(options, { changed: () => undefined })
  tree.plant()
  const transactions = new Transactions(tree, {
    sessionOpened: () => undefined,
    sessionClosed: () => undefined,
  })
  const reply = new JuteWriter()
  for (const [at, bytes] of model.txns) {
    if (at > zxid) break
    reply.reset()
    transactions.apply(bytes, 0, bytes.length, reply)
  }
  return tree
}

type Plain = Readonly<Record<string, unknown>>

const CONFIG = '/zookeeper/config'
/** A member writes the node by itself. */
const OF_EACH_SERVER = { mzxid: 0, mtime: 0, version: 0 }

function plain(node: ModelNode): Plain {
  const { path, children, data, ...fields } = node
  return {
    ...fields,
    ...(path === CONFIG && OF_EACH_SERVER),
    children: [...children].sort(),
    data: data === null ? null : [...data],
  }
}

function nodesOf(tree: DataTree): Map<string, Plain> {
  const nodes = new Map<string, Plain>()
  const open: number[] = [layout.ROOT]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const children: string[] = []
    let child = tree.store.word(node, layout.FIRST_CHILD)
    for (; child !== layout.NO_NODE; child = tree.store.word(child, layout.NEXT_SIBLING)) {
      const path = tree.path(child)
      children.push(path.slice(path.lastIndexOf('/') + 1))
      open.push(child)
    }
    nodes.set(tree.path(node), plainNode(tree, node, children))
  }
  return nodes
}

function plainNode(tree: DataTree, node: number, children: string[]): Plain {
  const { store } = tree
  const at = store.dataOffset(node)
  const length = store.word(node, layout.DATA_LENGTH)
  const data = length < 0 ? null : [...store.dataBytes(node).subarray(at, at + length)]
  deepStrictEqual(store.word(node, layout.NUM_CHILDREN), children.length, 'number of children')
  return {
    acls: tree.acls.list(store.word(node, layout.ACL_ID)),
    czxid: store.double(node, layout.CZXID),
    mzxid: store.double(node, layout.MZXID),
    pzxid: store.double(node, layout.PZXID),
    ctime: store.double(node, layout.CTIME),
    mtime: store.double(node, layout.MTIME),
    version: store.word(node, layout.VERSION),
    creates: store.word(node, layout.CVERSION),
    aversion: store.word(node, layout.AVERSION),
    owner: tree.owner(node) as bigint,
    ...(tree.path(node) === CONFIG && OF_EACH_SERVER),
    children: children.sort(),
    data,
  }
}

function byteLength(path: string): number {
  return new TextEncoder().encode(path).length
}
