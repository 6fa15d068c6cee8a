// zkSnapshotRecursiveSummaryToolkit: how many nodes and bytes are below each node of a snapshot, down to a depth
// (ZooKeeper's SnapshotRecursiveSummary).

import { type Output, ToolError } from './output.ts'
import { type SizedNode, sizedTree } from './sizes.ts'
import { requireFile } from './snapshot-text.ts'

const BAD_INVOCATION = 2
const USAGE = `USAGE:

SnapshotRecursiveSummary  <snapshot_file>  <starting_node>  <max_depth>

snapshot_file:    path to the zookeeper snapshot
starting_node:    the path in the zookeeper tree where the traversal should begin
max_depth:        defines the depth where the tool still writes to the output. 0 means there is no depth limit, every non-leaf node's stats will be displayed, 1 means it will only contain the starting node's and it's children's stats, 2 ads another level and so on. This ONLY affects the level of details displayed, NOT the calculation.`

export async function snapshotSummary(args: readonly string[], output: Output): Promise<number> {
  const [path, start, depth] = args
  if (path === undefined || start === undefined || depth === undefined || args.length > 3) {
    throw new ToolError(USAGE, BAD_INVOCATION)
  }
  requireFile(path)
  if (!/^\d{1,9}$/.test(depth)) throw new ToolError(USAGE, BAD_INVOCATION)
  const node = nodeAt(await sizedTree(path), start)
  if (node === null) throw new ToolError(`There is no node ${start} in ${path}.`, BAD_INVOCATION)
  print(node, 0, Number(depth), output)
  return 0
}

function nodeAt(root: SizedNode, path: string): SizedNode | null {
  let node: SizedNode | undefined = root
  for (const name of path.split('/').filter((part) => part !== '')) {
    const wanted: string = `${node.path}/${name}`
    node = node.children.find((child) => child.path === wanted)
    if (node === undefined) return null
  }
  return node
}

function print(node: SizedNode, level: number, depth: number, output: Output): void {
  if (node.children.length === 0 || (depth !== 0 && level > depth)) return
  const mark = '--'.repeat(level)
  output.line(`${mark} ${node.path === '' ? '/' : node.path}`)
  output.line(`${mark}   children: ${node.descendants}`)
  output.line(`${mark}   data: ${node.bytes}`)
  for (const child of node.children) print(child, level + 1, depth, output)
}
