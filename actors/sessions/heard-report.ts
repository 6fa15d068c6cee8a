// What a learner tells its leader: which clients it has heard since it last said so; all of them when
// we were not there to hear.

import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import type { LastHeard, SessionsOptions } from './options.ts'
import type { Session } from './session.ts'

export class HeardReport {
  readonly #options: Pick<SessionsOptions, 'reportMs' | 'stallMs'>
  readonly #heard: LastHeard
  readonly #writer = new JuteWriter()
  #lastMs = 0

  constructor(options: Pick<SessionsOptions, 'reportMs' | 'stallMs'>, heard: LastHeard) {
    this.#options = options
    this.#heard = heard
  }

  /** As if the last one had been now. */
  begin(nowMs: number): void {
    this.#lastMs = nowMs
  }

  get dueMs(): number {
    return this.#lastMs + this.#options.reportMs
  }

  /** long sessionId, int timeoutMs, of each of these that was heard; valid until the next one. */
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
