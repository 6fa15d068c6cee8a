// Finds containers and TTL nodes whose time has come (ContainerManager): as many as the rate
// allows. Their removals are ordinary proposals.

import { NodeKind, ttlOf } from '../../../protocol/ephemeral-owner.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'

export interface CleanerOptions {
  readonly containerCheckIntervalMs: number
  readonly containerMaxPerMinute: number
  /** A container that never had a child is removed after this time; 0: never. */
  readonly containerMaxNeverUsedIntervalMs: number
}

/** Paths to remove now, no more than one interval allows. */
export function expiredNodes(tree: DataTree, wallMs: number, options: CleanerOptions): string[] {
  const allowed = Math.ceil(
    (options.containerMaxPerMinute * options.containerCheckIntervalMs) / 60_000,
  )
  const paths: string[] = []
  for (const node of [...tree.containers, ...tree.ttls]) {
    if (paths.length >= allowed) break
    if (isExpired(tree, node, wallMs, options)) paths.push(tree.path(node))
  }
  return paths
}

function isExpired(tree: DataTree, node: number, wallMs: number, options: CleanerOptions): boolean {
  const store = tree.store
  if (store.word(node, layout.NUM_CHILDREN) > 0) return false
  const idleMs = wallMs - store.double(node, layout.MTIME)
  if (tree.kind(node) === NodeKind.container) {
    if (store.word(node, layout.CVERSION) > 0) return true
    return (
      options.containerMaxNeverUsedIntervalMs > 0 &&
      idleMs > options.containerMaxNeverUsedIntervalMs
    )
  }
  const ttlMs = ttlOf(store.word(node, layout.OWNER_HIGH), store.word(node, layout.OWNER_LOW))
  return ttlMs > 0 && idleMs > ttlMs
}
