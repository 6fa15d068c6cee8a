// How long a peer may be silent that is expected to give signs of life.
//
// A peer is given up after `limitMs` of silence. It gets longer if its signs have lately come at
// long intervals: a busy host, on either side, delays them, so we wait for a few times the longest
// of those delays, up to `busyMs`. The memory of a long delay halves in some seconds. Time in which
// this process was stopped does not count, and what arrived meanwhile is read first. But where
// every tick is late, the process is not stopped but slow, and a dead peer must be noticed all the
// same.

/** How many times its limit a busy peer may be silent. */
export const BUSY = 4
/** How many signs in a row may be missed, whatever the settings say. */
const BEATS = 4
/** How many times the longest recent delay a peer may be silent. */
const DELAYS = 3
/** The time in which a long delay is forgotten. It loses nearly half its weight in half of it. */
const FORGOTTEN_MS = 15_000
/** A tick this late means that the whole process was held up. */
const LATE_MS = 50
/** After the limit, wait this much longer: a thread with sockets reads what has arrived between two
 * ticks, and a short delay of ours looks the same. */
const GRACE_MS = 5
/** A leader sends so many pulses in the time between two of its PINGs. */
export const LEADERS_PULSES = 2

/** How long a peer that gives a sign each `intervalMs` may be silent. */
export function quickMs(silenceMs: number, intervalMs: number): number {
  return Math.max(silenceMs, BEATS * intervalMs)
}

export interface SilenceTimes {
  /** How long one of our own servers may give no sign of life, in ms. */
  readonly silenceMs: number
  /** The same for a leader that a quorum hears nothing of. */
  readonly agreedSilenceMs: number
}

/** How long a leader that sends a pulse each `intervalMs` may be silent if a quorum hears nothing of
 * it. */
export function agreedMs(times: SilenceTimes, intervalMs: number): number {
  return quickMs(Math.min(times.agreedSilenceMs, times.silenceMs), intervalMs)
}

export class Silence {
  #limitMs: number
  #busyMs: number
  #heardMs: number
  /** The longest recent time between two signs. */
  #delayMs = 0
  /** A late tick of ours has excused the present silence already. It does so once, which is enough
   * to read what arrived. */
  #excused = false
  /** When the next tick was asked for. */
  #dueMs: number = Number.POSITIVE_INFINITY
  /** The end of the grace period after the limit. */
  #graceEndsMs = 0

  constructor(limitMs: number, nowMs: number) {
    this.#limitMs = limitMs
    this.#busyMs = limitMs
    this.#heardMs = nowMs
  }

  /** Changes how long the peer may be silent from now on. */
  allow(limitMs: number, busyMs: number, nowMs: number): void {
    this.#limitMs = limitMs
    this.#busyMs = busyMs
    // If the new limit has passed already, it passes now. That is no late tick of ours.
    if (nowMs >= this.#heardMs + this.#allowedMs) this.#graceEndsMs = nowMs + GRACE_MS
  }

  heard(nowMs: number): void {
    const delayMs = nowMs - this.#heardMs
    const rest = Math.max(0, 1 - delayMs / FORGOTTEN_MS)
    this.#delayMs = Math.max(delayMs, this.#delayMs * rest)
    this.#heardMs = nowMs
    this.#excused = false
  }

  /** When the peer will have been silent for too long. */
  get endMs(): number {
    this.#dueMs = Math.max(this.#heardMs + this.#allowedMs, this.#graceEndsMs)
    return this.#dueMs
  }

  /** Whether it has been silent for too long. A late tick, of a process that was stopped, excuses
   * it once. */
  isOver(nowMs: number): boolean {
    const allowedMs = this.#allowedMs
    if (nowMs - this.#dueMs > LATE_MS && !this.#excused) {
      this.#excused = true
      this.#heardMs = nowMs - allowedMs / 2
      this.#dueMs = Number.POSITIVE_INFINITY
    }
    // The same sum as in `endMs`: a difference may be rounded down, and the tick would be asked for
    // again at once.
    if (nowMs < this.#heardMs + allowedMs) return false
    if (this.#graceEndsMs > this.#heardMs + GRACE_MS) return nowMs >= this.#graceEndsMs
    this.#graceEndsMs = nowMs + GRACE_MS
    return false
  }

  get #allowedMs(): number {
    return Math.max(this.#limitMs, Math.min(this.#busyMs, DELAYS * this.#delayMs))
  }
}
