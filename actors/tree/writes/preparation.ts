// What operations prepare writes with. A write is validated against the tree as it will be, in
// ZooKeeper's order of checks, and makes the record of a transaction (PrepRequestProcessor's
// pRequest2Txn). The checks of each operation are in its file in operations/.
//
// On an error nothing was recorded, except in the middle of a multi, which rolls back as a whole.
// The caller writes the TxnHeader before and the digest after, and turns an error into an error
// transaction.

import { type Acl, type Id, permits } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { Span } from '../../../protocol/bytes/span.ts'
import { utf8 } from '../../../protocol/bytes/text.ts'
import { kindOf, type NodeKind } from '../../../protocol/ephemeral-owner.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import type { ChangeOptions } from '../../../protocol/quorum/membership-change.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { sessionFrom } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { DataTree } from '../store/data-tree.ts'
import type { TreeSession } from '../store/session-table.ts'
import type { AclRules } from './acl-rules.ts'
import type { Change, Outstanding } from './outstanding.ts'

export interface PreparationOptions extends AclRules {
  readonly extendedTypes: boolean
  readonly enforceQuota: boolean
  readonly skipAcl: boolean
  readonly reconfigEnabled: boolean
  /** How many ephemeral nodes a session may own; 0 or nothing: any number. */
  readonly ephemeralsPerSessionMax?: number
  /** Whether nothing may be added, because this server's disk is nearly full. Told from outside. */
  readonly isDiskScarce?: () => boolean
  /** Null if this server is its own quorum. */
  readonly member: ChangeOptions | null
}

/** Who asks, and as which transaction. */
export interface Requester {
  /** Undefined if the server itself asks. */
  readonly session: TreeSession | undefined
  readonly ownerHigh: number
  readonly ownerLow: number
  readonly identities: readonly Id[]
  readonly zxid: Zxid
  readonly timeMs: number
}

export class Preparation {
  readonly outstanding: Outstanding
  readonly options: PreparationOptions
  /** For the path in a request. */
  readonly path: Span = new Span()
  /** For the path of the node that a create makes. */
  readonly name: JuteWriter = new JuteWriter()
  /** Of a leader: who acknowledges what it proposes. */
  supporters: readonly ServerId[] = []
  readonly tree: DataTree

  constructor(tree: DataTree, outstanding: Outstanding, options: PreparationOptions) {
    this.tree = tree
    this.outstanding = outstanding
    this.options = options
  }

  /** Deletes what the session owned, for its close. False if it no longer belongs to the session. */
  deleteOwned(path: string, by: Requester): boolean {
    const node = this.outstanding.find(path)
    const parent = this.outstanding.find(parentOf(path))
    const owner = sessionFrom(by.ownerHigh, by.ownerLow)
    if (node === null || parent === null || !this.outstanding.isOwned(node, owner)) return false
    this.recordDelete(node, parent, by)
    return true
  }

  recordCreate(node: Change, parent: Change, by: Requester): void {
    this.outstanding.count(parent, 1, by.zxid)
    this.outstanding.add(node, by.zxid)
  }

  recordDelete(node: Change, parent: Change, by: Requester): void {
    this.outstanding.count(parent, -1, by.zxid)
    this.outstanding.edit(node)
    node.exists = false
    this.outstanding.add(node, by.zxid)
  }

  permits(node: Change, perm: number, by: Requester): boolean {
    return this.options.skipAcl || permits(node.acls as Acl[], perm, by.identities)
  }

  kindOf(node: Change): NodeKind {
    return kindOf(node.ownerHigh, node.ownerLow, this.options.extendedTypes)
  }

  /** What is under way does not count yet. */
  hasEnoughEphemerals({ session }: Requester): boolean {
    const { ephemeralsPerSessionMax: most = 0 } = this.options
    return most > 0 && session !== undefined && session.ephemerals.size >= most
  }

  /** Of a subtree, or of the disk. */
  isOverQuota(
    bytes: Uint8Array,
    start: number,
    end: number,
    bytesDelta: number,
    countDelta: number,
  ): boolean {
    if (this.options.isDiskScarce?.() === true) return true
    if (!this.options.enforceQuota || this.tree.quotas.empty) return false
    return this.tree.quotas.exceeded(utf8(bytes, start, end), bytesDelta, countDelta)
  }
}

export function checkSession(by: Requester): ErrorCode {
  return by.session === undefined || by.session.closing ? ErrorCode.sessionExpired : ErrorCode.ok
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** A version never becomes -1, which means "any" in a request (ZOOKEEPER-4743). */
export function nextVersion(version: number): number {
  const next = (version + 1) | 0
  return next === -1 ? 0 : next
}
