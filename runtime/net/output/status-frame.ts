// A reply that is only a header: int length, int xid, long zxid, int err.

import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { Zxid } from '../../../protocol/zxid.ts'

const HEADER_BYTES = 16

export function statusFrame(xid: number, zxid: Zxid, error: number): Uint8Array {
  const frame = new JuteWriter(HEADER_BYTES + 4)
  frame.int(HEADER_BYTES)
  frame.int(xid)
  frame.zxid(zxid)
  frame.int(error)
  return frame.finish()
}
