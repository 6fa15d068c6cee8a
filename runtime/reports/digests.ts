// `hash`: digests of the tree at some zxids, oldest first.

import { type DigestHistory, Query } from '../../protocol/messages/queries.ts'
import { DIGEST_VERSION } from '../../protocol/txn.ts'
import { ask } from './ask.ts'
import type { ReportSource } from './source.ts'

export interface DigestsReport {
  readonly digests: readonly DigestRow[]
}

export interface DigestRow {
  readonly zxid: number
  readonly digest_version: number
  /** A signed 64-bit number. */
  readonly digest: bigint
}

export async function digests(source: Pick<ReportSource, 'network'>): Promise<DigestsReport> {
  const history = await ask<DigestHistory>(source, Query.digests)
  return {
    digests: history.map(([zxid, digest]) => ({
      zxid: Number.parseInt(zxid, 16),
      digest_version: DIGEST_VERSION,
      digest: BigInt.asIntN(64, BigInt(`0x${digest}`)),
    })),
  }
}
