// Everything a client can see of a tree: names, bytes, Stats, ACLs.

import { createHash } from 'node:crypto'
import type { Client } from '../../../client/client.ts'
import { isZkError } from '../../../client/zk-error.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'

/** Written by each server for itself, outside of any transaction. */
export const OWN = '/zookeeper/config'
const SHOWN_BYTES_MAX = 1024
/** A tree may have more nodes than a client may have requests in flight. */
const NODES_AT_ONCE = 500

/** By path, in order. Large data stands as its length and digest. */
export async function treeOf(client: Client): Promise<ReadonlyMap<string, unknown>> {
  const nodes: Map<string, unknown> = new Map()
  let level = ['/']
  while (level.length > 0) {
    const children: string[] = []
    for (let from = 0; from < level.length; from += NODES_AT_ONCE) {
      const some = level.slice(from, from + NODES_AT_ONCE)
      for (const node of await Promise.all(some.map((path) => nodeOf(client, path)))) {
        if (node === null) continue
        nodes.set(node.path, node.content)
        for (const name of node.children) {
          children.push(`${node.path === '/' ? '' : node.path}/${name}`)
        }
      }
    }
    level = children
  }
  return nodes
}

interface Node {
  readonly path: string
  readonly content: unknown
  readonly children: readonly string[]
}

/** Null when it has gone meanwhile. */
async function nodeOf(client: Client, path: string): Promise<Node | null> {
  try {
    const [{ data, stat }, { children }] = await Promise.all([
      client.get(path),
      client.getChildren(path),
    ])
    const acl = await client.getAcl(path).then((response) => response.acl)
    const bytes = data === null ? null : textOf(data)
    const content = path === OWN ? { bytes } : { bytes, stat, acl }
    return { path, content, children: [...children].sort() }
  } catch (error) {
    if (isZkError(error, ErrorCode.noNode)) return null
    throw error
  }
}

function textOf(data: Uint8Array): string {
  if (data.length <= SHOWN_BYTES_MAX) return Buffer.from(data).toString('latin1')
  return `${data.length} bytes, ${createHash('sha256').update(data).digest('hex')}`
}
