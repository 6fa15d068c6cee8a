// Until when a learner knows that a quorum stood behind its leader: for as long it may answer its
// clients, since nobody else can have expired their sessions (runtime/net/network-port.ts).
//
// That a PING arrives proves little. It may have been on its way for long, and its leader may have
// been deposed unheard. So a leader of ours says two things with each (protocol/quorum/standing.ts):
// how many of our answers it had by then, and how long before a quorum stood behind it.
//
//   we        --answer n--------.                         .--> PING: n answers, a ms
//   the leader                   '--> ...  PING . a ms . PING
//   a quorum                                     '--answers--^
//
// The PING left after we had sent answer n: so, by our own clock and however long it travelled, a
// quorum stood behind the leader `a` ms before that answer at the earliest. Answer 0 is the
// acknowledgement of NEWLEADER, without which no UPTODATE comes.
//
// A leader of ZooKeeper's says nothing of the kind, and a PING from it has to do.

import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { readStanding } from '../../../protocol/quorum/standing.ts'
import type { ZabContext } from '../context.ts'

/** Answers of which we know when they were sent. With so many none is added until the leader has one
 * of them: what it has then is older than it could be. */
const NOTED_MAX = 64
/** Into so many parts a tick is divided: an answer soon after another is not noted. */
const GRAINS = 64

interface Answer {
  /** It is the n-th. */
  readonly count: number
  readonly ms: number
}

export class Touch {
  readonly #context: Pick<ZabContext, 'clock' | 'times' | 'inTouch'>
  #answers = 0
  /** The oldest first. Invariant: but for the first, none of them had reached the leader when the
   * newest PING left. */
  readonly #noted: Answer[] = []
  #ms = Number.NEGATIVE_INFINITY

  constructor(context: Pick<ZabContext, 'clock' | 'times' | 'inTouch'>) {
    this.#context = context
  }

  /** NEWLEADER is acknowledged. */
  acknowledged(): void {
    this.#note(0)
  }

  /** UPTODATE. `isTold`: the leader says how a quorum stands; until it has we are not in touch. */
  begin(isTold: boolean): void {
    const { clock, inTouch } = this.#context
    inTouch(isTold ? Number.NEGATIVE_INFINITY : clock.nowMs)
  }

  /** A PING has come, with this data. Throws MalformedError. */
  pinged(data: Uint8Array | null): void {
    if (data === null) return
    const { answers, ageMs } = readStanding(data)
    if (answers > this.#answers) throw new MalformedError(`${answers} answers to PINGs`)
    const noted = this.#noted
    while (noted.length > 1 && noted[1]!.count <= answers) noted.shift()
    const [newest] = noted
    if (ageMs === -1 || newest === undefined || newest.count > answers) return
    this.#stamp(newest.ms - ageMs)
  }

  /** It is answered; `toldAll`: with it the leader has heard of every client that we have heard
   * lately. */
  answered(data: Uint8Array | null, toldAll: boolean): void {
    this.#answers++
    if (!toldAll) return
    if (data === null) this.#stamp(this.#context.clock.nowMs)
    else this.#note(this.#answers)
  }

  #note(count: number): void {
    const { clock, times } = this.#context
    const last = this.#noted.at(-1)
    if (last !== undefined && clock.nowMs - last.ms < times.tickTimeMs / GRAINS) return
    if (this.#noted.length < NOTED_MAX) this.#noted.push({ count, ms: clock.nowMs })
  }

  #stamp(ms: number): void {
    if (ms <= this.#ms) return
    this.#ms = ms
    this.#context.inTouch(ms)
  }
}
