// What it takes to make the nodes below a path what they were: the writes, in an order in which each can succeed,
// and what is left alone. Pure.

import type { Acl } from '../../../protocol/acl.ts'
import { NodeKind } from '../../../protocol/ephemeral-owner.ts'

export interface Node {
  readonly data: Uint8Array | null
  readonly acl: readonly Acl[]
  /** Of a server's node only whether it is ephemeral: clients cannot see more. */
  readonly kind: NodeKind
  /** Milliseconds; of a TTL node. */
  readonly ttlMs: number
  /** Data version and access list version: a write beside somebody else's is refused, not silently lost. */
  readonly version: number
  readonly aversion: number
}

/** By full path. The path that is restored is one of them. */
export type Nodes = ReadonlyMap<string, Node>

export type Step =
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'create'; readonly path: string; readonly node: Node }
  | {
      readonly kind: 'set'
      readonly path: string
      readonly data: Uint8Array | null
      readonly version: number
    }
  | {
      readonly kind: 'acl'
      readonly path: string
      readonly acl: readonly Acl[]
      readonly aversion: number
    }

export interface Difference {
  /** Deletes, children first; creates, parents first; data; access lists last, as they may take our own rights. */
  readonly steps: readonly Step[]
  /** Ephemeral in the backup: their sessions are gone. */
  readonly ephemerals: readonly string[]
  /** On the server, not in the backup, and left there. */
  readonly extra: readonly string[]
  /** In the backup, but a live ephemeral node is at that path or above it. */
  readonly blocked: readonly string[]
}

export interface Choices {
  /** Nodes that the backup does not have are deleted; those that are ephemeral, and what is above them, are not. */
  readonly deleteExtra: boolean
  /** Access lists become those of the backup. Otherwise nodes that are there keep theirs. */
  readonly acls: boolean
}

export function difference(wanted: Nodes, found: Nodes, choices: Choices): Difference {
  const creates: Step[] = []
  const sets: Step[] = []
  const acls: Step[] = []
  const ephemerals: string[] = []
  const blocked: string[] = []
  const isBlocked = new Set<string>()
  for (const path of [...wanted.keys()].sort(byDepth)) {
    const node = wanted.get(path)!
    const there = found.get(path)
    if (isEphemeral(node)) ephemerals.push(path)
    else if (isEphemeral(there) || isBlocked.has(parentOf(path))) {
      isBlocked.add(path)
      blocked.push(path)
    } else if (there === undefined) creates.push({ kind: 'create', path, node })
    else {
      if (!sameData(node.data, there.data)) {
        sets.push({ kind: 'set', path, data: node.data, version: there.version })
      }
      if (choices.acls && !sameAcl(node.acl, there.acl)) {
        acls.push({ kind: 'acl', path, acl: node.acl, aversion: there.aversion })
      }
    }
  }
  const { deletes, extra } = surplus(wanted, found, choices.deleteExtra)
  const steps = [...deletes, ...creates, ...sets, ...acls]
  return { steps, ephemerals, extra, blocked }
}

function surplus(
  wanted: Nodes,
  found: Nodes,
  deleteExtra: boolean,
): { deletes: Step[]; extra: string[] } {
  const deletes: Step[] = []
  const extra: string[] = []
  const held = new Set<string>()
  for (const path of [...found.keys()].sort(byDepth).reverse()) {
    if (wanted.has(path)) continue
    const node = found.get(path)!
    if (deleteExtra && !isEphemeral(node) && !held.has(path)) {
      deletes.push({ kind: 'delete', path, version: node.version })
    } else {
      extra.push(path)
      held.add(parentOf(path))
    }
  }
  return { deletes, extra: extra.reverse() }
}

function isEphemeral(node: Node | undefined): boolean {
  return node?.kind === NodeKind.ephemeral
}

function byDepth(a: string, b: string): number {
  return depth(a) - depth(b) || (a < b ? -1 : 1)
}

function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** No data and empty data are two things, as in ZooKeeper. */
function sameData(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0
}

/** The order of the entries does not matter. */
function sameAcl(a: readonly Acl[], b: readonly Acl[]): boolean {
  return aclText(a) === aclText(b)
}

function aclText(acl: readonly Acl[]): string {
  return JSON.stringify(acl.map(({ perms, id }) => [id.scheme, id.id, perms].join('\0')).sort())
}
