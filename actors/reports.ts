// Replies to the operator's questions, a part at a time: an actor makes one when it is asked for it, so
// what is long holds nobody up, and lies nowhere whole.

import { encodeControl } from '../protocol/control.ts'
import type { NetworkMessages } from '../protocol/messages/network.ts'
import { Query } from '../protocol/messages/queries.ts'

/** More than so many paths or ids are not in one part. */
export const PART_ITEMS = 500
/** Nor more characters, but for the last path, which may be as long as a request. */
export const PART_CHARS: number = 1 << 16
/** An actor that has to look at all it has before it can begin looks at so many in a step. */
export const LOOK_STEP = 5000

/** How a report answers: towards the network loop. */
export type Answer = NetworkMessages['answer']

/** Invariant: one open report a question; the network loop has a bounded number of these
 * (runtime/net/queries.ts), and forgets whose operator has gone. */
export class Reports {
  readonly #open: Map<number, Iterator<unknown>> = new Map()
  readonly #answer: Answer

  constructor(answer: Answer) {
    this.#answer = answer
  }

  /** Whether the question is one that goes on. */
  has(queryId: number): boolean {
    return this.#open.has(queryId)
  }

  /** Nothing is made before it is asked for. */
  begin(queryId: number, parts: Iterator<unknown>): void {
    this.#open.set(queryId, parts)
  }

  /** Answers with the next part, or that there is no more; with nothing to who has gone. */
  go(queryId: number, kind: number): void {
    if (kind === Query.forget) {
      this.#open.delete(queryId)
      return
    }
    const step = this.#open.get(queryId)?.next()
    const isOver = step === undefined || step.done === true
    if (isOver) this.#open.delete(queryId)
    const bytes = encodeControl(isOver ? null : step.value)
    this.#answer(queryId, isOver, bytes, 0, bytes.length)
  }
}

/** Lists by name, cut so that no part is long: who goes on has the same name in the next. */
export function* inParts<Name extends string | number>(
  lists: Iterable<readonly [name: Name, items: Iterable<string>]>,
): Generator<[Name, string[]][]> {
  let part: [Name, string[]][] = []
  let count = 0
  let chars = 0
  for (const [name, items] of lists) {
    let list: string[] = []
    part.push([name, list])
    chars += String(name).length
    for (const item of items) {
      list.push(item)
      chars += item.length
      if (++count < PART_ITEMS && chars < PART_CHARS) continue
      yield part
      list = []
      part = [[name, list]]
      count = 0
      chars = 0
    }
    count++
  }
  yield part
}
