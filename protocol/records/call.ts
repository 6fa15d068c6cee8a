// An operation as a client asks for it: the code of its request, and the records of request and
// reply.

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import type { OpCode } from '../op-code.ts'

export interface Call<Request, Response> {
  readonly code: OpCode
  /** Null for a request without a record. */
  readonly write: ((writer: JuteWriter, request: Request) => void) | null
  /** Reads nothing if nothing in the reply matters. */
  readonly read: (reader: JuteReader) => Response
}
