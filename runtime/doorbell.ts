// One counter a thread, shared by every ring that leads to it: how a parked thread is woken.
//
// Why no wake-up is lost: a producer publishes its ring's tail and then adds to the counter; the
// consumer reads the counter, then drains its rings, and parks only while the counter still has
// the value it read. A frame published after the drain looked has changed the counter, and
// Atomics.wait then returns at once. The order on both sides is the whole proof.

export class Doorbell {
  readonly memory: SharedArrayBuffer
  readonly #word: Int32Array<SharedArrayBuffer>

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.memory = memory
    this.#word = new Int32Array(memory)
  }

  /** To be called after the work it announces is visible. */
  ring(): void {
    Atomics.add(this.#word, 0, 1)
    Atomics.notify(this.#word, 0)
  }

  /** To be read before looking for work. */
  read(): number {
    return Atomics.load(this.#word, 0)
  }

  /** Blocks the thread until somebody rings or the time is over: then false. It may return with
   * the bell still at `seen`, woken by the notify of a ring whose count was already in it. */
  park(seen: number, timeoutMs: number): boolean {
    return Atomics.wait(this.#word, 0, seen, timeoutMs) !== 'timed-out'
  }

  /** The same for a thread with an event loop: calls back once somebody rings, some time after.
   * False when it has been rung already: then it does not. A timer of the caller's keeps the process
   * alive; a waiter does not. */
  onRing(seen: number, callback: () => void): boolean {
    const waiting = Atomics.waitAsync(this.#word, 0, seen)
    if (waiting.async) void waiting.value.then(callback)
    return waiting.async
  }
}
