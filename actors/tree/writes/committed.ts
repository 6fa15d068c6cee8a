// Committed transactions change the tree here: in their order, checked against their digests, and
// answered if somebody waits. While a reply is written in steps the tree stays as it is. Our own
// proposals wait here meanwhile; what a leader sends waits in its ring.

import { assert } from '../../../protocol/assert.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Awaited, Connection } from '../clients/connections.ts'
import type { Handshakes } from '../clients/handshakes.ts'
import { ReplyWriter } from '../clients/reply-writer.ts'
import type { Requests } from '../clients/requests.ts'
import type { OwnedDeleted } from '../options.ts'
import type { TreeWorkers } from '../tree-workers.ts'
import type { DigestAudit } from './digest-audit.ts'
import type { InFlight } from './in-flight.ts'
import type { WriteCounts, WriteTimes } from './write-times.ts'

export interface CommittedOptions {
  readonly digestEnabled: boolean
  readonly replyBytesMax: number
}

export interface CommittedUser {
  parts(): TreeWorkers
  readonly requests: Requests
  readonly handshakes: Handshakes
  /** /zookeeper/config has changed. */
  reconfigured(): void
  /** The client must connect again. */
  detach(connection: Connection): void
  /** Not of what the disk held at the start. */
  readonly ownedDeleted: OwnedDeleted | null
}

export class Committed {
  /** The zxid of the last transaction applied. */
  lastZxid: Zxid = 0 as Zxid
  /** Ever, while serving. */
  #applied = 0
  /** The connection that gets the reply of the transaction being applied. */
  replyingTo: Connection | null = null
  /** Our proposals up to here are committed. */
  #upTo: Zxid = 0 as Zxid
  readonly #options: CommittedOptions
  readonly #inFlight: InFlight
  readonly #audit: DigestAudit
  readonly #times: WriteTimes
  readonly #user: CommittedUser
  readonly #body: ReplyWriter

  constructor(
    options: CommittedOptions,
    inFlight: InFlight,
    audit: DigestAudit,
    times: WriteTimes,
    user: CommittedUser,
  ) {
    this.#options = options
    this.#inFlight = inFlight
    this.#audit = audit
    this.#times = times
    this.#user = user
    this.#body = new ReplyWriter(options.replyBytesMax)
  }

  /** To be called at the end of a turn. */
  count({ proposed, committedOwn, applied }: WriteCounts): void {
    proposed.set(this.#inFlight.pushed)
    committedOwn.set(this.#inFlight.taken)
    applied.set(this.#applied)
    this.#times.settle()
  }

  /** Our proposals up to this one are committed. */
  upTo(zxid: Zxid): void {
    this.#upTo = zxid
    this.applyReady()
  }

  /** Call it again when the tree may change again. */
  applyReady(): void {
    const { requests } = this.#user
    while (!requests.isReading) {
      const proposal = this.#inFlight.takeUpTo(this.#upTo)
      if (proposal === undefined) {
        this.#user.parts().outstanding.forgetUpTo(this.#upTo)
        return
      }
      this.apply(proposal.zxid, proposal.bytes, proposal.start, proposal.end, proposal)
    }
  }

  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number, awaited: Awaited | null): void {
    const connection = awaited?.connection ?? null
    this.replyingTo = connection
    const error = this.transaction(zxid, bytes, start, end)
    this.replyingTo = null
    if (this.#user.parts().transactions.reconfigures) this.#user.reconfigured()
    this.#applied++
    this.#times.applied(this.#user.parts().transactions.header, awaited !== null)
    if (this.#user.ownedDeleted !== null) this.#tellOwned(this.#user.ownedDeleted)
    if (awaited === null) return
    if (connection?.open) this.#replyTo(connection, awaited, error)
    this.#user.requests.release(awaited)
  }

  #tellOwned(tell: OwnedDeleted): void {
    const { header, owned } = this.#user.parts().transactions
    if (owned.size > 0) tell(header.sessionId, owned)
  }

  transaction(zxid: Zxid, bytes: Uint8Array, start: number, end: number): ErrorCode {
    const { transactions, data } = this.#user.parts()
    assert(zxid > this.lastZxid, 'applied out of order')
    this.#body.reset()
    const error = transactions.apply(bytes, start, end, this.#body)
    this.lastZxid = zxid
    if (this.#options.digestEnabled) {
      this.#audit.applied(zxid, data.digest, transactions.expectedDigest())
    }
    return error
  }

  #replyTo(connection: Connection, { opCode, xid }: Awaited, error: ErrorCode): void {
    const { handshakes } = this.#user
    const { transactions, replies } = this.#user.parts()
    if (opCode === OpCode.createSession) {
      handshakes.created(connection, transactions.header.sessionId)
    } else if (error === ErrorCode.sessionMoved) {
      // Leader and client disagree on where the session is until the client connects again
      // (ZOOKEEPER-710).
      this.#user.detach(connection)
    } else {
      const last = opCode === OpCode.closeSession
      replies.send(connection, xid, this.lastZxid, error, this.#body, last)
    }
  }
}
