// How a voter that has lost what it had acknowledged (`damaged`) becomes a voter again.
//
// It may have been part of the quorum that committed a transaction, or that promised an epoch. Were
// it counted before it has that back, it could form a quorum with servers that lag, and that quorum
// would truncate the one server which still has the transaction (PAR, FAST '18). So it votes for
// nobody, and follows the elected leader as an observer, under an id that no configuration names:
// no leader, ours or ZooKeeper's, counts such a learner in any phase. It takes the whole tree, and
// nothing by DIFF.
//
// That its leader is established is not enough. The leader may have been deposed without hearing of
// it, by a quorum that we were part of. Whatever that quorum committed would be lost if we were
// counted again with a history that lacks it. So we have a transaction of our own committed: a
// request that fails. Every server that acknowledges it has not promised a later epoch by then, and
// we are not among them. Any two quorums share a server, and here that server is not us. So the
// leader's history contains everything that was committed before. Once we have it on disk up to our
// transaction, we have everything that we lost.

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
import type { ZabNeighbours } from '../options.ts'

/** A path that nobody has; and should somebody create it, the version will not match. */
const PATH = '/zookeeper/no-such-node'
const VERSION = 0x7fff_fffe
const NO_IDENTITIES = new Uint8Array(4)

/** A server that has lost what it had acknowledged looks for a leader. */
export function voteForNobody({
  journal,
  election,
}: Pick<ZabNeighbours, 'journal' | 'election'>): void {
  const fact = { waits: 'a leader whose quorum does without this server' }
  journal.log('warn', 'votes-for-nobody', fact)
  election.look(ZXID_NONE, -1)
}

export class Rejoin {
  readonly #serverId: ServerId
  /** The zxid of our transaction, once it is committed. */
  #zxid: Zxid = ZXID_NONE
  #asked = false

  constructor(serverId: ServerId) {
    this.#serverId = serverId
  }

  /** The id that this server uses meanwhile. */
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

  /** This transaction is committed. */
  committed(zxid: Zxid, bytes: Uint8Array): void {
    if (!this.#asked || this.#zxid !== ZXID_NONE) return
    const { sessionId, cxid } = readTxnHeader(new JuteReader(bytes))
    if (sessionId === SESSION_NONE && cxid === (this.alias | 0)) this.#zxid = zxid
  }

  /** Whether we have everything back that we had lost, given that everything up to `onDisk` is
   * durable. */
  isDone(onDisk: Zxid): boolean {
    return this.#zxid !== ZXID_NONE && onDisk >= this.#zxid
  }
}
