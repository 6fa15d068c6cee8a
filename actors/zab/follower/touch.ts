// Until when a learner knows that a quorum stood behind its leader. So long it may answer its
// clients, because nobody else can have expired their sessions (runtime/net/network-rings.ts).
//
// That a PING arrives proves little. It may have been under way for long, and its leader may have
// been deposed meanwhile without hearing of it. So a leader of ours says two things with each PING
// (protocol/quorum/standing.ts): how many of our answers had reached it, and how long before the
// PING a quorum had stood behind it.
//
//   we        --answer n--------.                         .--> PING: n answers, a ms
//   the leader                   '--> ...  PING . a ms . PING
//   a quorum                                     '--answers--^
//
// The PING left after we had sent answer n. So by our own clock, and however long the PING
// travelled, a quorum stood behind the leader no earlier than `a` ms before we sent that answer.
// Answer 0 is the acknowledgement of NEWLEADER, without which no UPTODATE comes.
//
// A leader of ZooKeeper's says none of this; its PING alone has to do.

import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { readStanding } from '../../../protocol/quorum/standing.ts'
import type { ZabContext } from '../context.ts'

/** How many answers we remember the time of. With so many, none is added until the leader has
 * received one of them: what we conclude meanwhile is then older than it could be. */
const NOTED_MAX = 64
/** A tick is divided into this many parts. An answer in the same part as the one before is not
 * remembered. */
const GRAINS = 64

interface Answer {
  /** Which answer it is, counted from 0. */
  readonly count: number
  readonly ms: number
}

export class Touch {
  readonly #context: Pick<ZabContext, 'clock' | 'times' | 'inTouch'>
  #answers = 0
  /** The oldest first. Invariant: except for the first, none of them had reached the leader when
   * the newest PING left. */
  readonly #noted: Answer[] = []
  #ms = Number.NEGATIVE_INFINITY

  constructor(context: Pick<ZabContext, 'clock' | 'times' | 'inTouch'>) {
    this.#context = context
  }

  /** NEWLEADER is acknowledged. */
  acknowledged(): void {
    this.#note(0)
  }

  /** UPTODATE has come. `isTold`: the leader says how a quorum stands, and until it has said so we
   * are not in touch. */
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

  /** A PING is answered. `toldAll`: this answer completes the list of all clients that we have
   * heard recently. */
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
