// Answers to the operator's questions, a part at a time: an actor makes one when it is asked for it, so
// what is long holds nobody up, and lies nowhere whole.

import { Query } from '../protocol/messages/queries.ts'

/** More than so many paths or ids are not in one part. */
export const PART_ITEMS = 500

export class Reports {
  readonly #open: Map<number, Iterator<unknown>> = new Map()

  /** Whether the question is one that goes on. */
  has(queryId: number): boolean {
    return this.#open.has(queryId)
  }

  begin(queryId: number, parts: Iterator<unknown>): void {
    this.#open.set(queryId, parts)
  }

  /** The next part of it; undefined when there is no more, or nobody wants it. */
  next(queryId: number, kind: number): unknown {
    if (kind === Query.forget) this.#open.delete(queryId)
    const step = this.#open.get(queryId)?.next()
    if (step === undefined || step.done !== true) return step?.value
    this.#open.delete(queryId)
    return undefined
  }
}

/** Lists by name, cut so that no part is long: who goes on has the same name in the next. */
export function* inParts(
  lists: Iterable<readonly [name: string, items: Iterable<string>]>,
): Generator<[string, string[]][]> {
  let part: [string, string[]][] = []
  let count = 0
  for (const [name, items] of lists) {
    let list: string[] = []
    part.push([name, list])
    for (const item of items) {
      list.push(item)
      if (++count < PART_ITEMS) continue
      yield part
      list = []
      part = [[name, list]]
      count = 0
    }
    count++
  }
  yield part
}
