// How a voter that has lost what it had acknowledged (`damaged`) becomes one again.
//
// It may have been one of the quorum that committed a transaction, or of the one that promised an epoch.
// Were it counted before it has that back, a quorum could form with servers that lag, and truncate the
// one that has it (PAR, FAST '18). So it votes for nobody, and follows whoever is elected as an observer
// with an id that no configuration names: neither ours nor a Java leader counts such a learner in any
// phase. It takes the whole tree, and nothing by DIFF.
//
// That its leader is established is not enough. It may have been deposed unheard, by a quorum that we
// were in; what that committed would be lost when we are counted again, with a history that lacks it. So
// we have a transaction committed of our own, a request that fails: whoever acknowledges it has not
// promised a later epoch at that time, and we are not among them. Two quorums share a server, and it is
// not us: so the leader's history has everything that was committed before, and when we have it on disk
// up to there, we have more than we have lost.

import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { Link } from '../../../protocol/messages/zab.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { SESSION_NONE } from '../../../protocol/session-id.ts'
import { readTxnHeader } from '../../../protocol/txn.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { ZabLinks } from '../neighbours.ts'

/** Of nobody; and should somebody create it, not of this version. */
const PATH = '/zookeeper/no-such-node'
const VERSION = 0x7fff_fffe
const NO_IDENTITIES = new Uint8Array(4)

export class Rejoin {
  readonly #serverId: ServerId
  /** Of our transaction, once it is committed. */
  #zxid: Zxid = ZXID_NONE
  #asked = false

  constructor(serverId: ServerId) {
    this.#serverId = serverId
  }

  /** What this server calls itself meanwhile. */
  get alias(): ServerId {
    return -1 - this.#serverId
  }

  get asked(): boolean {
    return this.#asked
  }

  ask(links: ZabLinks, link: Link): void {
    this.#asked = true
    const data = new JuteWriter(64)
    data.long(SESSION_NONE)
    data.int(this.alias)
    data.int(OpCode.delete)
    data.string(PATH)
    data.int(VERSION)
    links.send(link, PacketType.request, ZXID_NONE, data.finish(), NO_IDENTITIES)
  }

  /** This is committed. */
  committed(zxid: Zxid, bytes: Uint8Array): void {
    if (!this.#asked || this.#zxid !== ZXID_NONE) return
    const { sessionId, cxid } = readTxnHeader(new JuteReader(bytes))
    if (sessionId === SESSION_NONE && cxid === (this.alias | 0)) this.#zxid = zxid
  }

  /** Whether we have back what we had lost, when everything up to `onDisk` is durable. */
  isDone(onDisk: Zxid): boolean {
    return this.#zxid !== ZXID_NONE && onDisk >= this.#zxid
  }
}
