// What the server that is shown is busy with.

import { bytes, count, rate, span } from '../format.ts'
import { Problem } from '../parts/problem.ts'
import { type Column, Table } from '../parts/table.ts'
import { href } from '../route.ts'
import { useView } from '../use-view.ts'
import { html, type View } from '../view.ts'

interface Path {
  readonly path: string
  readonly reads_per_second: number
  readonly writes_per_second: number
  readonly bytes_per_second: number
}

interface Session {
  readonly session_id: string
  readonly client: string
  readonly requests: number
  readonly outstanding: number
  readonly avg_latency: number
  readonly max_latency: number
}

interface Holder {
  readonly name: string
  readonly count: number
}

interface Report {
  readonly paths: readonly Path[]
  readonly prefixes: readonly Path[]
  readonly busiest_sessions: readonly Session[]
  readonly slowest_sessions: readonly Session[]
  readonly watched_paths: readonly Holder[]
  readonly watching_sessions: readonly Holder[]
  readonly ephemeral_sessions: readonly Holder[]
}

const ROWS = 12
const EVERY_MS = 3000

export function Top(): View {
  const { value, problem } = useView<Report>('top', { rows: ROWS }, EVERY_MS)
  return html`
    <div class="head"><div><h1 tabindex="-1">Top</h1>
      <p>What the server that is shown is busy with, from a sample of the last minute’s requests.</p></div></div>
    <${Problem} text=${problem} />
    ${
      value !== null &&
      html`<div class="grid2">
      <${Panel} title="Busiest prefixes" columns=${PATHS} rows=${value.prefixes} keyOf=${({ path }: Path) => path} />
      <${Panel} title="Busiest paths" columns=${PATHS} rows=${value.paths} keyOf=${({ path }: Path) => path} />
      <${Panel} title="Busiest sessions" columns=${SESSIONS} rows=${value.busiest_sessions} keyOf=${idOf} />
      <${Panel} title="Slowest sessions" columns=${SESSIONS} rows=${value.slowest_sessions} keyOf=${idOf} />
      <${Panel} title="Most watched" columns=${nodes('Watches')} rows=${value.watched_paths} keyOf=${nameOf} />
      <${Panel} title="Sessions that watch most" columns=${owners('Watches')} rows=${value.watching_sessions} keyOf=${nameOf} />
      <${Panel} title="Sessions with most ephemeral nodes" columns=${owners('Nodes')} rows=${value.ephemeral_sessions} keyOf=${nameOf} />
    </div>`
    }
  `
}

function Panel<Row>(props: {
  title: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
}): View {
  const { title, columns, rows, keyOf } = props
  return html`<section class="panel" aria-label=${title}>
    <header><h2>${title}</h2></header>
    <${Table} label=${title} columns=${columns} rows=${rows} keyOf=${keyOf} empty="None." />
  </section>`
}

const PATHS: readonly Column<Path>[] = [
  { title: 'Path', isName: true, cell: ({ path }) => pathLink(path) },
  { title: 'Reads/s', isNumber: true, cell: (row) => rate(row.reads_per_second) },
  { title: 'Writes/s', isNumber: true, cell: (row) => rate(row.writes_per_second) },
  { title: 'Bytes/s', isNumber: true, cell: (row) => bytes(row.bytes_per_second) },
]

const SESSIONS: readonly Column<Session>[] = [
  { title: 'Session', isName: true, cell: ({ session_id }) => sessionLink(session_id) },
  { title: 'Client', cell: ({ client }) => html`<span class="nowrap">${client}</span>` },
  { title: 'Requests', isNumber: true, cell: ({ requests }) => count(requests) },
  { title: 'Average', isNumber: true, cell: (row) => span(row.avg_latency) },
  { title: 'Longest', isNumber: true, cell: (row) => span(row.max_latency) },
]

function nodes(what: string): readonly Column<Holder>[] {
  return [
    { title: 'Path', isName: true, cell: ({ name }) => pathLink(name) },
    { title: what, isNumber: true, cell: ({ count: number }) => count(number) },
  ]
}

function owners(what: string): readonly Column<Holder>[] {
  return [
    { title: 'Session', isName: true, cell: ({ name }) => sessionLink(name) },
    { title: what, isNumber: true, cell: ({ count: number }) => count(number) },
  ]
}

function pathLink(path: string): View {
  return html`<a class="mono break" href=${href('tree', { path })}>${path}</a>`
}

function sessionLink(session: string): View {
  return html`<a class="mono nowrap" href=${href('sessions', { session })}>${session}</a>`
}

function idOf({ session_id }: Session): string {
  return session_id
}

function nameOf({ name }: Holder): string {
  return name
}
