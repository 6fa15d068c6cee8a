// Expires sessions, and logs when their clients were last heard of and where: a few each second by
// name, and only the number of the others.

import { SLOT_NONE } from '../../protocol/messages/network.ts'
import type { TreeSessionMessages } from '../../protocol/messages/tree.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import type { Clock, Gauge, Journal } from '../actor.ts'
import { LINK_NONE } from './learner-reports.ts'
import type { LastHeard } from './options.ts'
import type { Session } from './session.ts'

const NAMED_A_SECOND = 10
const SECOND_MS = 1000

export class Expiries {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #heard: Pick<LastHeard, 'lastHeardMs'>
  readonly #count: Gauge
  readonly #tree: Pick<TreeSessionMessages, 'expire'>
  #secondMs = Number.NEGATIVE_INFINITY
  #named = 0
  #unnamed = 0

  constructor(
    journal: Journal,
    clock: Clock,
    heard: Pick<LastHeard, 'lastHeardMs'>,
    count: Gauge,
    tree: Pick<TreeSessionMessages, 'expire'>,
  ) {
    this.#journal = journal
    this.#clock = clock
    this.#heard = heard
    this.#count = count
    this.#tree = tree
  }

  /** Call it while the session still knows its connection. */
  expire(session: Session): void {
    this.#say(session)
    this.#tree.expire(session.id)
  }

  #say({ id, timeoutMs, slot, link }: Session): void {
    const { nowMs } = this.#clock
    this.#count.add(1)
    if (nowMs - this.#secondMs >= SECOND_MS) {
      this.#secondMs = nowMs
      this.#named = 0
    }
    if (this.#named++ >= NAMED_A_SECOND) {
      this.#unnamed++
      return
    }
    const others = this.#unnamed
    this.#unnamed = 0
    const heard =
      slot !== SLOT_NONE
        ? { at: 'here', silentMs: Math.round(nowMs - this.#heard.lastHeardMs(slot)) }
        : link === LINK_NONE
          ? { at: 'nowhere' }
          : { at: 'learner', link }
    const session = formatSessionId(id)
    this.#journal.log('info', 'session-expired', {
      ...{ session, timeoutMs, ...heard },
      ...(others > 0 && { others }),
    })
  }
}
