// Writes messages one behind the other into chunks that many share. Each stays where it was written
// for as long as somebody holds it, and need not be copied.

import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { CHUNK_BYTES } from './kept-bytes.ts'

/** A message begins in a chunk of its own if less than this is left: most then need not grow. */
const ROOM_BYTES = 4096

export class KeptWriter extends JuteWriter {
  /** Where the message under way begins; it ends at `length`. */
  start = 0

  constructor() {
    super(CHUNK_BYTES)
  }

  /** Begins the message anew. */
  override reset(): void {
    this.length = this.start
  }

  /** The message is whole and stays; the next one begins. */
  next(): void {
    this.start = this.length
    // A chunk that had to grow is full: to go on in it would have it grow again and again.
    const hasGrown = this.bytes.length > CHUNK_BYTES
    if (!hasGrown && this.bytes.length - this.start >= ROOM_BYTES) return
    this.replaceBytes(new Uint8Array(CHUNK_BYTES))
    this.start = 0
  }
}
