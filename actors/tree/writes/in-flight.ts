// This server's proposals that are not applied yet, in zxid order: their bytes, the connections
// that wait for replies, and the reads that must see them first.

import { assert } from '../../../protocol/assert.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Awaited, Connection } from '../clients/connections.ts'

export interface Proposal extends Awaited {
  readonly zxid: Zxid
  /** TxnHeader, record, digest: a range of a chunk that many proposals share. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

export class InFlight {
  /** Ever. */
  pushed = 0
  taken = 0
  #proposals: Proposal[] = []
  #head = 0

  get count(): number {
    return this.#proposals.length - this.#head
  }

  get last(): Proposal | undefined {
    return this.count === 0 ? undefined : this.#proposals.at(-1)
  }

  /** Whether the proposal was ours and is no longer under way. */
  isApplied(zxid: Zxid): boolean {
    return this.count === 0 || this.#proposals[this.#head]!.zxid > zxid
  }

  /** Forgets everything: this server no longer leads. */
  clear(): void {
    this.#proposals = []
    this.#head = 0
  }

  /** The range must stay as it is until the proposal is applied. */
  push(
    zxid: Zxid,
    connection: Connection | null,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Proposal {
    const last = this.last
    assert(last === undefined || zxid > last.zxid, 'proposals out of order')
    const proposal = { zxid, connection, xid, opCode, bytes, start, end, deferred: null }
    this.#proposals.push(proposal)
    this.pushed++
    return proposal
  }

  /** Takes out the oldest proposal, if it is not after `zxid`. */
  takeUpTo(zxid: Zxid): Proposal | undefined {
    const proposal = this.#proposals[this.#head]
    if (proposal === undefined || proposal.zxid > zxid) return undefined
    this.#head++
    this.taken++
    if (this.#head === this.#proposals.length) {
      this.#proposals.length = 0
      this.#head = 0
    } else if (this.#head >= 4096) {
      this.#proposals = this.#proposals.slice(this.#head)
      this.#head = 0
    }
    return proposal
  }
}
