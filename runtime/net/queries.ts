// The network loop's questions to other actors, until they are answered.

import type { TreeClientMessages } from '../../protocol/messages/tree.ts'

type Asked = Pick<TreeClientMessages, 'query'>

export class Queries {
  readonly #waiting: Map<number, (answer: Uint8Array) => void> = new Map()
  #next = 1

  /** Resolves with msgpack. */
  ask(actor: Asked, kind: number): Promise<Uint8Array> {
    const id = this.#next++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      actor.query(id, kind)
    })
  }

  answered(id: number, bytes: Uint8Array, start: number, end: number): void {
    this.#waiting.get(id)?.(bytes.slice(start, end))
    this.#waiting.delete(id)
  }
}
