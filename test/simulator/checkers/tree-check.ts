// Compares a whole tree with the model: every node with every field, the owners' lists, the counts
// and the digest that are kept along the way.

import { deepStrictEqual } from 'node:assert'
import { DataTree } from '../../../actors/tree/store/data-tree.ts'
import * as layout from '../../../actors/tree/store/node-layout.ts'
import { Transactions } from '../../../actors/tree/writes/transactions.ts'
import type { Acl } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { CONTAINER, isEphemeral, isTtl, type Model, type ModelNode } from '../model/model.ts'
import { isSame } from '../world/same-bytes.ts'

export function checkTree(tree: DataTree, model: Model, zxid: Zxid): void {
  const expected = [...model.nodesAt(zxid)]
  const nodes = nodesOf(tree)
  if (nodes.size !== expected.length) {
    deepStrictEqual([...nodes.keys()].sort(), expected.map(({ path }) => path).sort())
  }
  let bytes = 0
  for (const node of expected) {
    bytes += (node.path === '/' ? 0 : byteLength(node.path)) + (node.data?.length ?? 0)
    const at = nodes.get(node.path)
    if (at !== undefined && isSameNode(tree, at, node)) continue
    const found = at === undefined ? null : { path: tree.path(at), ...plainNode(tree, at) }
    deepStrictEqual(found, { path: node.path, ...plain(node) })
  }
  const sessions = [...model.sessions].filter(([id]) => model.isOpen(id, zxid))
  deepStrictEqual(
    new Map([...tree.sessions.all()].map(({ id }) => [id, tree.ephemeralPaths(id).sort()])),
    new Map(sessions.map(([id]) => [id, model.ephemeralsAt(id, zxid)])),
    'ephemerals by session',
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
      bytes,
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

/** Where each path is, told by the way from parent to child. */
function nodesOf(tree: DataTree): Map<string, number> {
  const nodes = new Map<string, number>([['/', layout.ROOT]])
  const open: [number, string][] = [[layout.ROOT, '']]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, prefix] = next
    let count = 0
    for (const child of childrenOf(tree, node)) {
      const path = `${prefix}/${nameOf(tree, child)}`
      nodes.set(path, child)
      open.push([child, path])
      count++
    }
    deepStrictEqual(tree.store.word(node, layout.NUM_CHILDREN), count, `children of ${prefix}/`)
  }
  return nodes
}

function* childrenOf({ store }: DataTree, node: number): Generator<number> {
  let child = store.word(node, layout.FIRST_CHILD)
  for (; child !== layout.NO_NODE; child = store.word(child, layout.NEXT_SIBLING)) yield child
}

function nameOf({ store }: DataTree, node: number): string {
  const at = store.nameOffset(node)
  const bytes = store.nameBytes(node).subarray(at, at + store.word(node, layout.NAME_LENGTH))
  return Buffer.from(bytes).toString()
}

function dataOf({ store }: DataTree, node: number): Uint8Array | null {
  const length = store.word(node, layout.DATA_LENGTH)
  const at = store.dataOffset(node)
  return length < 0 ? null : store.dataBytes(node).subarray(at, at + length)
}

/** What differs is told by `plain`: this is the quick way. */
function isSameNode(tree: DataTree, at: number, node: ModelNode): boolean {
  const { store } = tree
  const data = dataOf(tree, at)
  const same =
    tree.path(at) === node.path &&
    tree.owner(at) === node.owner &&
    store.double(at, layout.CZXID) === node.czxid &&
    store.double(at, layout.PZXID) === node.pzxid &&
    store.double(at, layout.CTIME) === node.ctime &&
    store.double(at, layout.MZXID) === node.mzxid &&
    store.double(at, layout.MTIME) === node.mtime &&
    store.word(at, layout.VERSION) === node.version &&
    store.word(at, layout.CVERSION) === node.creates &&
    store.word(at, layout.AVERSION) === node.aversion &&
    store.word(at, layout.NUM_CHILDREN) === node.children.size &&
    (data === null || node.data === null ? data === node.data : isSame(data, node.data))
  if (!same || !isSameAcl(tree.acls.list(store.word(at, layout.ACL_ID)), node.acls)) return false
  if (node.children.size === 0) return true
  for (const child of childrenOf(tree, at)) {
    if (!node.children.has(nameOf(tree, child))) return false
  }
  return true
}

function isSameAcl(left: readonly Acl[], right: readonly Acl[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ perms, id }, i) => {
      const other = right[i]!
      return perms === other.perms && id.scheme === other.id.scheme && id.id === other.id.id
    })
  )
}

function plainNode(tree: DataTree, node: number): Plain {
  const { store } = tree
  const data = dataOf(tree, node)
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
    children: [...childrenOf(tree, node)].map((child) => nameOf(tree, child)).sort(),
    data: data === null ? null : [...data],
  }
}

function byteLength(path: string): number {
  return Buffer.byteLength(path)
}
