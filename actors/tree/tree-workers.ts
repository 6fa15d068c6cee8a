// A tree and everything that works on it. They are replaced together when another tree is loaded.

import { utf8 } from '../../protocol/bytes/text.ts'
import { readMembership } from '../../protocol/quorum/membership-config.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { Clock } from '../actor.ts'
import { SeldomLogged } from '../seldom-logged.ts'
import { EagerCheck } from './clients/eager-check.ts'
import type { EventStream } from './clients/event-stream.ts'
import { Replies, type RepliesNetwork } from './clients/replies.ts'
import { Learners } from './learners.ts'
import type { TreeNeighbours, TreeOptions } from './options.ts'
import { type ChangeListener, DataTree } from './store/data-tree.ts'
import { type CleanerOptions, expiredNodes } from './writes/cleaner.ts'
import { configOf, setConfigNode } from './writes/config-node.ts'
import type { InFlight } from './writes/in-flight.ts'
import { Outstanding } from './writes/outstanding.ts'
import { Preparation } from './writes/preparation.ts'
import { Proposals, type ProposalTarget } from './writes/proposals.ts'
import type { SessionListener } from './writes/transaction.ts'
import { Transactions } from './writes/transactions.ts'

/** For a session that owns nodes but is in no session table. It expires like any other. */
const ORPHAN_TIMEOUT_MS = 10_000

export interface TreeWorkersUser extends SessionListener, ChangeListener {
  readonly events: EventStream
  readonly inFlight: InFlight
  lastZxid(): Zxid
}

export class TreeWorkers {
  readonly data: DataTree
  readonly transactions: Transactions
  readonly outstanding: Outstanding
  readonly proposals: Proposals
  readonly preparation: Preparation
  readonly #reconfigEnabled: boolean
  readonly replies: Replies
  readonly learners: Learners
  readonly eagerCheck: EagerCheck | null
  readonly #clock: Clock

  constructor(
    options: TreeOptions,
    clock: Clock,
    to: Pick<TreeNeighbours, 'zab' | 'sessions' | 'journal'> & {
      readonly network: RepliesNetwork
    },
    user: TreeWorkersUser,
  ) {
    this.#clock = clock
    this.data = new DataTree(options, user)
    this.transactions = new Transactions(this.data, user)
    this.outstanding = new Outstanding(this.data)
    this.data.preparedChanges = this.outstanding
    const preparation = new Preparation(this.data, this.outstanding, options)
    this.preparation = preparation
    this.#reconfigEnabled = options.reconfigEnabled
    this.proposals = new Proposals(
      this.data,
      this.outstanding,
      preparation,
      user.inFlight,
      clock,
      options,
    )
    const { events } = user
    this.replies = new Replies(this.data, options, {
      events,
      network: to.network,
      lastZxid: () => user.lastZxid(),
      tooLarge: new SeldomLogged(to.journal, clock, 'reply-too-large'),
      replyBytesMax: options.replyBytesMax,
    })
    this.eagerCheck = options.enableEagerAclCheck ? new EagerCheck(this.data, options) : null
    this.learners = new Learners(this.data, this.proposals, {
      zab: to.zab,
      sessions: to.sessions,
    })
  }

  /** Everything is loaded. Adds what neither a disk nor a leader says. */
  complete(member: TreeOptions['member']): void {
    this.data.adoptOrphans(ORPHAN_TIMEOUT_MS)
    if (member === null) return
    if (this.#reconfigEnabled) this.configure(member.config)
    else setConfigNode(this.data, member.config, member.configVersion, this.#clock.wallMs)
  }

  /** /zookeeper/config is to hold this, unless what it holds is later. Whether it has changed. */
  configure(config: Uint8Array): boolean {
    const { version } = readMembership(utf8(config, 0, config.length))
    const held = configOf(this.data)
    if (held !== null && held.length > 0) {
      if (readMembership(utf8(held, 0, held.length)).version >= version) return false
    }
    setConfigNode(this.data, config, Number(version) as Zxid, this.#clock.wallMs)
    return true
  }

  /** Proposes what the cleaner has to do. */
  clean(options: CleanerOptions): void {
    for (const path of expiredNodes(this.data, this.#clock.wallMs, options)) {
      this.proposals.deleteContainer(path)
    }
  }

  /** Proposes the end of a session; false if there is no such session. */
  expire(sessionId: SessionId): boolean {
    const session = this.data.sessions.get(sessionId)
    if (session === undefined) return false
    if (!session.closing) this.proposals.closeSession(session, null, 0)
    return true
  }

  /** From now on proposals go to `target`. The first one follows `zxid`. */
  lead(zxid: Zxid, target: ProposalTarget): void {
    this.proposals.begin(zxid, target)
    this.outstanding.reset()
    this.data.sessions.disown()
  }
}
