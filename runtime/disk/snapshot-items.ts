// What a snapshot file holds, item by item, in the order of the file: a tool needs no tree in memory. Plain,
// gzip and snappy, a piece at a time. The checksum at the end is compared, as at a start.

import { createReadStream } from 'node:fs'
import { basename, dirname } from 'node:path'
import { createGunzip } from 'node:zlib'
import type { OpenFile } from '../../actors/log/files/files.ts'
import { HEADER_BYTES } from '../../actors/log/files/segment.ts'
import { SealCheck } from '../../actors/log/recovery/snapshot-reader.ts'
import { type Acl, readAcls } from '../../protocol/acl.ts'
import { JuteReader, MalformedError } from '../../protocol/bytes/jute-reader.ts'
import {
  DIGEST_TRAILER_BYTES,
  SEAL_BYTES,
  ZXID_TRAILER_BYTES,
} from '../../protocol/snapshot-file.ts'
import { NodeFiles } from './files.ts'
import { SnappyStream } from './snappy.ts'

/** StatPersisted; zxids and the owner as the 64 bits that they are. */
export interface NodeStat {
  readonly czxid: bigint
  readonly mzxid: bigint
  readonly ctimeMs: number
  readonly mtimeMs: number
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  readonly ephemeralOwner: bigint
  readonly pzxid: bigint
}

export type SnapshotItem =
  | { readonly kind: 'session'; readonly id: bigint; readonly timeoutMs: number }
  | { readonly kind: 'acls'; readonly id: bigint; readonly acls: readonly Acl[] }
  | {
      readonly kind: 'node'
      /** "/" for the root. */
      readonly path: string
      readonly data: Uint8Array | null
      readonly acl: bigint
      readonly stat: NodeStat
    }
  | {
      readonly kind: 'end'
      /** The digest of the tree at that zxid, as 64 bits; null if the writer left it out. */
      readonly digest: { readonly zxid: bigint; readonly value: bigint } | null
      /** The last transaction it holds (3.9); null if the writer left it out. */
      readonly lastZxid: bigint | null
    }

/** The file is no snapshot, or not as it was written. The message names it. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
}

/** No item is longer: a length beyond it is damage. */
const ITEM_BYTES_MAX = 256 * 1024 * 1024

/** Throws SnapshotError, at the latest when the end is reached: until then nothing is certain. `onBytes` is
 * told of every piece of the file's content, uncompressed. */
export async function* snapshotItems(
  path: string,
  onBytes: (count: number) => void = () => {},
): AsyncGenerator<SnapshotItem> {
  const check = new SealCheck()
  const parser = new Parser()
  try {
    for await (const chunk of contentOf(path)) {
      onBytes(chunk.length)
      check.add(chunk)
      yield* parser.feed(chunk)
    }
    if (!check.headerKnown || !check.headerValid) throw new SnapshotError('this is no snapshot')
    if (!check.sealed) throw new SnapshotError('the checksum at its end does not match')
    yield parser.end()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SnapshotError(`${path}: ${reason}`, { cause: error })
  }
}

async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  if (path.endsWith('.snappy')) {
    const stream = new SnappyStream(fileAt(path))
    try {
      for (let next = stream.next(); next.length > 0; next = stream.next()) yield next
    } finally {
      stream.close()
    }
    return
  }
  const file = createReadStream(path)
  if (!path.endsWith('.gz')) {
    yield* file as AsyncIterable<Uint8Array>
    return
  }
  const inflated = createGunzip()
  file.on('error', (error) => inflated.destroy(error)).pipe(inflated)
  yield* inflated as AsyncIterable<Uint8Array>
}

function fileAt(path: string): OpenFile {
  return new NodeFiles(dirname(path), dirname(path)).open('snapshot', basename(path), 'read')
}

/** Cuts items out of pieces. What a piece cuts off is kept, and read again together with the next one. */
class Parser {
  readonly #reader = new JuteReader()
  #rest: Uint8Array = new Uint8Array(0)
  #skip = HEADER_BYTES
  #part: 'sessions' | 'acls' | 'nodes' | 'trailer' = 'sessions'
  #left: number | null = null

  end(): SnapshotItem {
    if (this.#part !== 'trailer') throw new SnapshotError(`it ends within its ${this.#part}`)
    const reader = new JuteReader(this.#rest, SEAL_BYTES)
    const trailers = this.#rest.length - SEAL_BYTES
    const withZxid = ZXID_TRAILER_BYTES + SEAL_BYTES
    const withDigest = DIGEST_TRAILER_BYTES + SEAL_BYTES
    let digest: { zxid: bigint; value: bigint } | null = null
    if (trailers === withDigest || trailers === withDigest + withZxid) {
      const zxid = reader.long()
      reader.int()
      digest = { zxid, value: reader.long() }
      reader.skip(SEAL_BYTES)
    }
    const hasZxid = trailers === withZxid || trailers === withDigest + withZxid
    return { kind: 'end', digest, lastZxid: hasZxid ? reader.long() : null }
  }

  *feed(chunk: Uint8Array): Generator<SnapshotItem> {
    const from = Math.min(this.#skip, chunk.length)
    this.#skip -= from
    const bytes = from === 0 ? chunk : chunk.subarray(from)
    const joined = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    if (joined.length > ITEM_BYTES_MAX + chunk.length) {
      throw new SnapshotError(`an item is longer than ${ITEM_BYTES_MAX} bytes`)
    }
    const reader = this.#reader
    reader.reset(joined, 0, joined.length)
    let mark = 0
    while (this.#part !== 'trailer') {
      let item: SnapshotItem | null
      try {
        item = this.#item()
      } catch (error) {
        // Perhaps only the piece ends here.
        if (!(error instanceof MalformedError)) throw error
        break
      }
      mark = reader.offset
      if (item !== null) yield item
    }
    this.#rest = joined.slice(mark)
  }

  /** Null for what is only a count or an end. */
  #item(): SnapshotItem | null {
    if (this.#part === 'nodes') return this.#node()
    if (this.#left === null) {
      const count = this.#reader.int()
      if (count < 0) throw new SnapshotError(`it has ${count} ${this.#part}`)
      this.#left = count
      return null
    }
    if (this.#left === 0) {
      this.#left = null
      this.#part = this.#part === 'sessions' ? 'acls' : 'nodes'
      return null
    }
    const item = this.#part === 'sessions' ? this.#session() : this.#aclList()
    this.#left--
    return item
  }

  #session(): SnapshotItem {
    const id = this.#reader.long()
    return { kind: 'session', id, timeoutMs: this.#reader.int() }
  }

  #aclList(): SnapshotItem {
    const id = this.#reader.long()
    return { kind: 'acls', id, acls: readAcls(this.#reader) ?? [] }
  }

  #node(): SnapshotItem | null {
    const reader = this.#reader
    const written = reader.string() ?? ''
    if (written === '/') {
      this.#part = 'trailer'
      return null
    }
    const data = reader.buffer()
    const acl = reader.long()
    const stat: NodeStat = {
      czxid: reader.long(),
      mzxid: reader.long(),
      ctimeMs: reader.longNumber(),
      mtimeMs: reader.longNumber(),
      version: reader.int(),
      cversion: reader.int(),
      aversion: reader.int(),
      ephemeralOwner: reader.long(),
      pzxid: reader.long(),
    }
    return { kind: 'node', path: written === '' ? '/' : written, data, acl, stat }
  }
}
