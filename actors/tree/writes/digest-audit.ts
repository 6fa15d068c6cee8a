// Compares the tree's digest with what others say it should be: with each transaction's, as its
// leader predicted it, and with a snapshot's. Keeps the history that `hash` shows.
//
// A fuzzy snapshot (Apache's) holds some of what came after its zxid. Until the replay has passed
// that, the tree is in no state that anybody else was in, and nothing is compared. In a file, the
// digest says how far that is. What a leader sends has no digest; but the leader tells us of every
// commit in it before UPTODATE, so the tree is sound once it has a role. A difference does not go
// away, and is found then.

import type { DigestHistory } from '../../../protocol/messages/queries.ts'
import { formatZxid, hexOf, type Zxid } from '../../../protocol/zxid.ts'
import type { Gauge, Journal } from '../../actor.ts'
import type { SnapshotDigest } from '../snapshot/snapshot-loader.ts'
import type { TreeDigest } from '../store/tree-digest.ts'

const INTERVAL = 128
const KEPT = 1024

export class DigestAudit {
  /** Zxid and digest of one transaction in INTERVAL, oldest first. */
  readonly history: DigestHistory = []
  readonly #journal: Journal
  readonly #mismatches: Gauge
  /** What must be reached before anything is compared. */
  #awaited: SnapshotDigest | 'role' | null = null
  #mismatched = false

  constructor(journal: Journal, mismatches: Gauge) {
    this.#journal = journal
    this.#mismatches = mismatches
  }

  /** Whether the tree may be in a state that nobody else was in. */
  get isFuzzy(): boolean {
    return this.#awaited !== null
  }

  /** The tree is empty. */
  emptied(): void {
    this.#awaited = null
  }

  /** A snapshot was loaded. `awaited` is null if it came without a digest. */
  loaded(awaited: SnapshotDigest | null, zxid: Zxid, digest: TreeDigest): void {
    this.#awaited = awaited ?? 'role'
    this.#checkAwaited(zxid, digest)
  }

  /** The tree leads, or follows a leader that has said UPTODATE. */
  hasRole(): void {
    if (this.#awaited === 'role') this.#awaited = null
  }

  /** A transaction was applied. `expected` is its own digest, if it has one. */
  applied(zxid: Zxid, digest: TreeDigest, expected: { high: number; low: number } | null): void {
    if (this.#awaited !== null) {
      this.#checkAwaited(zxid, digest)
    } else if (expected !== null && !digest.equals(expected.high, expected.low)) {
      this.#mismatch('transaction', zxid, digest)
    }
    if (zxid % INTERVAL !== 0 || this.isFuzzy) return
    this.history.push([hexOf(zxid), digest.toHex()])
    if (this.history.length > KEPT) this.history.shift()
  }

  #checkAwaited(zxid: Zxid, digest: TreeDigest): void {
    const awaited = this.#awaited
    if (awaited === null || awaited === 'role' || zxid < awaited.zxid) return
    if (!digest.equals(awaited.high, awaited.low)) this.#mismatch('snapshot', awaited.zxid, digest)
    this.#awaited = null
  }

  /** Logged once, and counted each time. */
  #mismatch(source: string, zxid: Zxid, digest: TreeDigest): void {
    if (!this.#mismatched) {
      const fields = { source, zxid: formatZxid(zxid), found: digest.toHex() }
      this.#journal.log('error', 'digest-mismatch', fields)
    }
    this.#mismatched = true
    this.#mismatches.add(1)
  }
}
