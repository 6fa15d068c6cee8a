// What a transaction makes of a node: the fields of a create, a setData or a setACL. One object is filled
// anew for each, so that applying allocates nothing.

import type { Acl } from '../../../protocol/acl.ts'
import { Span } from '../../../protocol/bytes/span.ts'
import { ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import * as layout from './node-layout.ts'

export class NodeWrite {
  readonly path: Span = new Span()
  readonly data: Span = new Span()
  zxid: Zxid = ZXID_ZERO
  timeMs = 0
  /** The data's or, of a setACL, the list's, from now on. */
  version = 0
  /** Of a create: both words signed. */
  ownerHigh = 0
  ownerLow = 0
  /** Of a create: the parent's from now on; -1: one more than it is. */
  parentCversion = -1
  acls: readonly Acl[] = NO_ACLS
  /** The node, once it is made or changed. */
  node: number = layout.NO_NODE
}

const NO_ACLS: readonly Acl[] = []
