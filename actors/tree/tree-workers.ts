// A tree and everything that works on it: replaced together when another tree is loaded.

import type { Zxid } from '../../protocol/zxid.ts'
import type { Clock } from '../actor.ts'
import { SeldomLogged } from '../seldom-logged.ts'
import { Answer, type AnswerNetwork } from './clients/answer.ts'
import type { EventStream } from './clients/event-stream.ts'
import { Read } from './clients/read.ts'
import { Learners } from './learners.ts'
import type { TreeNeighbours, TreeOptions } from './options.ts'
import { type ChangeListener, DataTree } from './store/data-tree.ts'
import { Apply, type SessionListener } from './writes/apply.ts'
import { setConfigNode } from './writes/config-node.ts'
import type { InFlight } from './writes/in-flight.ts'
import { Outstanding } from './writes/outstanding.ts'
import { Prepare } from './writes/prepare.ts'
import { type ProposalTarget, Propose } from './writes/propose.ts'

/** For a session that owns nodes but is in no session table: it expires like any other. */
const ORPHAN_TIMEOUT_MS = 10_000

export interface TreeWorkersUser extends SessionListener, ChangeListener {
  readonly events: EventStream
  readonly inFlight: InFlight
  lastZxid(): Zxid
}

export class TreeWorkers {
  readonly data: DataTree
  readonly apply: Apply
  readonly outstanding: Outstanding
  readonly propose: Propose
  readonly answer: Answer
  readonly learners: Learners
  readonly #clock: Clock

  constructor(
    options: TreeOptions,
    clock: Clock,
    to: Pick<TreeNeighbours, 'zab' | 'sessions' | 'journal'> & {
      readonly network: AnswerNetwork
    },
    user: TreeWorkersUser,
  ) {
    this.#clock = clock
    this.data = new DataTree(options, user)
    this.apply = new Apply(this.data, user)
    this.outstanding = new Outstanding(this.data)
    this.data.preparedChanges = this.outstanding
    const prepare = new Prepare(this.data, this.outstanding, options)
    this.propose = new Propose(this.data, this.outstanding, prepare, user.inFlight, clock, options)
    const { events } = user
    this.answer = new Answer(this.data, new Read(this.data, options), {
      events,
      network: to.network,
      lastZxid: () => user.lastZxid(),
      tooLarge: new SeldomLogged(to.journal, clock, 'reply-too-large'),
      replyBytesMax: options.replyBytesMax,
    })
    this.learners = new Learners(this.data, this.propose, {
      zab: to.zab,
      sessions: to.sessions,
      isWrite: (opCode) => this.answer.isWrite(opCode),
    })
  }

  /** Everything is loaded: what no disk and no leader says is added. */
  complete(member: TreeOptions['member']): void {
    this.data.adoptOrphans(ORPHAN_TIMEOUT_MS)
    if (member === null) return
    setConfigNode(this.data, member.config, member.configVersion, this.#clock.wallMs)
  }

  /** From now on proposals go to `target`, the first one after `zxid`. */
  lead(zxid: Zxid, target: ProposalTarget): void {
    this.propose.begin(zxid, target)
    this.outstanding.reset()
    this.data.sessions.disown()
  }
}
