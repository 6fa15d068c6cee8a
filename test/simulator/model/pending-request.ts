// A request under way, as its client and the checkers know it.

import type { Id } from '../../../protocol/acl.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Operation } from './operation.ts'

export interface PendingRequest {
  readonly xid: number
  readonly op: Operation
  readonly identities: readonly Id[]
  /** What every client had been told when it was sent: the answer may not be older. */
  readonly seenAtSend: Zxid
  /** What its transaction means; null as long as there is none. */
  outcome: { zxid: Zxid; err: number; body: Uint8Array } | null
  /** Of a client of an ensemble: whether its session has gone on to another connection... */
  hasMoved?(): boolean
  /** ...and whether this request may still become this transaction. */
  mayWrite?(zxid: Zxid): boolean
}
