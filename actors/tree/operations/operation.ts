// What an operation is to the tree: how it is prepared, applied and answered. Each operation has a
// file; operations.ts lists them all.
//
// A read is answered from the committed tree. A write is prepared by the leader against the tree as
// it will be, which makes a record. Every member applies the record, and the server whose client
// asked replies with what applying has written.

import type { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { ErrorCode } from '../../../protocol/error-code.ts'
import type { OperationKind, OperationRow } from '../../../protocol/op-code.ts'
import type { PartWriter, Steps } from '../clients/part-writer.ts'
import type { ReadRequest } from '../clients/read-request.ts'
import type { Preparation, Requester } from '../writes/preparation.ts'
import type { Transaction } from '../writes/transaction.ts'

/** How a read ends: with a reply of this error, or
 *
 *    'in-steps'       it takes much time, and is asked again as `inSteps` or `inParts`
 *    'watch-result'   the watches actor, which was asked, knows the error
 *    'close'          the connection is closed and nothing is answered */
export type Outcome = ErrorCode | 'in-steps' | 'watch-result' | 'close'

export interface ReadOperation {
  /** Appends the reply's body to `request.reply`. If it returns an error, that does not count. */
  read(request: ReadRequest): Outcome
  /** Does long work in steps, and writes what is left to write at the end. */
  inSteps?(request: ReadRequest): Steps<ErrorCode>
  /** Writes a long body in parts. Called twice: the first time `isMeasured` is false, the parts are
   * only counted, and no watch may be set. */
  inParts?(request: ReadRequest, writer: PartWriter): Steps<ErrorCode>
}

/** One type of transaction. */
export interface TransactionType {
  /** Changes the committed tree as the record says, and appends the reply's body. Returns the
   * reply's error; if it is one, what was appended does not count. */
  apply(record: JuteReader, reply: JuteWriter, txn: Transaction): ErrorCode
  /** The record in the words of ZooKeeper's TxnLogToolkit. `part` gives the words for a part of a
   * multi. */
  text(record: JuteReader, part: (type: number, record: JuteReader) => string): string
}

export interface WriteOperation extends TransactionType {
  /** Checks a request, in ZooKeeper's order of checks, and writes its record. If it returns an
   * error, nothing was recorded. The reader throws MalformedError on garbage. */
  prepare(to: Preparation, request: JuteReader, by: Requester, record: JuteWriter): ErrorCode
}

/** A write that a multi may hold. */
export interface PartOperation extends WriteOperation {
  /** Moves past a request that will not be looked at. */
  skip(request: JuteReader): void
  /** The type under which a multi answers it, if not its own. */
  readonly replyType?: number
}

/** What an operation of this kind must have. */
export type OperationOf<Row extends OperationRow> = Row extends { inMulti: true }
  ? PartOperation
  : ByKind[Row['kind']]

interface ByKind extends Record<OperationKind, unknown> {
  read: ReadOperation
  sync: ReadOperation
  write: WriteOperation
  part: PartOperation
  close: TransactionType
  internal: TransactionType
  mark: TransactionType
  auth: null
}
