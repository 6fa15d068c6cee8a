// What the server that is shown warns about.

import { time } from '../format.ts'
import { Problem } from '../parts/problem.ts'
import { type Column, Table } from '../parts/table.ts'
import { useView } from '../use-view.ts'
import { html, type View } from '../view.ts'

interface Line {
  readonly time: string
  readonly level: 'warn' | 'error' | 'fatal'
  readonly text: string
  readonly fields: string
}

interface Report {
  readonly now: readonly string[]
  readonly log: readonly Line[]
}

const EVERY_MS = 5000

export function Warnings(): View {
  const { value, problem } = useView<Report>('warnings', {}, EVERY_MS)
  return html`
    <div class="head"><div><h1 tabindex="-1">Warnings</h1>
      <p>What is not as it should be at the server that is shown.</p></div></div>
    <${Problem} text=${problem} />
    ${
      value !== null &&
      html`${
        value.now.length === 0
          ? html`<p class="note good">At this moment there is nothing to warn about.</p>`
          : value.now.map((text) => html`<p key=${text} class="note warn">${text}</p>`)
      }
      <section class="panel" aria-label="Warnings in the log">
        <header><h2>In the log</h2></header>
        <${Table} label="Warnings in the log" columns=${COLUMNS} rows=${value.log.map((line, i) => ({ ...line, i }))}
          keyOf=${({ i }: { i: number }) => String(i)} empty="No warnings since the server started." />
      </section>`
    }
  `
}

const COLUMNS: readonly Column<Line>[] = [
  {
    title: 'Time',
    cell: (line) => html`<span class="nowrap">${time(Date.parse(line.time))}</span>`,
  },
  {
    title: 'Level',
    cell: ({ level }) =>
      html`<span class=${`chip ${level === 'warn' ? 'warn' : 'bad'}`}>${level}</span>`,
  },
  { title: 'What', isName: true, cell: ({ text }) => html`<span class="break">${text}</span>` },
  { title: 'With', cell: ({ fields }) => html`<code class="break soft">${fields}</code>` },
]
