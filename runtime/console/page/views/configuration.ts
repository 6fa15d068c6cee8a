// The configuration of the server that is shown: each setting, its value, and where that comes from.

import { Choice } from '../parts/choice.ts'
import { Filter } from '../parts/filter.ts'
import { Problem } from '../parts/problem.ts'
import { type Column, Table } from '../parts/table.ts'
import { go, route } from '../route.ts'
import { useSignal } from '../signal.ts'
import { useView } from '../use-view.ts'
import { html, type View } from '../view.ts'

interface Setting {
  readonly key: string
  readonly value: string
  readonly from: string | null
  readonly written: string | null
  readonly meaning: string
}

interface Report {
  readonly chapters: readonly { readonly title: string; readonly settings: readonly Setting[] }[]
  readonly membership: string | null
}

const WHICH = [
  ['all', 'All'],
  ['set', 'Only what is set'],
] as const
type Which = (typeof WHICH)[number][0]

export function Configuration(): View {
  const { query } = useSignal(route)
  const { filter = '' } = query
  const which: Which = query['which'] === 'set' ? 'set' : 'all'
  const { value, problem } = useView<Report>('configuration', {}, 0)
  const wanted = filter.toLowerCase()
  const isWanted = ({ key, from }: Setting): boolean =>
    key.toLowerCase().includes(wanted) && (which === 'all' || from !== null)
  const chapters = (value?.chapters ?? [])
    .map(({ title, settings }) => ({ title, settings: settings.filter(isWanted) }))
    .filter(({ settings }) => settings.length > 0)
  return html`
    <div class="head">
      <div><h1 tabindex="-1">Configuration</h1><p>In effect at the server that is shown, and where each value comes from.</p></div>
      <div class="row">
        <${Filter} label="Part of a key" value=${filter} onChange=${(text: string) => go('configuration', { filter: text, which })} />
        <${Choice} label="Which settings" options=${WHICH} value=${which}
          onChoose=${(next: Which) => go('configuration', { filter, which: next })} />
      </div>
    </div>
    <${Problem} text=${problem} />
    ${
      value?.membership &&
      html`<section class="panel" aria-label="Members">
      <header><h2>Members</h2></header><div class="body"><pre class="data" tabindex="0" aria-label="Members">${value.membership}</pre></div></section>`
    }
    ${value !== null && chapters.length === 0 && html`<p class="empty">No setting matches.</p>`}
    ${chapters.map(
      ({ title, settings }) => html`<section key=${title} class="panel" aria-label=${title}>
      <header><h2>${title}</h2></header>
      <${Table} label=${title} columns=${COLUMNS} rows=${settings} isFixed keyOf=${({ key }: Setting) => key} empty="" />
    </section>`,
    )}
  `
}

const COLUMNS: readonly Column<Setting>[] = [
  { title: 'Key', isName: true, cell: ({ key }) => html`<code class="break">${key}</code>` },
  {
    title: 'Value',
    cell: ({
      value,
      written,
    }) => html`<code class="break">${value === '' ? '(empty)' : value}</code>
      ${written !== null && html`<br /><span class="soft break">written: ${written}</span>`}`,
  },
  {
    title: 'From',
    cell: ({ from }) =>
      from === null
        ? html`<span class="soft">default</span>`
        : html`<span class="chip accent break">${from}</span>`,
  },
  {
    title: 'Meaning',
    cell: ({ meaning }) => html`<span class="soft">${meaning.replaceAll('`', '')}</span>`,
  },
]
