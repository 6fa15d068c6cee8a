// The body of a snapshot file in pieces, for a learner that is sent the whole tree. The header
// before the body and the trailers after it are not sent. At the end the checksum over the whole
// file must match.

import { SnapshotStream } from '../../protocol/quorum/snapshot-stream.ts'
import { DamagedError, REMEDY_REJOIN } from './files/errors.ts'
import type { ByteStream, Files } from './files/files.ts'
import { HEADER_BYTES } from './files/segment.ts'
import { SealCheck } from './recovery/snapshot-reader.ts'

export class SnapshotBody {
  readonly name: string
  readonly #stream: ByteStream
  readonly #end: SnapshotStream
  readonly #check = new SealCheck()
  #skip = HEADER_BYTES
  /** What was read from the file and not handed out yet. */
  #chunk: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(files: Files, name: string, fieldBytesMax: number) {
    this.name = name
    this.#stream = files.openSnapshot(name)
    this.#end = new SnapshotStream(fieldBytesMax)
  }

  /** The next piece, valid until the next call. After the last one the file is known to be sound;
   * throws if it is not. */
  next(bytesMax: number): { piece: Uint8Array; last: boolean } {
    while (this.#at === this.#chunk.length) this.#readChunk()
    const start = this.#at
    this.#at = this.#end.scan(this.#chunk, start, Math.min(this.#chunk.length, start + bytesMax))
    if (!this.#end.done) return { piece: this.#chunk.subarray(start, this.#at), last: false }
    // The stream is about to reuse its buffer.
    const piece = this.#chunk.slice(start, this.#at)
    this.#checkSeals()
    return { piece, last: true }
  }

  close(): void {
    this.#stream.close()
  }

  #readChunk(): void {
    this.#chunk = this.#stream.next()
    if (this.#chunk.length === 0) this.#refuse('it ends in the middle')
    this.#check.add(this.#chunk)
    this.#at = Math.min(this.#skip, this.#chunk.length)
    this.#skip -= this.#at
  }

  /** Reads the rest: seals and trailers, a few bytes. */
  #checkSeals(): void {
    for (let left = this.#stream.next(); left.length > 0; left = this.#stream.next()) {
      this.#check.add(left)
    }
    if (!this.#check.headerValid || !this.#check.sealed) {
      this.#refuse('the checksum at its end does not match')
    }
  }

  #refuse(problem: string): never {
    throw new DamagedError(this.name, -1, problem, REMEDY_REJOIN)
  }
}
