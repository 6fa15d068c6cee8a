// The network loop's questions to other actors, until they are answered: part by part, each asked for
// when the one before has been dealt with.

import { Query } from '../../protocol/messages/queries.ts'
import type { TreeClientMessages } from '../../protocol/messages/tree.ts'

type Asked = Pick<TreeClientMessages, 'query'>
/** Null: there are no more. */
type Part = Uint8Array | null

export class Queries {
  readonly #waiting: Map<number, (part: Part) => void> = new Map()
  readonly #flush: () => void
  #next = 1

  /** `flush` sends what was asked on its way. */
  constructor(flush: () => void) {
    this.#flush = flush
  }

  /** Msgpack. Who stops reading has the rest not made. */
  async *ask(actor: Asked, kind: number): AsyncGenerator<Uint8Array> {
    const id = this.#next++
    let isOver = false
    try {
      for (let asked = kind; ; asked = Query.more) {
        const part = await this.#part(actor, id, asked)
        isOver = part === null
        if (part === null) return
        yield part
      }
    } finally {
      if (!isOver) {
        actor.query(id, Query.forget)
        this.#flush()
      }
    }
  }

  answered(id: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.(isOver ? null : bytes.slice(start, end))
  }

  #part(actor: Asked, id: number, kind: number): Promise<Part> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      actor.query(id, kind)
      this.#flush()
    })
  }
}
