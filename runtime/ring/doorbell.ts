// How a thread without work is woken: a counter, which every ring that leads to the thread adds to;
// and where the thread sleeps, so that nobody wakes a thread that is awake.
//
// Why no wake-up is lost. A producer publishes its ring's tail, then adds to the counter, then
// looks whether the thread sleeps. The consumer reads the counter, then drains its rings, then says
// that it sleeps, and sleeps only while the counter still has the value that it read. A frame that
// was published after the drain looked has changed the counter. Either the consumer sees that, or
// it said that it sleeps before the producer looked, and is woken. The order on both sides is the
// whole proof.

/** The words of the memory. */
const COUNT = 0
const SLEEP = 1
/** Never changes. The waiter of an event loop stands here. */
const LOOP = 2

const AWAKE = 0
const PARKED = 1
const IN_LOOP = 2

export class Doorbell {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array<SharedArrayBuffer>

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(12)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** Call it after the work that it announces is visible. */
  ring(): void {
    const words = this.#words
    Atomics.add(words, COUNT, 1)
    if (Atomics.load(words, SLEEP) === AWAKE) return
    const sleep = Atomics.exchange(words, SLEEP, AWAKE)
    if (sleep === PARKED) Atomics.notify(words, COUNT)
    else if (sleep === IN_LOOP) Atomics.notify(words, LOOP)
  }

  /** Read it before looking for work. */
  read(): number {
    return Atomics.load(this.#words, COUNT)
  }

  /** What the thread is doing, for observers. */
  get posture(): 'awake' | 'parked' | 'in its event loop' {
    const sleep = Atomics.load(this.#words, SLEEP)
    if (sleep === AWAKE) return 'awake'
    return sleep === PARKED ? 'parked' : 'in its event loop'
  }

  /** Blocks the thread until somebody rings, or the time is over; then false. It may return with
   * the bell still at `seen`: woken by the notify of a ring that `seen` already includes. */
  park(seen: number, timeoutMs: number): boolean {
    Atomics.store(this.#words, SLEEP, PARKED)
    const outcome = Atomics.wait(this.#words, COUNT, seen, timeoutMs)
    Atomics.store(this.#words, SLEEP, AWAKE)
    return outcome !== 'timed-out'
  }

  /** Places the waiter of a thread with an event loop. It is called back once, some time after the
   * first ring that finds the thread sleeping there. A waiter does not keep the process alive; a
   * timer of the caller's does. */
  onRing(callback: () => void): void {
    const waiting = Atomics.waitAsync(this.#words, LOOP, 0)
    // The word is always 0, and there is no time-out.
    if (waiting.async) void waiting.value.then(callback)
  }

  /** The thread goes to its event loop, where its waiter stands. False if it was rung since `seen`
   * was read: then it does not sleep. */
  sleep(seen: number): boolean {
    Atomics.store(this.#words, SLEEP, IN_LOOP)
    if (Atomics.load(this.#words, COUNT) === seen) return true
    this.wake()
    return false
  }

  /** Something other than a ring has woken the thread. */
  wake(): void {
    Atomics.store(this.#words, SLEEP, AWAKE)
  }
}
