// Streams a snapshot file to the tree, and says at the end whether it was sound.
//
// Nothing in the file says which trailers follow the first seal (protocol/snapshot-file.ts).
// ZooKeeper's reader goes by its own settings, and so takes good files for corrupt. But every seal
// is a checksum of all bytes before it. So the last thirteen bytes are enough, whatever the
// trailers are. They are held back until the end is known.

import { ADLER32_START, adler32 } from '../../../protocol/bytes/adler32.ts'
import type { TreeLogMessages } from '../../../protocol/messages/tree.ts'
import { SEAL_BYTES, SEAL_END } from '../../../protocol/snapshot-file.ts'
import { DiskError } from '../files/errors.ts'
import type { NamedFile } from '../files/file-names.ts'
import type { ByteStream, Files } from '../files/files.ts'
import { HEADER_BYTES, snapshotHeader } from '../files/segment.ts'

const PIECE_BYTES = 64 * 1024
const MAGIC_BYTES = 8
/** What compressed files begin with, by the ends of their names. ZooKeeper looks at nothing else. */
export const COMPRESSED_BEGIN: ReadonlyMap<string, readonly number[]> = new Map([
  ['gz', [0x1f, 0x8b]],
  ['snappy', [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]],
])

export type SnapshotTree = Pick<TreeLogMessages, 'snapshotBegin' | 'snapshotPiece' | 'snapshotEnd'>

export interface SnapshotTrial {
  /** `torn`: the writer did not finish. `damaged`: it was finished, then changed, or is
   * unreadable. */
  outcome: 'loaded' | 'torn' | 'damaged'
  /** Whether the tree was told of it. */
  begun: boolean
  detail: string
  /** The disk's error, if it would not read the file. Another time it may. */
  refusal: DiskError | null
}

/** Whether the file looks finished, judged by both its ends: ZooKeeper's test for a valid
 * snapshot. */
export function looksFinished(files: Files, name: string): boolean {
  const file = files.open('snapshot', name, 'read')
  try {
    const magic = COMPRESSED_BEGIN.get(name.slice(name.lastIndexOf('.') + 1))
    if (magic !== undefined) {
      const begin = new Uint8Array(magic.length)
      return file.read(begin, 0) === begin.length && magic.every((byte, i) => begin[i] === byte)
    }
    const size = file.size()
    if (size < HEADER_BYTES + SEAL_BYTES) return false
    const end = new Uint8Array(SEAL_END.length)
    if (file.read(end, size - end.length) !== end.length) return false
    return SEAL_END.every((byte, i) => end[i] === byte)
  } finally {
    file.close()
  }
}

/** One piece to the tree a step. Never throws for what is wrong with the file. */
export function* loadSnapshot(
  files: Files,
  snapshot: NamedFile,
  tree: SnapshotTree,
): Generator<void, SnapshotTrial, void> {
  const trial: SnapshotTrial = { outcome: 'damaged', begun: false, detail: '', refusal: null }
  let stream: ByteStream | null = null
  try {
    if (!looksFinished(files, snapshot.name)) {
      return { ...trial, outcome: 'torn', detail: 'the file is incomplete' }
    }
    stream = files.openSnapshot(snapshot.name)
    yield* sendPieces(stream, snapshot, tree, trial)
  } catch (error) {
    trial.outcome = 'damaged'
    trial.detail = error instanceof Error ? error.message : String(error)
    if (isRefusal(error)) trial.refusal = new DiskError(snapshot.name, 'reading', error)
  } finally {
    stream?.close()
  }
  return trial
}

/** Whether the error is the system's (EIO), and not the decompressor's. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^E[A-Z]+$/.test(code)
}

function* sendPieces(
  stream: ByteStream,
  snapshot: NamedFile,
  tree: SnapshotTree,
  trial: SnapshotTrial,
): Generator<void, void, void> {
  const check = new SealCheck()
  let skip = HEADER_BYTES
  for (let chunk = stream.next(); chunk.length > 0; chunk = stream.next()) {
    check.add(chunk)
    if (skip > 0 && check.headerKnown) {
      if (!check.headerValid) {
        trial.detail = 'the file does not begin as a snapshot does'
        return
      }
      tree.snapshotBegin(snapshot.zxid)
      trial.begun = true
    }
    const first = Math.min(skip, chunk.length)
    skip -= first
    for (let start = first; start < chunk.length; start += PIECE_BYTES) {
      tree.snapshotPiece(chunk, start, Math.min(start + PIECE_BYTES, chunk.length))
      yield
    }
  }
  if (!check.sealed || !trial.begun) {
    // Damage fails gzip's own checksum, which is thrown. An end without a seal was cut short.
    // Snappy has no checksum: there, the file was cut short if its end does not look like a seal's.
    const { name } = snapshot
    const cut = name.endsWith('.gz') || (name.endsWith('.snappy') && !check.endsAsSeal)
    if (cut) trial.outcome = 'torn'
    trial.detail = 'the checksum at its end does not match'
    return
  }
  tree.snapshotEnd(snapshot.zxid)
  trial.outcome = 'loaded'
}

/** Sums everything except the last thirteen bytes, and keeps those and the header. */
export class SealCheck {
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerCount = 0
  #state = ADLER32_START
  #tail = new Uint8Array(0)

  add(chunk: Uint8Array): void {
    const count = Math.min(HEADER_BYTES - this.#headerCount, chunk.length)
    for (let i = 0; i < count; i++) this.#header[this.#headerCount++] = chunk[i]!
    if (chunk.length >= SEAL_BYTES) {
      const cut = chunk.length - SEAL_BYTES
      this.#state = adler32(this.#state, this.#tail, 0, this.#tail.length)
      this.#state = adler32(this.#state, chunk, 0, cut)
      this.#tail = chunk.slice(cut)
      return
    }
    const joined = new Uint8Array(this.#tail.length + chunk.length)
    joined.set(this.#tail)
    joined.set(chunk, this.#tail.length)
    const cut = Math.max(0, joined.length - SEAL_BYTES)
    this.#state = adler32(this.#state, joined, 0, cut)
    this.#tail = joined.slice(cut)
  }

  get headerKnown(): boolean {
    return this.#headerCount === HEADER_BYTES
  }

  /** Magic and version. Nobody uses the database id. */
  get headerValid(): boolean {
    const expected = snapshotHeader()
    return this.#header.every((byte, i) => i >= MAGIC_BYTES || byte === expected[i])
  }

  get sealed(): boolean {
    if (!this.endsAsSeal) return false
    const view = new DataView(this.#tail.buffer, this.#tail.byteOffset, SEAL_BYTES)
    return view.getInt32(0) === 0 && view.getUint32(4) === this.#state
  }

  get endsAsSeal(): boolean {
    if (this.#tail.length !== SEAL_BYTES) return false
    return SEAL_END.every((byte, i) => this.#tail[8 + i] === byte)
  }
}
