// What every actor is: a state machine that knows no thread, socket, file, clock or random source.
//
// An actor's messages are the methods of its interface in protocol/messages/. Its effects are calls on
// the same interfaces of its neighbours, handed to its constructor: in production they write
// frames into rings (runtime/edges/), in tests they record. Arguments that are bytes are valid
// only during the call. Nothing is awaited, nothing re-enters: a call on a neighbour only sends.

/** The clock as the host last read it, at the beginning of the turn. */
export interface Clock {
  /** Monotonic milliseconds: for deadlines. */
  readonly nowMs: number
  /** Milliseconds since 1970: for the time in a transaction's header, nothing else. */
  readonly wallMs: number
}

const LONE_WRITES = 2

/** Whether writes are under way, but so few that a thread may wait for them without parking: no
 * other write pays for that. */
export function isLone(underWay: number): boolean {
  return underWay > 0 && underWay <= LONE_WRITES
}

export interface Actor {
  readonly name: string
  /** Called when `nextTickMs` has come, with the clock already moved on. */
  tick(): void
  /** When the actor next wants a tick, in the clock's nowMs; Infinity for never. */
  nextTickMs(): number
  /** The end of a turn, after its messages: group commit, a step of recovery. True when there is
   * more to do at once, so that the host does not park. */
  endTurn(): boolean
  /** Called in each turn in which the actor may not take a step because a neighbour's ring is full.
   * It may only write to its own sockets, and tell a neighbour what makes that neighbour drain its
   * ring. */
  whileBlocked?(): void
  /** Whether a message is due so soon that parking the thread would cost more than waiting. */
  expectsSoon?(): boolean
  /** An orderly shutdown: finish what must not be left half done. */
  shutdown?(): void
  /** One line for logs, crash reports and golden files. */
  describe(): string
}

/** Counters that others read while the actor runs: a named column of a shared table. */
export interface Gauge {
  set(value: number): void
  add(value: number): void
}

/** What is observed again and again: of it others read count, sum, extremes and quantiles. */
export interface Meter {
  /** `times`: how often, 1 when absent. */
  observe(value: number, times?: number): void
}

/** The operator's log, and what outages are told from (runtime/why). An event is a constant in kebab-case; nothing per request. `debug` is for the stories alone. */
export interface Journal {
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    fields: Readonly<Record<string, string | number>>,
  ): void
}
