// A reply frame in the making. Its body is written in place, behind room for the header.
//
//   int length, int xid, long zxid, int err, body

import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import type { Zxid } from '../../../protocol/zxid.ts'

/** The header of a frame, with the frame's length. */
export const HEADER_BYTES = 20
const INITIAL_BYTES = 512
/** A larger buffer is not kept for the next reply. */
const KEPT_BYTES_MAX = 4 << 20

export class ReplyWriter extends JuteWriter {
  constructor(bytesMax: number) {
    super(INITIAL_BYTES, bytesMax)
  }

  /** Call it before the body is written. */
  override reset(): void {
    if (this.bytes.length > KEPT_BYTES_MAX) this.replaceBytes(new Uint8Array(INITIAL_BYTES))
    this.length = HEADER_BYTES
  }

  /** Writes the header; with an error the body is usually left out. Then `bytes` up to `length` are the
   * frame. */
  complete(
    xid: number,
    zxid: Zxid,
    error: ErrorCode,
    hasBody: boolean = error === ErrorCode.ok,
  ): void {
    const length = hasBody ? this.length : HEADER_BYTES
    this.length = 0
    this.int(length - 4)
    this.int(xid)
    this.zxid(zxid)
    this.int(error)
    this.length = length
  }
}
