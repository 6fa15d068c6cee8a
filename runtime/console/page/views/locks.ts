// Locks and elections: who holds, who waits, since when, and who would be next.

import { ago, count, time } from '../format.ts'
import { shortText } from '../parts/bytes.ts'
import { Filter } from '../parts/filter.ts'
import { Problem } from '../parts/problem.ts'
import { type Column, Pager, Table } from '../parts/table.ts'
import { go, href, route } from '../route.ts'
import { useSignal } from '../signal.ts'
import { useView } from '../use-view.ts'
import { html, type View } from '../view.ts'

interface Contender {
  readonly name: string
  readonly session: string
  readonly role: string
  readonly number: number
  readonly standing: 'holds' | 'next' | 'waits'
  readonly since: number | null
  readonly data: string | null
  readonly client: string | null
}

interface Line {
  readonly path: string
  readonly kind: string
  readonly recipe: string
  readonly holders: number
  readonly waiting: number
  readonly holder: Contender
}

interface One {
  readonly path: string
  readonly kind: string
  readonly recipe: string
  readonly total: number
  readonly rows: readonly Contender[]
}

const SIZE = 50
const EVERY_MS = 4000

export function Locks(): View {
  const { query } = useSignal(route)
  return query['path'] === undefined ? html`<${All} />` : html`<${Single} path=${query['path']} />`
}

function All(): View {
  const { query } = useSignal(route)
  const { filter = '' } = query
  const page = Number(query['page'] ?? 0)
  const { value, problem } = useView<{ total: number; isWhole: boolean; rows: Line[] }>(
    'locks',
    { filter, page, size: SIZE },
    EVERY_MS,
  )
  const columns: readonly Column<Line>[] = [
    {
      title: 'Path',
      isName: true,
      cell: ({ path }) => html`<a class="mono break" href=${href('locks', { path })}>${path}</a>`,
    },
    {
      title: 'Kind',
      cell: ({ kind, recipe }) =>
        html`${kindText(kind)}${recipe !== '' && html` <span class="chip">${recipe}</span>`}`,
    },
    {
      title: 'Held by',
      cell: ({ holder, holders }) =>
        html`${whoText(holder)}${holders > 1 && ` and ${count(holders - 1)} more`}`,
    },
    { title: 'Since', cell: ({ holder }) => sinceText(holder) },
    { title: 'Waiting', isNumber: true, cell: ({ waiting }) => count(waiting) },
  ]
  return html`
    <div class="head">
      <div><h1 tabindex="-1">Locks and elections</h1>
        <p>Recognised by the names of ephemeral nodes: recipes of Curator, kazoo, ZooKeeper, and the like.</p></div>
      <${Filter} label="Part of a path" value=${filter} onChange=${(text: string) => go('locks', { filter: text })} />
    </div>
    <${Problem} text=${problem} />
    ${
      value !== null &&
      html`<section class="panel" aria-label="Locks and elections">
      ${!value.isWhole && html`<p class="empty">There are more ephemeral nodes than the console looks at.</p>`}
      <${Table} label="Locks and elections" columns=${columns} rows=${value.rows} keyOf=${({ path }: Line) => path}
        empty="Nobody holds a lock or stands in an election." />
      <${Pager} page=${page} size=${SIZE} total=${value.total} what="locks and elections"
        to=${(next: number) => href('locks', { filter, page: next })} />
    </section>`
    }
  `
}

function Single({ path }: { path: string }): View {
  const { query } = useSignal(route)
  const page = Number(query['page'] ?? 0)
  const { value, problem } = useView<One>('lock', { path, page, size: SIZE }, EVERY_MS)
  const isReadWrite = value?.kind === 'read-write lock'
  const columns: readonly Column<Contender>[] = [
    {
      title: 'Standing',
      isName: true,
      cell: ({ standing }) => html`<span class=${`chip ${SIGNS[standing]}`}>${standing}</span>`,
    },
    ...(isReadWrite ? [{ title: 'Wants', cell: ({ role }: Contender) => role }] : []),
    { title: 'Who', cell: (row) => whoText(row) },
    {
      title: 'Client',
      cell: ({ client }) => html`<span class="nowrap">${client ?? 'elsewhere'}</span>`,
    },
    { title: 'Since', cell: (row) => sinceText(row) },
    {
      title: 'Node',
      cell: ({ name }) =>
        html`<a class="mono break" href=${href('tree', { path: `${path === '/' ? '' : path}/${name}` })}>${name}</a>`,
    },
  ]
  return html`
    <div class="head">
      <div><h1 tabindex="-1" class="break">${path}</h1>
        <p>${value === null ? '' : `${kindText(value.kind)}${value.recipe === '' ? '' : `, as ${value.recipe} makes them`}`}</p></div>
      <div class="row"><a class="button" href=${href('tree', { path })}>Show in the tree</a>
        <a class="button" href=${href('locks')}>All locks and elections</a></div>
    </div>
    <${Problem} text=${problem} />
    ${
      value !== null &&
      html`<section class="panel" aria-label="Who holds and who waits">
      <${Table} label="Who holds and who waits" columns=${columns} rows=${value.rows} keyOf=${({ name }: Contender) => name}
        empty="Nobody holds it, and nobody waits." />
      <${Pager} page=${page} size=${SIZE} total=${value.total} what="that hold or wait"
        to=${(next: number) => href('locks', { path, page: next })} />
    </section>`
    }
  `
}

const SIGNS = { holds: 'good', next: 'accent', waits: '' } as const

function kindText(kind: string): string {
  return kind === 'numbered' ? 'numbered nodes, perhaps a lock or an election' : kind
}

/** What the holder says of itself, or else its session. */
function whoText({ data, session }: Contender): View {
  const text = data === null ? '' : shortText(data)
  return html`${text !== '' && html`<b class="break">${text}</b> `}<a class="mono nowrap" href=${href('sessions', { session })}>${session}</a>`
}

function sinceText({ since }: Contender): View {
  if (since === null) return '–'
  return html`<span class="nowrap" title=${time(since)}>${ago(since)}</span>`
}
