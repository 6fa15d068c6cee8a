// A value that views are drawn anew for.

import { useEffect, useState } from './view.ts'

export class Signal<T> {
  #value: T
  readonly #listeners: Set<() => void> = new Set()

  constructor(value: T) {
    this.#value = value
  }

  get value(): T {
    return this.#value
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const listener of [...this.#listeners]) listener()
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** The value; the view that asks is drawn anew whenever it changes. */
export function useSignal<T>(signal: Signal<T>): T {
  const [, draw] = useState(0)
  useEffect(() => {
    draw((count) => count + 1)
    return signal.listen(() => draw((count) => count + 1))
  }, [signal])
  return signal.value
}
