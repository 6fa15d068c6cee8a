// A table of the server's rows, with its pages.

import { count } from '../format.ts'
import { html, type View } from '../view.ts'

export interface Column<Row> {
  readonly title: string
  /** Numbers stand to the right. */
  readonly isNumber?: true
  /** The first such cell of a row names it. */
  readonly isName?: true
  readonly cell: (row: Row) => View
}

export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
  chosen = '',
  isFixed = false,
  empty,
}: {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
  chosen?: string
  /** The columns keep their widths (four of them; console.css). */
  isFixed?: boolean
  empty: string
}): View {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`
  const kind = ({ isNumber }: Column<Row>): string | undefined => (isNumber ? 'num' : undefined)
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${label}>
    <table class=${isFixed ? 'fixed' : undefined}>
      <thead><tr>
        ${columns.map((column) => html`<th key=${column.title} scope="col" class=${kind(column)}>${column.title}</th>`)}
      </tr></thead>
      <tbody>
        ${rows.map((row) => {
          const key = keyOf(row)
          return html`<tr key=${key} class=${key === chosen ? 'chosen' : undefined}>
            ${columns.map((column) =>
              column.isName
                ? html`<th key=${column.title} scope="row">${column.cell(row)}</th>`
                : html`<td key=${column.title} class=${kind(column)}>${column.cell(row)}</td>`,
            )}
          </tr>`
        })}
      </tbody>
    </table>
  </div>`
}

/** `page` counts from 0. `to`: the address of a page. */
export function Pager({
  page,
  size,
  total,
  what,
  to,
}: {
  page: number
  size: number
  total: number
  what: string
  to: (page: number) => string
}): View {
  if (total === 0) return null
  const last = Math.max(0, Math.ceil(total / size) - 1)
  const from = page * size + 1
  const words = `${count(from)} to ${count(Math.min(total, (page + 1) * size))} of ${count(total)} ${what}`
  const step = (title: string, target: number): View =>
    target < 0 || target > last || target === page
      ? html`<button disabled>${title}</button>`
      : html`<a class="button" href=${to(target)}>${title}</a>`
  return html`<div class="pager">
    <span>${words}</span>
    ${
      last > 0 &&
      html`<span>${step('First', 0)}${step('Previous', page - 1)}${step('Next', page + 1)}${step('Last', last)}</span>`
    }
  </div>`
}
