// The bytes of a snapshot file, wherever they are written: header, body, seals, trailers, as
// ZooKeeper reads them.

import { snapshotHeader } from '../../actors/log/files/segment.ts'
import {
  type FrozenTree,
  snapshotBody,
  type ZxidDigest,
} from '../../actors/tree/snapshot/snapshot-source.ts'
import { ADLER32_START, adler32 } from '../../protocol/bytes/adler32.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { DIGEST_VERSION } from '../../protocol/txn.ts'
import type { Zxid } from '../../protocol/zxid.ts'

export interface SnapshotContent {
  /** Names the file: it contains every transaction up to this one. */
  zxid: Zxid
  /** The body: sessions, ACLs, nodes, and the "/" that ends them; without header and seal. */
  chunks: Iterable<Uint8Array>
  /** The digest of the tree at `zxid`; null if digests are off. */
  digest: ZxidDigest | null
  /** Null leaves this trailer out (serializeLastProcessedZxid off). */
  lastProcessedZxid: Zxid | null
}

/** `withLastZxid`: whether the file ends with the last processed zxid (3.9). */
export function contentOf(frozen: FrozenTree, withLastZxid: boolean): SnapshotContent {
  return {
    zxid: frozen.zxid,
    chunks: snapshotBody(frozen),
    digest: frozen.digest,
    lastProcessedZxid: withLastZxid ? frozen.zxid : null,
  }
}

/** The file in pieces. Each is valid until the next one is asked for. A seal sums everything before
 * it, including earlier seals. */
export function* snapshotBytes(content: SnapshotContent): Generator<Uint8Array> {
  let state = ADLER32_START
  const summed = (bytes: Uint8Array): Uint8Array => {
    state = adler32(state, bytes, 0, bytes.length)
    return bytes
  }
  const seal = (): Uint8Array => {
    const writer = new JuteWriter()
    writer.longNumber(state)
    writer.string('/')
    return summed(writer.finish())
  }
  yield summed(snapshotHeader())
  for (const chunk of content.chunks) yield summed(chunk)
  yield seal()
  const { digest, lastProcessedZxid } = content
  const trailer = new JuteWriter()
  if (digest !== null) {
    trailer.zxid(digest.zxid)
    trailer.int(DIGEST_VERSION)
    trailer.long(BigInt.asIntN(64, digest.value))
    yield summed(trailer.finish())
    yield seal()
  }
  if (lastProcessedZxid !== null) {
    trailer.reset()
    trailer.zxid(lastProcessedZxid)
    yield summed(trailer.finish())
    yield seal()
  }
}
