// How long a leader's proposals wait for their quorum: for the metrics, and for a log line about a
// slow one, which says whose disks had it.

import { intAt } from '../../../protocol/bytes/int-at.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { TXN_TIME_AT } from '../../../protocol/txn.ts'
import { formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import { SeldomLogged } from '../../seldom-logged.ts'
import type { ZabContext } from '../context.ts'

const TWO_32 = 2 ** 32

export class QuorumTimes {
  readonly #context: Pick<ZabContext, 'clock' | 'report' | 'times'>
  readonly #slow: SeldomLogged

  constructor(context: Pick<ZabContext, 'clock' | 'report' | 'times' | 'journal'>) {
    this.#context = context
    this.#slow = new SeldomLogged(context.journal, context.clock, 'quorum-slow')
  }

  /** The transaction is committed. `acked` says how far each server has synced. */
  committed(zxid: Zxid, txn: Uint8Array, acked: ReadonlyMap<ServerId, Zxid>): void {
    const { clock, report, times } = this.#context
    const made = intAt(txn, TXN_TIME_AT) * TWO_32 + (intAt(txn, TXN_TIME_AT + 4) >>> 0)
    const ms = clock.wallMs - made
    if (!(ms >= 0)) return
    report.meters.quorumAck.observe(ms)
    if (ms < times.fsyncWarningThresholdMs) return
    const having = [...acked].filter(([, upTo]) => upTo >= zxid).map(([server]) => server)
    const lacking = [...acked].filter(([, upTo]) => upTo < zxid).map(([server]) => server)
    this.#slow.log({
      ms,
      zxid: formatZxid(zxid),
      having: having.join(' '),
      lacking: lacking.join(' '),
    })
  }
}
