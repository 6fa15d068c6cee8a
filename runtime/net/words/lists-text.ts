// Lists by name as text: a heading for each, and a line for each item, part by part.

import type { ListPart, Lists, ListsPart } from '../../reports/parts.ts'

export interface ListsFormat<Name, Item> {
  /** The line before the first list, for lists whose totals are known. */
  totals?(totals: NonNullable<ListsPart<Name, Item>['totals']>): string
  head(list: ListPart<Name, Item>): string
  line(item: Item): string
}

/** A list has one heading, however many parts it has. */
export async function* listsText<Name, Item>(
  lists: Lists<Name, Item>,
  format: ListsFormat<Name, Item>,
): AsyncGenerator<string> {
  let last: Name | null = null
  for await (const part of lists.parts) {
    let text = ''
    if (part.totals !== undefined) text += `${format.totals?.(part.totals) ?? ''}\n`
    for (const list of part.lists) {
      if (list.name !== last) text += `${format.head(list)}\n`
      last = list.name
      for (const item of list.items) text += `\t${format.line(item)}\n`
    }
    if (text !== '') yield text
  }
}
