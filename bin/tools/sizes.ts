// Sizes of the subtrees of a snapshot: a number of nodes and bytes for each node, no data. Children come in the
// order of the file.

import { basename, dirname } from 'node:path'
import { snapshotItems } from '../../runtime/disk/snapshot-items.ts'
import { Progress } from './output.ts'

export interface SizedNode {
  /** Empty for the root, as ZooKeeper's tools have it. */
  readonly path: string
  readonly children: SizedNode[]
  /** Bytes of the data of the node and everything below it. */
  bytes: number
  /** How many nodes are below it. */
  descendants: number
}

/** The root. Throws SnapshotError. */
export async function sizedTree(path: string): Promise<SizedNode> {
  const progress = new Progress(basename(path), 0)
  const root: SizedNode = { path: '', children: [], bytes: 0, descendants: 0 }
  // The file has a node directly before those below it.
  const open: SizedNode[] = []
  const close = (): void => {
    const node = open.pop()
    const parent = open.at(-1)
    if (node === undefined || parent === undefined) return
    parent.bytes += node.bytes
    parent.descendants += node.descendants + 1
  }
  for await (const item of snapshotItems(path, (count) => progress.add(count))) {
    if (item.kind !== 'node') continue
    const bytes = item.data?.length ?? 0
    if (item.path === '/') {
      root.bytes = bytes
      open.push(root)
      continue
    }
    const above = item.path.lastIndexOf('/') === 0 ? '' : dirname(item.path)
    while (open.length > 1 && open.at(-1)?.path !== above) close()
    const node: SizedNode = { path: item.path, children: [], bytes, descendants: 0 }
    open.at(-1)?.children.push(node)
    open.push(node)
  }
  while (open.length > 1) close()
  return root
}
