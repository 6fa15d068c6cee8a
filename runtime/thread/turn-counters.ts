// What a thread counts of its turns, in shared memory: one writer, read by anyone. A `!` in this
// file stands at one of these places, all of which exist.

const TURNS = 0
const IDLE_TURNS = 1
const MESSAGES = 2
const MESSAGES_MAX = 3
const TIMED_TURNS = 4
const TIMED_SUM_MS = 5
const TIMED_MAX_MS = 6
const STARTED_MS = 7
const HEAP_USED = 8
const HEAP_TOTAL = 9
const HEAP_LIMIT = 10
const COUNT = 11

/** One turn in this many is timed: to read a clock in each costs a lone write 1 % of its time. The
 * number is a prime, so that if writes take the same number of turns each, it is not always the
 * same one of them that is timed. */
const TURNS_A_TIMED = 61

export class TurnCounters {
  readonly memory: SharedArrayBuffer
  readonly #values: Float64Array<SharedArrayBuffer>
  #untilTimed = TURNS_A_TIMED

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(COUNT * 8)) {
    this.memory = memory
    this.#values = new Float64Array(memory)
  }

  /** Whether to measure the length of this turn, and the waits of what it sends. */
  get isTimed(): boolean {
    return this.#untilTimed === 1
  }

  /** The length of a turn that is timed. */
  timed(ms: number): void {
    const values = this.#values
    values[TIMED_TURNS]! += 1
    values[TIMED_SUM_MS]! += ms
    if (ms > values[TIMED_MAX_MS]!) values[TIMED_MAX_MS] = ms
  }

  /** A turn has ended that began then, and took this many messages from rings. */
  turned(messages: number, startedMs: number): void {
    const values = this.#values
    values[STARTED_MS] = startedMs
    values[TURNS]! += 1
    if (messages === 0) values[IDLE_TURNS]! += 1
    values[MESSAGES]! += messages
    if (messages > values[MESSAGES_MAX]!) values[MESSAGES_MAX] = messages
    this.#untilTimed = this.#untilTimed === 1 ? TURNS_A_TIMED : this.#untilTimed - 1
  }

  /** The thread's heap, in bytes, when it last looked. */
  heap(used: number, total: number, limit: number): void {
    this.#values[HEAP_USED] = used
    this.#values[HEAP_TOTAL] = total
    this.#values[HEAP_LIMIT] = limit
  }

  get heapUsed(): number {
    return this.#values[HEAP_USED]!
  }

  get heapTotal(): number {
    return this.#values[HEAP_TOTAL]!
  }

  get heapLimit(): number {
    return this.#values[HEAP_LIMIT]!
  }

  /** When the latest turn that has ended began; 0 before the first. */
  get startedMs(): number {
    return this.#values[STARTED_MS]!
  }

  get turns(): number {
    return this.#values[TURNS]!
  }

  /** Turns that took no message: for a tick, for a socket, or rung for nothing. */
  get idleTurns(): number {
    return this.#values[IDLE_TURNS]!
  }

  get messages(): number {
    return this.#values[MESSAGES]!
  }

  /** The most in one turn. */
  get messagesMax(): number {
    return this.#values[MESSAGES_MAX]!
  }

  get timedTurns(): number {
    return this.#values[TIMED_TURNS]!
  }

  get timedSumMs(): number {
    return this.#values[TIMED_SUM_MS]!
  }

  get timedMaxMs(): number {
    return this.#values[TIMED_MAX_MS]!
  }
}
