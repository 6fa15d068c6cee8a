// The network loop's questions to other actors, until they are answered: part by part. Each part is
// asked for when the one before it has been dealt with.

import { Query } from '../../protocol/messages/queries.ts'
import type { TreeClientMessages } from '../../protocol/messages/tree.ts'

/** How many questions may be open at once. An actor may hold eight bytes a session for each. */
export const OPEN_MAX = 64

type Asked = Pick<TreeClientMessages, 'query'>
/** Null if there are no more. */
type Part = Uint8Array | null

export class Queries {
  /** Invariant: OPEN_MAX at most. The operator who asked may be gone when the answer comes. */
  readonly #waiting: Map<number, (part: Part) => void> = new Map()
  readonly #flush: () => void
  #next = 1
  #open = 0

  /** `flush` sends what was asked on its way. */
  constructor(flush: () => void) {
    this.#flush = flush
  }

  /** Yields msgpack. If the caller stops reading, the rest is not made. Throws if too many
   * questions are open. */
  async *ask(actor: Asked, kind: number): AsyncGenerator<Uint8Array> {
    if (this.#open >= OPEN_MAX) throw new Error('too many questions at once')
    this.#open++
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
      this.#open--
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
