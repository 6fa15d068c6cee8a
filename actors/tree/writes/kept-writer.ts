// Writes messages one behind the other into shared chunks. A message stays where it was written for
// as long as somebody holds it, and need not be copied.

import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { CHUNK_BYTES } from '../../../protocol/bytes/kept-bytes.ts'

/** If less than this is left, a message begins in a new chunk. Most then need not grow. */
const ROOM_BYTES = 4096

export class KeptWriter extends JuteWriter {
  /** Where the present message begins. It ends at `length`. */
  start = 0

  constructor() {
    super(CHUNK_BYTES)
  }

  /** Begins the message again. */
  override reset(): void {
    this.length = this.start
  }

  /** The message is complete, and stays. The next one begins. */
  next(): void {
    this.start = this.length
    // A chunk that had to grow is full. To go on in it would make it grow again and again.
    const hasGrown = this.bytes.length > CHUNK_BYTES
    if (!hasGrown && this.bytes.length - this.start >= ROOM_BYTES) return
    this.replaceBytes(new Uint8Array(CHUNK_BYTES))
    this.start = 0
  }
}
