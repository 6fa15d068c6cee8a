// The long half of a report: rows, or lists by name, some at a time. Nothing is asked for or made
// before the first part is read, each part when it is its turn, and who stops reading has the rest not
// made. So a report of 20,000 connections takes no more memory than a part, and holds nobody up.

/** Rows of one table. */
export class Rows<Row> {
  readonly parts: AsyncIterable<readonly Row[]>

  constructor(parts: AsyncIterable<readonly Row[]>) {
    this.parts = parts
  }
}

/** Lists by name. */
export class Lists<Name, Item> {
  readonly parts: AsyncIterable<ListsPart<Name, Item>>

  constructor(parts: AsyncIterable<ListsPart<Name, Item>>) {
    this.parts = parts
  }
}

export interface ListsPart<Name, Item> {
  /** In the first part, where it is known before: how many lists there will be, and how many items in
   * all of them. */
  readonly totals?: { readonly lists: number; readonly items?: number }
  readonly lists: readonly ListPart<Name, Item>[]
}

/** Some of a list. One that goes on has the same name again, first in the next part. */
export interface ListPart<Name, Item> {
  readonly name: Name
  /** Of the whole list, where it is known before. */
  readonly size?: number
  readonly items: readonly Item[]
}

/** Rows of a part that is made on the network's own thread: some tens of microseconds of its time. */
export const ROWS_A_PART = 200

/** Lets the event loop serve others. */
export function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
