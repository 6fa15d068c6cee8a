// The proposals of this server that are not applied yet, in zxid order: their bytes, who waits for
// the reply, and the reads that must see them first.

import { assert } from '../../protocol/assert.ts'
import { nextZxid, type Zxid } from '../../protocol/zxid.ts'
import type { Connection } from './connections.ts'

/** A read that waits for a transaction to be applied. */
export interface Deferred {
  readonly connection: Connection
  readonly xid: number
  readonly opCode: number
  readonly bytes: Uint8Array
}

export interface Proposal {
  readonly zxid: Zxid
  /** Null: nobody waits for an answer. */
  readonly connection: Connection | null
  readonly xid: number
  /** What was asked; the transaction's own type may be an error. */
  readonly opCode: number
  /** TxnHeader, record, digest. */
  readonly bytes: Uint8Array
  deferred: Deferred[] | null
}

export class InFlight {
  #proposals: Proposal[] = []
  #head = 0

  get count(): number {
    return this.#proposals.length - this.#head
  }

  get last(): Proposal | undefined {
    return this.count === 0 ? undefined : this.#proposals.at(-1)
  }

  push(proposal: Proposal): void {
    const last = this.last
    assert(last === undefined || proposal.zxid > last.zxid, 'proposals out of order')
    this.#proposals.push(proposal)
  }

  /** The oldest proposal if it is not after `zxid`. */
  takeUpTo(zxid: Zxid): Proposal | undefined {
    const proposal = this.#proposals[this.#head]
    if (proposal === undefined || proposal.zxid > zxid) return undefined
    this.#head++
    if (this.#head === this.#proposals.length) {
      this.#proposals.length = 0
      this.#head = 0
    } else if (this.#head >= 4096) {
      this.#proposals = this.#proposals.slice(this.#head)
      this.#head = 0
    }
    return proposal
  }

  /** The proposal with this zxid, if it is still in flight. */
  find(zxid: Zxid): Proposal | undefined {
    const first = this.#proposals[this.#head]
    if (first === undefined || zxid < first.zxid) return undefined
    const proposal = this.#proposals[this.#head + (zxid - first.zxid)]
    return proposal?.zxid === zxid ? proposal : this.#search(zxid)
  }

  /** Across a change of epoch zxids are not contiguous. */
  #search(zxid: Zxid): Proposal | undefined {
    for (let i = this.#head; i < this.#proposals.length; i++) {
      if (this.#proposals[i]!.zxid === zxid) return this.#proposals[i]
    }
    return undefined
  }
}

/** The zxid after `zxid`; the next epoch's first when the counter is at its end. */
export function followingZxid(zxid: Zxid): Zxid {
  const counterEnd = zxid % 0x1_0000_0000 === 0xffff_ffff
  return counterEnd ? ((zxid + 2) as Zxid) : nextZxid(zxid)
}
