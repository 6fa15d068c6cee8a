// A transaction that is being applied, as its operation sees it.

import type { SessionId } from '../../../protocol/session-id.ts'
import type { TxnHeader } from '../../../protocol/txn.ts'
import type { DataTree } from '../store/data-tree.ts'
import type { NodeWrite } from '../store/node-write.ts'

export interface SessionListener {
  sessionOpened(id: SessionId, timeoutMs: number): void
  sessionClosed(id: SessionId): void
}

export interface Transaction {
  readonly header: Readonly<TxnHeader>
  readonly tree: DataTree
  readonly sessions: SessionListener
  /** For a session's end to fill: the paths of the nodes that went with it. */
  owned: ReadonlySet<string>
  /** For the operation to fill. */
  readonly write: NodeWrite
}
