// How long a learner believes a leader that says nothing: syncLimit ticks, or a few heartbeats if
// the leader sends them.

import type { ZabTimes } from './context.ts'

/** Heartbeats that may be missed, whatever `silenceMs` says. */
const BEATS = 4
/** A tick this late means that the whole process was held up. */
const LATE_MS = 50
/** What has come by the time the leader seems silent is read first: shorter delays hide there. */
const GRACE_MS = 20

export class Silence {
  readonly #times: ZabTimes
  #limitMs: number
  #heardMs: number
  /** When a tick was asked for. */
  #dueMs: number = Number.POSITIVE_INFINITY
  /** Once the leader seems silent: until when it is waited for. */
  #graceEndsMs = 0

  constructor(times: ZabTimes, nowMs: number) {
    this.#times = times
    this.#limitMs = times.syncLimit * times.tickTimeMs
    this.#heardMs = nowMs
  }

  /** The leader is one of ours, and sends a sign of life this often. */
  expectBeats(intervalMs: number): void {
    this.#limitMs = Math.max(this.#times.silenceMs, BEATS * intervalMs)
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs
  }

  /** When the leader will have been silent for too long. */
  get endMs(): number {
    this.#dueMs = Math.max(this.#heardMs + this.#limitMs, this.#graceEndsMs)
    return this.#dueMs
  }

  /** Whether it has been. What it said while we were stopped ourselves is still to be read. */
  isOver(nowMs: number): boolean {
    if (nowMs - this.#dueMs > LATE_MS) {
      this.#heardMs = nowMs - this.#limitMs / 2
      this.#dueMs = Number.POSITIVE_INFINITY
    }
    // As `endMs` adds: a difference may be rounded to less, and the tick would come again at once.
    if (nowMs < this.#heardMs + this.#limitMs) return false
    if (this.#graceEndsMs > this.#heardMs + GRACE_MS) return nowMs >= this.#graceEndsMs
    this.#graceEndsMs = nowMs + GRACE_MS
    return false
  }
}
