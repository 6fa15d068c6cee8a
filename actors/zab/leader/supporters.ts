// Who would acknowledge a reconfiguration at once: the leader and the followers that are up to date with
// it, voters or not. The tree is told when that changes, so that it can refuse a configuration that
// would find no quorum (Leader.isQuorumSynced).

import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { ZabContext } from '../context.ts'
import type { LearnerTable } from './learner-table.ts'

export class Supporters {
  readonly #context: ZabContext
  readonly #learners: LearnerTable
  #told = ''

  constructor(context: ZabContext, learners: LearnerTable) {
    this.#context = context
    this.#learners = learners
  }

  /** Call it at the end of each turn of an established leader. */
  endTurn(): void {
    const { configs, serverId, tree } = this.#context
    if (!configs.enabled) return
    const ids = [serverId]
    for (const { current, serverId: id } of this.#learners.ready())
      if (current && id >= 0) ids.push(id)
    const now = ids.sort((a, b) => a - b).join()
    if (now === this.#told) return
    this.#told = now
    const writer = new JuteWriter(8 * ids.length)
    for (const id of ids) writer.longNumber(id)
    const bytes = writer.finish()
    tree.supporters(bytes, 0, bytes.length)
  }
}
