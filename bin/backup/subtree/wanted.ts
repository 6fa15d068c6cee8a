// The nodes at and below a path as a backup held them after a transaction: its snapshot and its logs are loaded into
// a tree as a server loads them, in memory, without a server. That takes as much memory as a server with this data.

import { ORIGIN_NAME } from '../../../actors/log/files/file-names.ts'
import type { Folder } from '../../../actors/log/files/files.ts'
import type { RecoveryTree } from '../../../actors/log/recovery/recovered.ts'
import { SnapshotLoader } from '../../../actors/tree/snapshot/snapshot-loader.ts'
import { DataTree } from '../../../actors/tree/store/data-tree.ts'
import * as layout from '../../../actors/tree/store/node-layout.ts'
import { Transactions } from '../../../actors/tree/writes/transactions.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { NodeKind, ttlOf } from '../../../protocol/ephemeral-owner.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import { NodeFiles } from '../../../runtime/disk/files.ts'
import { tryStart } from '../../../runtime/disk/trial.ts'
import { ToolError } from '../../tools/output.ts'
import type { Plan } from '../restore.ts'
import type { Node, Nodes } from './difference.ts'
import { Bounds, isExcluded } from './limits.ts'

/** Throws ToolError: there is no such path, or it holds too much; or what a start throws for damaged files. */
export function wantedNodes(plan: Plan, path: string): Nodes {
  const loaded = new LoadedTree()
  const { lastZxid } = tryStart(new PlannedFiles(plan), plan.lastZxid, loaded)
  if (lastZxid !== plan.lastZxid) {
    throw new ToolError(`the files reach ${formatZxid(lastZxid)} only`, 1)
  }
  const { tree } = loaded
  const bytes = utf8Bytes(path === '/' ? '' : path)
  const top = tree.find(bytes, 0, bytes.length)
  if (top === layout.NO_NODE) {
    throw new ToolError(`the backup has no ${path} at ${formatZxid(plan.lastZxid)}`, 1)
  }
  const nodes = new Map<string, Node>()
  const bounds = new Bounds('the backup', path)
  const rest = [top]
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    const own = tree.path(node)
    if (isExcluded(own)) continue
    const read = nodeOf(tree, node)
    bounds.count(read.data)
    nodes.set(own, read)
    let child = tree.store.word(node, layout.FIRST_CHILD)
    for (; child !== layout.NO_NODE; child = tree.store.word(child, layout.NEXT_SIBLING)) {
      rest.push(child)
    }
  }
  return nodes
}

function nodeOf(tree: DataTree, node: number): Node {
  const { store } = tree
  const length = store.word(node, layout.DATA_LENGTH)
  const at = store.dataOffset(node)
  const kind = tree.kind(node)
  const [high, low] = [store.word(node, layout.OWNER_HIGH), store.word(node, layout.OWNER_LOW)]
  return {
    data: length < 0 ? null : store.dataBytes(node).slice(at, at + length),
    acl: tree.acls.list(store.word(node, layout.ACL_ID)),
    kind,
    ttlMs: kind === NodeKind.ttl ? ttlOf(high, low) : 0,
    version: store.word(node, layout.VERSION),
    aversion: store.word(node, layout.AVERSION),
  }
}

/** Of the snapshots only the planned one: a newer one may hold changes from after the moment. */
class PlannedFiles extends NodeFiles {
  readonly #snapshot: string | null

  constructor({ source, snapshot }: Plan) {
    super(source.path('log', ''), source.path('snapshot', ''))
    this.#snapshot = snapshot
  }

  override list(folder: Folder): string[] {
    if (folder === 'snapshot') return this.#snapshot === null ? [] : [this.#snapshot]
    // Without a snapshot the logs reach back to the first transaction: the plan says so.
    return this.#snapshot === null ? [...super.list(folder), ORIGIN_NAME] : super.list(folder)
  }
}

const NOBODY = {
  changed: () => undefined,
  sessionOpened: () => undefined,
  sessionClosed: () => undefined,
}

class LoadedTree implements RecoveryTree {
  tree: DataTree = emptyTree()
  #transactions = new Transactions(this.tree, NOBODY)
  #loader = new SnapshotLoader(this.tree)
  readonly #reply = new JuteWriter()

  constructor() {
    this.tree.plant()
  }

  snapshotBegin(): void {
    this.tree = emptyTree()
    this.#transactions = new Transactions(this.tree, NOBODY)
    this.#loader = new SnapshotLoader(this.tree)
  }

  snapshotPiece(bytes: Uint8Array, start: number, end: number): void {
    this.#loader.piece(bytes, start, end)
  }

  snapshotEnd(): void {
    this.#loader.end()
  }

  replay(_zxid: number, bytes: Uint8Array, start: number, end: number): void {
    this.#reply.reset()
    this.#transactions.apply(bytes, start, end, this.#reply)
  }
}

function emptyTree(): DataTree {
  return new DataTree({ digestEnabled: false, extendedTypes: true }, NOBODY)
}
