// Answers to an operator's questions, a part at a time. An actor makes a part only when it is asked
// for one, so a long answer delays nobody and is never in memory as a whole.

import { encodeControl } from '../protocol/control.ts'
import type { NetworkMessages } from '../protocol/messages/network.ts'
import { Query } from '../protocol/messages/queries.ts'

/** The most paths or ids in one part. */
export const PART_ITEMS = 500
/** The most characters in one part, except for the last path, which may be as long as a request. */
export const PART_CHARS: number = 1 << 16
/** How many items an actor looks at in one step, if it must look at all of them before it can
 * begin. */
export const LOOK_STEP = 5000

/** How an answer leaves: to the network loop. */
export type Answer = NetworkMessages['answer']

/** The reports that an actor is in the middle of. Invariant: one for each open question. The
 * network loop allows a bounded number of questions (runtime/net/queries.ts), and says `forget`
 * for a question whose operator has gone. */
export class Reports {
  readonly #open: Map<number, Iterator<unknown>> = new Map()
  readonly #answer: Answer

  constructor(answer: Answer) {
    this.#answer = answer
  }

  /** Whether this question has a report under way. */
  has(queryId: number): boolean {
    return this.#open.has(queryId)
  }

  /** Registers a report. Its first part is made when it is asked for. */
  begin(queryId: number, parts: Iterator<unknown>): void {
    this.#open.set(queryId, parts)
  }

  /** Answers with the next part, or says that there are no more. Answers nothing if the operator
   * has gone. */
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

/** Cuts lists by name into parts of bounded size. A list that goes on in the next part has its name
 * again there. */
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
