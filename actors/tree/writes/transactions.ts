// From a committed transaction to the tree (DataTree.processTxn), and to the reply's body on the
// way.
//
// The bytes are a TxnHeader, a record by type, and perhaps a digest, as the leader encoded them
// once. Applying is deterministic. It returns an error code only where Apache's does. What each
// type does is in its operation's file in operations/.

import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { TXN_DIGEST_BYTES, TxnHeaderRead } from '../../../protocol/txn.ts'
import { TRANSACTIONS } from '../operations/operations.ts'
import type { DataTree } from '../store/data-tree.ts'
import { NodeWrite } from '../store/node-write.ts'
import type { SessionListener, Transaction } from './transaction.ts'

/** Who asked, and as which of its requests. */
export interface ClientRequest {
  readonly high: number
  readonly low: number
  readonly cxid: number
}

const NONE: ReadonlySet<string> = new Set()

export class Transactions implements Transaction {
  readonly tree: DataTree
  readonly sessions: SessionListener
  readonly write: NodeWrite = new NodeWrite()
  /** The header of the transaction applied last. */
  readonly header: TxnHeaderRead = new TxnHeaderRead()
  owned: ReadonlySet<string> = NONE
  readonly #reader = new JuteReader()

  constructor(tree: DataTree, sessions: SessionListener) {
    this.tree = tree
    this.sessions = sessions
  }

  /** Applies one transaction, and appends the reply's body to `reply`. Returns the reply's error;
   * if it is one, what was appended does not count. Throws MalformedError if the bytes are no
   * transaction. */
  apply(bytes: Uint8Array, start: number, end: number, reply: JuteWriter): ErrorCode {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    this.header.read(reader)
    this.owned = NONE
    const { type } = this.header
    const operation = TRANSACTIONS.get(type)
    if (operation === undefined) throw new MalformedError(`transaction type ${type}`)
    return operation.apply(reader, reply, this)
  }

  /** Whether the transaction applied last has changed the ensemble's members. */
  get reconfigures(): boolean {
    return this.header.type === OpCode.reconfig
  }

  /** The session and cxid of the client whose request the transaction was. */
  clientOf(bytes: Uint8Array, start: number, end: number): ClientRequest {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    return { high: reader.int(), low: reader.int(), cxid: reader.int() }
  }

  /** What `apply` left unread: the digest that the leader expects, or null. */
  expectedDigest(): { high: number; low: number } | null {
    const reader = this.#reader
    if (reader.remaining < TXN_DIGEST_BYTES) return null
    reader.skip(reader.remaining - TXN_DIGEST_BYTES)
    reader.int()
    return { high: reader.int(), low: reader.int() }
  }
}
