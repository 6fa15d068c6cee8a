// How long somebody may be silent who is expected to give signs of life.
//
// Who is silent for `limitMs` is given up, unless signs have been coming farther apart than that
// suits lately: a busy host delays them, on either side, and is believed for a few times the longest
// of these delays, up to `busyMs`. It is forgotten by half in some seconds. Time in which we were
// stopped ourselves does not count, and what has come by then is read first; but where every tick is
// late, we are not stopped but slow, and the dead must be noticed all the same.

/** How many times the limit a busy host is believed. */
export const BUSY = 4
/** Signs that may be missed, whatever the settings say. */
const BEATS = 4
/** So many times the longest delay between two signs lately. */
const DELAYS = 3
/** In which it is forgotten by half, nearly. */
const FORGOTTEN_MS = 15_000
/** A tick this late means that the whole process was held up. */
const LATE_MS = 50
/** What has come by the time of silence is read first: shorter delays hide there. */
const GRACE_MS = 20

/** How long one may be silent who gives a sign each `intervalMs`. */
export function quickMs(silenceMs: number, intervalMs: number): number {
  return Math.max(silenceMs, BEATS * intervalMs)
}

export class Silence {
  #limitMs: number
  #busyMs: number
  #heardMs: number
  /** The longest time between two signs lately. */
  #delayMs = 0
  /** Once they seem silent, a late tick of ours was the reason; once is enough to read what came. */
  #excused = false
  /** When a tick was asked for. */
  #dueMs: number = Number.POSITIVE_INFINITY
  /** Once they seem silent: until when they are waited for. */
  #graceEndsMs = 0

  constructor(limitMs: number, nowMs: number) {
    this.#limitMs = limitMs
    this.#busyMs = limitMs
    this.#heardMs = nowMs
  }

  /** From now on they are believed for so long. */
  allow(limitMs: number, busyMs: number, nowMs: number): void {
    this.#limitMs = limitMs
    this.#busyMs = busyMs
    // If that is over, it is over now, and our tick was not late.
    if (nowMs >= this.#heardMs + this.#allowedMs) this.#graceEndsMs = nowMs + GRACE_MS
  }

  heard(nowMs: number): void {
    const delayMs = nowMs - this.#heardMs
    const rest = Math.max(0, 1 - delayMs / FORGOTTEN_MS)
    this.#delayMs = Math.max(delayMs, this.#delayMs * rest)
    this.#heardMs = nowMs
    this.#excused = false
  }

  /** When they will have been silent for too long. */
  get endMs(): number {
    this.#dueMs = Math.max(this.#heardMs + this.#allowedMs, this.#graceEndsMs)
    return this.#dueMs
  }

  /** Whether they have been. What they said while we were stopped ourselves is still to be read. */
  isOver(nowMs: number): boolean {
    const allowedMs = this.#allowedMs
    if (nowMs - this.#dueMs > LATE_MS && !this.#excused) {
      this.#excused = true
      this.#heardMs = nowMs - allowedMs / 2
      this.#dueMs = Number.POSITIVE_INFINITY
    }
    // As `endMs` adds: a difference may be rounded to less, and the tick would come again at once.
    if (nowMs < this.#heardMs + allowedMs) return false
    if (this.#graceEndsMs > this.#heardMs + GRACE_MS) return nowMs >= this.#graceEndsMs
    this.#graceEndsMs = nowMs + GRACE_MS
    return false
  }

  get #allowedMs(): number {
    return Math.max(this.#limitMs, Math.min(this.#busyMs, DELAYS * this.#delayMs))
  }
}
