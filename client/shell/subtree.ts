// Walks over a node and everything below it.

import { ErrorCode } from '../../protocol/error-code.ts'
import type { Client } from '../client.ts'
import { childPath } from '../path.ts'
import type { Watcher } from '../watch-registry.ts'
import { isZkError } from '../zk-error.ts'

/** Visits a node, then its children in order of name, then what is below each of them in turn.
 * Nodes that disappear meanwhile are skipped. A missing root is an error. */
export async function visitSubtree(
  client: Client,
  root: string,
  watcher: Watcher | undefined,
  visit: (path: string) => Promise<void>,
): Promise<void> {
  await client.get(root, watcher)
  await visit(root)
  const stack = [root]
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const children = await childrenIfAny(client, path, watcher)
    for (const child of children) await visit(child)
    stack.push(...children.reverse())
  }
}

/** A node and everything below it, parents before their children. */
export async function listSubtree(client: Client, root: string): Promise<string[]> {
  const paths = [root]
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i]!
    const { children } = await client.getChildren(path)
    for (const name of children) paths.push(childPath(path, name))
  }
  return paths
}

async function childrenIfAny(
  client: Client,
  path: string,
  watcher: Watcher | undefined,
): Promise<string[]> {
  try {
    const { children } = await client.getChildren(path, watcher)
    return [...children].sort().map((name) => childPath(path, name))
  } catch (error) {
    if (isZkError(error, ErrorCode.noNode)) return []
    throw error
  }
}
