// The commit pipeline of a standalone server: a quorum of one, whose acknowledgement is the log's
// fsync. It says so to tree and log, and steps aside: the tree proposes to the log, and the log
// commits to the tree. A write takes two hops less.
//
// Guarantees: proposals reach the log in zxid order without a hole, and the tree is told of a
// commit only when everything up to it is on disk.

import { assert } from '../../protocol/assert.ts'
import type { LogMessages } from '../../protocol/messages/log.ts'
import type { TreeZabMessages } from '../../protocol/messages/tree.ts'
import type { ZabMessages } from '../../protocol/messages/zab.ts'
import { follows, formatZxid, type Zxid } from '../../protocol/zxid.ts'
import type { Actor } from '../actor.ts'

export interface StandaloneNeighbours {
  log: Pick<LogMessages, 'append' | 'alone'>
  tree: TreeZabMessages
}

export class Standalone implements Actor, ZabMessages {
  readonly name = 'zab'
  readonly #to: StandaloneNeighbours
  #proposed: Zxid = 0 as Zxid
  #committed: Zxid = 0 as Zxid
  #leading = false

  constructor(neighbours: StandaloneNeighbours) {
    this.#to = neighbours
  }

  loaded(zxid: Zxid): void {
    assert(!this.#leading, 'loaded twice')
    this.#proposed = zxid
    this.#committed = zxid
    this.#leading = true
    this.#to.log.alone()
    this.#to.tree.lead(zxid, true)
  }

  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    assert(this.#leading, 'proposal to a server that does not lead')
    assert(follows(this.#proposed, zxid), 'proposal leaves a hole')
    this.#proposed = zxid
    this.#to.log.append(zxid, bytes, start, end)
  }

  synced(zxid: Zxid): void {
    // Once the log has heard that it stands alone, it tells the tree. Only what was synced before
    // comes here.
    assert(zxid > this.#committed, 'synced twice')
    this.#committed = zxid
    this.#to.tree.committed(zxid)
  }

  tick(): void {}

  nextTickMs(): number {
    return Number.POSITIVE_INFINITY
  }

  endTurn(): boolean {
    return false
  }

  describe(): string {
    const role = this.#leading ? 'standalone' : 'loading'
    return `zab ${role}, proposed ${formatZxid(this.#proposed)}, committed ${formatZxid(this.#committed)}`
  }
}
