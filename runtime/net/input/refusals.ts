// What was refused, and why: a counter for each reason, and at most one log line a second for each,
// however many refusals there are.

export const REFUSAL_REASONS = [
  'too-many-connections-from-address',
  'too-many-connections',
  'too-few-descriptors',
  'frame-length',
  'malformed-handshake',
  'malformed-frame',
  'handshake-timeout',
  'unread-replies',
  'internal-operation',
  'another-ensemble',
  'authentication-failed',
  'not-authenticated',
  'not-serving',
  'not-read-only',
  'no-local-sessions',
  'leader-serves-no-clients',
  'tls-on-plain-port',
  'plain-text-on-tls-port',
  'tls-handshake-failed',
  'tls-handshake-timeout',
  'no-client-certificate',
  'untrusted-client-certificate',
  'alternative-name-unusable',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** What is used of a logger here. */
export interface RefusalLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

const LOG_INTERVAL_MS = 1000

interface Entry {
  count: number
  loggedCount: number
  loggedMs: number
}

export class Refusals {
  readonly #entries: Map<RefusalReason, Entry> = new Map()
  readonly #logger: RefusalLog

  constructor(logger: RefusalLog) {
    this.#logger = logger
  }

  refuse(reason: RefusalReason, nowMs: number, fields: Readonly<Record<string, unknown>>): void {
    let entry = this.#entries.get(reason)
    if (entry === undefined) {
      entry = { count: 0, loggedCount: 0, loggedMs: Number.NEGATIVE_INFINITY }
      this.#entries.set(reason, entry)
    }
    entry.count++
    if (nowMs - entry.loggedMs < LOG_INTERVAL_MS) return
    const unlogged = entry.count - entry.loggedCount - 1
    entry.loggedMs = nowMs
    entry.loggedCount = entry.count
    this.#logger.warn({ reason, ...fields, ...(unlogged > 0 && { unlogged }) }, 'refused')
  }

  counts(): ReadonlyMap<RefusalReason, number> {
    return new Map([...this.#entries].map(([reason, { count }]) => [reason, count]))
  }
}
