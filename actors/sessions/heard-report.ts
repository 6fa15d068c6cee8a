// What a learner tells its leader: which clients it has heard since its last report; or all of
// them, if the learner itself was held up meanwhile.

import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import type { LastHeard, SessionsOptions } from './options.ts'
import type { Session } from './session.ts'

/** Of one client: long sessionId, int timeoutMs. */
export const TOUCH_BYTES = 12

export class HeardReport {
  readonly #options: Pick<SessionsOptions, 'reportMs' | 'stallMs'>
  readonly #heard: LastHeard
  readonly #writer = new JuteWriter()
  #lastMs = 0

  constructor(options: Pick<SessionsOptions, 'reportMs' | 'stallMs'>, heard: LastHeard) {
    this.#options = options
    this.#heard = heard
  }

  /** Begins as if a report had just been sent. */
  begin(nowMs: number): void {
    this.#lastMs = nowMs
  }

  get dueMs(): number {
    return this.#lastMs + this.#options.reportMs
  }

  /** long sessionId, int timeoutMs, of each of these sessions that was heard. Valid until the next
   * report. */
  of(sessions: Iterable<Session>, nowMs: number): Uint8Array {
    const { stallMs } = this.#options
    const late = nowMs - this.dueMs > stallMs
    const deaf = late || nowMs - this.#heard.networkAliveMs() > stallMs
    const writer = this.#writer
    writer.reset()
    for (const { id, slot, timeoutMs, state } of sessions) {
      if (state !== 'open') continue
      if (!deaf && this.#heard.lastHeardMs(slot) < this.#lastMs) continue
      writer.long(id)
      writer.int(timeoutMs)
    }
    this.#lastMs = nowMs
    return writer.bytes.subarray(0, writer.length)
  }
}
