// What a transaction makes of a node: the fields of a create, a setData or a setACL. One object is
// filled afresh for each, so that applying allocates nothing.

import type { Acl } from '../../../protocol/acl.ts'
import { Span } from '../../../protocol/bytes/span.ts'
import { ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import * as layout from './node-layout.ts'

export class NodeWrite {
  readonly path: Span = new Span()
  readonly data: Span = new Span()
  zxid: Zxid = ZXID_ZERO
  timeMs = 0
  /** The data's new version; for a setACL, the list's. */
  version = 0
  /** For a create: the ephemeral owner, as two signed words. */
  ownerHigh = 0
  ownerLow = 0
  /** For a create: the parent's new cversion; -1: one more than it is. */
  parentCversion = -1
  acls: readonly Acl[] = NO_ACLS
  /** The node, once it is made or changed. */
  node: number = layout.NO_NODE
}

const NO_ACLS: readonly Acl[] = []
