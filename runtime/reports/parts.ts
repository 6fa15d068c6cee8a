// The long half of a report: rows, or lists by name, some at a time. Nothing is asked for or made
// before the first part is read. Each part is made when it is read, and if the reader stops, the
// rest is not made. So a report of 20,000 connections takes no more memory than one part, and
// delays nobody.

/** The rows of a table. */
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
  /** In the first part, if it is known before: how many lists there will be, and how many items
   * they have in all. */
  readonly totals?: { readonly lists: number; readonly items?: number }
  readonly lists: readonly ListPart<Name, Item>[]
}

/** Some of a list. A list that continues has the same name again, as the first in the next part. */
export interface ListPart<Name, Item> {
  readonly name: Name
  /** The size of the whole list, if it is known before. */
  readonly size?: number
  readonly items: readonly Item[]
}

/** How many rows a part has that is made on the network's own thread: some tens of microseconds of
 * its time. */
export const ROWS_A_PART = 200

/** Lets the event loop serve others. */
export function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
