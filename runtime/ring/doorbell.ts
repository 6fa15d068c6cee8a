// How a thread without work is woken: a counter that every ring which leads to it adds to, and where
// the thread sleeps, so that nobody wakes one that is awake.
//
// Why no wake-up is lost: a producer publishes its ring's tail, then adds to the counter, then looks
// whether the thread sleeps; the consumer reads the counter, then drains its rings, then says that it
// sleeps, and sleeps only while the counter still has the value it read. A frame published after the
// drain looked has changed the counter: either the consumer sees that, or it had said that it sleeps
// before the producer looked, and is woken. The order on both sides is the whole proof.

/** Words of the memory. */
const COUNT = 0
const SLEEP = 1
/** Never changes: where the waiter of an event loop stands. */
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

  /** To be called after the work it announces is visible. */
  ring(): void {
    const words = this.#words
    Atomics.add(words, COUNT, 1)
    if (Atomics.load(words, SLEEP) === AWAKE) return
    const sleep = Atomics.exchange(words, SLEEP, AWAKE)
    if (sleep === PARKED) Atomics.notify(words, COUNT)
    else if (sleep === IN_LOOP) Atomics.notify(words, LOOP)
  }

  /** To be read before looking for work. */
  read(): number {
    return Atomics.load(this.#words, COUNT)
  }

  /** What the thread does, for whoever looks. */
  get posture(): 'awake' | 'parked' | 'in its event loop' {
    const sleep = Atomics.load(this.#words, SLEEP)
    if (sleep === AWAKE) return 'awake'
    return sleep === PARKED ? 'parked' : 'in its event loop'
  }

  /** Blocks the thread until somebody rings or the time is over: then false. It may return with
   * the bell still at `seen`, woken by the notify of a ring whose count was already in it. */
  park(seen: number, timeoutMs: number): boolean {
    Atomics.store(this.#words, SLEEP, PARKED)
    const outcome = Atomics.wait(this.#words, COUNT, seen, timeoutMs)
    Atomics.store(this.#words, SLEEP, AWAKE)
    return outcome !== 'timed-out'
  }

  /** Places the waiter of a thread with an event loop: called back once, some time after the first
   * ring that finds the thread sleeping there. A timer of the caller's keeps the process alive; a
   * waiter does not. */
  onRing(callback: () => void): void {
    const waiting = Atomics.waitAsync(this.#words, LOOP, 0)
    // The word never differs from 0, and there is no time-out.
    if (waiting.async) void waiting.value.then(callback)
  }

  /** The thread goes to its event loop, where its waiter stands. False when it has been rung since
   * `seen` was read: then it does not. */
  sleep(seen: number): boolean {
    Atomics.store(this.#words, SLEEP, IN_LOOP)
    if (Atomics.load(this.#words, COUNT) === seen) return true
    this.wake()
    return false
  }

  /** Something else than a ring has woken the thread. */
  wake(): void {
    Atomics.store(this.#words, SLEEP, AWAKE)
  }
}
