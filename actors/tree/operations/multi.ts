// multi: several writes as one transaction, all or none.
//
//   MultiTxn  vector<Txn{int type, buffer data}>
//
// If one part fails, the transaction holds only errors, one for each part: 0 before the part that
// failed, its own code, and runtimeInconsistency after it.

import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { type CodeTable, OpCode, operationName } from '../../../protocol/op-code.ts'
import {
  readMultiHeader,
  writeMultiEnd,
  writeMultiError,
  writeMultiHeader,
} from '../../../protocol/records/multi-header.ts'
import type { Preparation, Requester } from '../writes/preparation.ts'
import type { Transaction } from '../writes/transaction.ts'
import { typeByFlags } from './create.ts'
import type { PartOperation, WriteOperation } from './operation.ts'

/** The type and length of a part. */
const PART_HEADER_BYTES = 8

class Multi implements WriteOperation {
  readonly #parts: () => CodeTable<PartOperation>
  readonly #part = new JuteReader()

  /** `parts` is called when the first multi comes, because the table is made of all operations, and
   * this is one of them. */
  constructor(parts: () => CodeTable<PartOperation>) {
    this.#parts = parts
  }

  prepare(to: Preparation, request: JuteReader, by: Requester, record: JuteWriter): ErrorCode {
    const parts = this.#parts()
    const countAt = record.length
    record.int(0)
    let count = 0
    let hasFailed = false
    for (;;) {
      const asked = readMultiHeader(request)
      if (asked === null) break
      const type = typeByFlags(asked, request)
      const part = parts.get(type)
      if (part === undefined) return ErrorCode.marshallingError
      count++
      if (hasFailed) {
        part.skip(request)
        recordError(record, ErrorCode.runtimeInconsistency)
        continue
      }
      const mark = record.length
      record.int(type)
      record.int(0)
      const error = part.prepare(to, request, by, record)
      if (error === ErrorCode.ok) {
        record.patchInt(mark + 4, record.length - mark - PART_HEADER_BYTES)
        continue
      }
      hasFailed = true
      to.outstanding.rollback()
      record.length = mark
      recordError(record, error)
    }
    record.patchInt(countAt, count)
    return ErrorCode.ok
  }

  /** A failed multi is one that holds an error: nothing of it is applied. */
  apply(record: JuteReader, reply: JuteWriter, txn: Transaction): ErrorCode {
    const count = record.int()
    if (count < 0 || count * PART_HEADER_BYTES > record.remaining) {
      throw new MalformedError(`multi of ${count}`)
    }
    const hasFailed = holdsError(record, count)
    let isAfterFailure = false
    for (let i = 0; i < count; i++) {
      const type = record.int()
      const length = Math.max(0, record.bufferLength())
      this.#part.reset(record.bytes, record.offset, record.offset + length)
      record.skip(length)
      if (!hasFailed) {
        this.#applyPart(type, reply, txn)
      } else if (type === OpCode.error) {
        isAfterFailure = true
        writeMultiError(reply, this.#part.int())
      } else {
        writeMultiError(reply, isAfterFailure ? ErrorCode.runtimeInconsistency : ErrorCode.ok)
      }
    }
    writeMultiEnd(reply)
    return ErrorCode.ok
  }

  #applyPart(type: number, reply: JuteWriter, txn: Transaction): void {
    const part = this.#parts().get(type)
    if (part === undefined) throw new MalformedError(`transaction type ${type} in a multi`)
    const mark = reply.length
    writeMultiHeader(reply, part.replyType ?? type, ErrorCode.ok)
    const error = part.apply(this.#part, reply, txn)
    if (error === ErrorCode.ok) return
    reply.length = mark
    writeMultiError(reply, error)
  }

  text(record: JuteReader, part: (type: number, record: JuteReader) => string): string {
    const parts = record.vector((item) => {
      const type = item.int()
      const data = item.buffer() ?? new Uint8Array(0)
      return `${operationName(type) ?? type}:${part(type, new JuteReader(data))}`
    }, PART_HEADER_BYTES)
    return (parts ?? []).join(';')
  }
}

/** The parts may be any operation that a multi may hold: see `PARTS`. */
export function multiOf(parts: () => CodeTable<PartOperation>): WriteOperation {
  return new Multi(parts)
}

/** Looks ahead for an error among the parts. */
function holdsError(record: JuteReader, count: number): boolean {
  const first = record.offset
  let found = false
  for (let i = 0; i < count; i++) {
    if (record.int() === OpCode.error) found = true
    record.skip(Math.max(0, record.bufferLength()))
  }
  record.offset = first
  return found
}

function recordError(record: JuteWriter, error: ErrorCode): void {
  record.int(OpCode.error)
  record.int(4)
  record.int(error)
}
