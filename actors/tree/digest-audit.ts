// Holds the tree's digest against what others say it should be: each transaction's, as its leader
// predicted it, and a snapshot's. Keeps the history that `hash` shows.
//
// A fuzzy snapshot (Apache's) carries the digest of a later zxid: until replay has got there, the
// tree is in no state anybody else was in, and nothing is compared.

import type { DigestHistory } from '../../protocol/messages/queries.ts'
import { formatZxid, hexOf, type Zxid } from '../../protocol/zxid.ts'
import type { Gauge, Journal } from '../actor.ts'
import type { SnapshotDigest } from './snapshot-reader.ts'
import type { TreeDigest } from './tree-digest.ts'

const INTERVAL = 128
const KEPT = 1024

export class DigestAudit {
  /** Zxid and digest, one of INTERVAL, oldest first. */
  readonly history: DigestHistory = []
  readonly #journal: Journal
  readonly #mismatches: Gauge
  #awaited: SnapshotDigest | null = null
  #mismatched = false

  constructor(journal: Journal, mismatches: Gauge) {
    this.#journal = journal
    this.#mismatches = mismatches
  }

  /** A snapshot was loaded; null if it came without a digest. */
  loaded(awaited: SnapshotDigest | null, zxid: Zxid, digest: TreeDigest): void {
    this.#awaited = awaited
    this.#checkAwaited(zxid, digest)
  }

  /** A transaction was applied; `expected` is its own digest, if it has one. */
  applied(zxid: Zxid, digest: TreeDigest, expected: { high: number; low: number } | null): void {
    if (this.#awaited !== null) {
      this.#checkAwaited(zxid, digest)
    } else if (expected !== null && !digest.equals(expected.high, expected.low)) {
      this.#mismatch('transaction', zxid, digest)
    }
    if (zxid % INTERVAL !== 0) return
    this.history.push([hexOf(zxid), digest.toHex()])
    if (this.history.length > KEPT) this.history.shift()
  }

  #checkAwaited(zxid: Zxid, digest: TreeDigest): void {
    const awaited = this.#awaited
    if (awaited === null || zxid < awaited.zxid) return
    if (!digest.equals(awaited.high, awaited.low)) this.#mismatch('snapshot', awaited.zxid, digest)
    this.#awaited = null
  }

  /** Logged once, counted always. */
  #mismatch(source: string, zxid: Zxid, digest: TreeDigest): void {
    if (!this.#mismatched) {
      const fields = { source, zxid: formatZxid(zxid), found: digest.toHex() }
      this.#journal.log('error', 'digest-mismatch', fields)
    }
    this.#mismatched = true
    this.#mismatches.add(1)
  }
}
