// The nodes at and below a path as a server has them. A node that goes away meanwhile is left out. Works with any
// ZooKeeper: it asks for nothing that only we have.

import type { Client } from '../../../client/client.ts'
import { isZkError } from '../../../client/zk-error.ts'
import { NodeKind } from '../../../protocol/ephemeral-owner.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { ToolError } from '../../tools/output.ts'
import { type Node, type Nodes, parentOf } from './difference.ts'
import { Bounds, isExcluded } from './limits.ts'

/** What is needed of a server. */
export type Target = Pick<
  Client,
  'get' | 'getAcl' | 'getChildren' | 'exists' | 'sync' | 'multi' | 'setAcl'
>

const ASKED_AT_ONCE = 64

/** Throws ToolError: the path's parent is not there, it holds too much, or may not be read. Rejects with other
 * ZkErrors as they come. */
export async function foundNodes(target: Target, path: string): Promise<Nodes> {
  await target.sync(path)
  await requireParent(target, path)
  const nodes = new Map<string, Node>()
  const bounds = new Bounds('the server', path)
  const rest = [path]
  while (rest.length > 0) {
    const asked = rest.splice(-ASKED_AT_ONCE)
    for (const [i, found] of (
      await Promise.all(asked.map((each) => read(target, each)))
    ).entries()) {
      if (found === null) continue
      const own = asked[i]!
      bounds.count(found.node.data)
      nodes.set(own, found.node)
      const children = found.children.map((name) => `${own === '/' ? '' : own}/${name}`)
      for (const child of children) if (!isExcluded(child)) rest.push(child)
    }
  }
  return nodes
}

async function requireParent(target: Target, path: string): Promise<void> {
  if (path === '/') return
  const parent = parentOf(path)
  if ((await target.exists(parent)) !== null) return
  throw new ToolError(
    `the server has no ${parent}, the parent of ${path}: create it, or restore a path above`,
    1,
  )
}

async function read(
  target: Target,
  path: string,
): Promise<{ node: Node; children: readonly string[] } | null> {
  try {
    const [{ data, stat }, { acl, stat: aclStat }, { children }] = await Promise.all([
      target.get(path),
      target.getAcl(path),
      target.getChildren(path),
    ])
    const node = {
      // It is a view of the whole message.
      data: data === null ? null : data.slice(),
      acl: acl ?? [],
      // Of containers and TTL nodes a server tells no owner.
      kind: stat.ephemeralOwner === 0n ? NodeKind.persistent : NodeKind.ephemeral,
      ttlMs: 0,
      version: stat.version,
      aversion: aclStat.aversion,
    }
    return { node, children }
  } catch (error) {
    if (isZkError(error, ErrorCode.noNode)) return null
    if (!isZkError(error, ErrorCode.noAuth)) throw error
    throw new ToolError(
      `no permission to read ${path}: authenticate as who may read it, or as super (--auth-file)`,
      1,
    )
  }
}
