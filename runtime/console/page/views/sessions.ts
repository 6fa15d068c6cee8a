// The sessions that are connected to the server that is shown; and one of them: what it holds, watches
// and waits for.

import type { SessionView as Session } from '../../holders/session-views.ts'
import { ago, count, span, time } from '../format.ts'
import { Choice } from '../parts/choice.ts'
import { Filter } from '../parts/filter.ts'
import { Problem } from '../parts/problem.ts'
import { type Column, Pager, Table } from '../parts/table.ts'
import { go, href, route } from '../route.ts'
import { useSignal } from '../signal.ts'
import { useView } from '../use-view.ts'
import { html, type View } from '../view.ts'

interface Paths {
  readonly total: number
  readonly paths: readonly string[]
  readonly isWhole: boolean
}

interface Details {
  readonly session: string
  readonly connection: Session | null
  readonly holds: Paths
  readonly watches: Paths
  readonly stands: readonly { path: string; kind: string; standing: string; before: number }[]
}

const SIZE = 50
const EVERY_MS = 5000
const ORDERS = [
  ['since', 'Oldest'],
  ['requests', 'Busiest'],
  ['latency', 'Slowest'],
  ['outstanding', 'Waiting'],
] as const
type Order = (typeof ORDERS)[number][0]

export function Sessions(): View {
  const { query } = useSignal(route)
  const { filter = '', order = 'since', session = '' } = query
  const page = Number(query['page'] ?? 0)
  const { value, problem } = useView<{ total: number; rows: Session[] }>(
    'sessions',
    { filter, order, page, size: SIZE },
    EVERY_MS,
  )
  const to = (change: object): string =>
    href('sessions', { filter, order, page, session, ...change })
  const columns: readonly Column<Session>[] = [
    {
      title: 'Session',
      isName: true,
      cell: (row) =>
        html`<a class="mono nowrap" href=${to({ session: row.session })}>${row.session}</a>`,
    },
    {
      title: 'Client',
      cell: (row) => html`<span class="nowrap">${row.client}${row.isSecure ? ', TLS' : ''}</span>`,
    },
    {
      title: 'Identity',
      cell: (row) => html`<span class="break">${row.identities.join(', ') || '–'}</span>`,
    },
    { title: 'Requests', isNumber: true, cell: (row) => count(row.requests) },
    { title: 'Under way', isNumber: true, cell: (row) => count(row.outstanding) },
    { title: 'Average', isNumber: true, cell: (row) => span(row.averageMs) },
    { title: 'Longest', isNumber: true, cell: (row) => span(row.maxMs) },
    { title: 'Last', cell: (row) => row.lastOperation },
    { title: 'Connected', cell: (row) => html`<span class="nowrap">${ago(row.since)}</span>` },
  ]
  return html`
    <div class="head">
      <div><h1 tabindex="-1">Sessions</h1><p>Those that are connected to the server that is shown.</p></div>
      <div class="row">
        <${Filter} label="Id, address or user" value=${filter}
          onChange=${(text: string) => go('sessions', { filter: text, order, session })} />
        <${Choice} label="Order" options=${ORDERS} value=${order as Order}
          onChoose=${(next: Order) => go('sessions', { filter, order: next, session })} />
      </div>
    </div>
    <${Problem} text=${problem} />
    ${session !== '' && html`<${One} key=${session} session=${session} close=${to({ session: '' })} />`}
    ${
      value !== null &&
      html`<section class="panel" aria-label="Sessions">
      <${Table} label="Sessions" columns=${columns} rows=${value.rows} keyOf=${(row: Session) => row.session}
        chosen=${session} empty="No session matches." />
      <${Pager} page=${page} size=${SIZE} total=${value.total} what="sessions"
        to=${(next: number) => to({ page: next })} />
    </section>`
    }
  `
}

function One({ session, close }: { session: string; close: string }): View {
  const { value, problem } = useView<Details>('session', { session }, EVERY_MS)
  return html`<section class="panel" aria-label=${`Session ${session}`}>
    <header><h2 class="mono">${session}</h2><a class="button" href=${close}>Close</a></header>
    <div class="body">
      <${Problem} text=${problem} />
      ${value !== null && details(value)}
    </div>
  </section>`
}

function details({ connection, stands, holds, watches }: Details): View {
  return html`
    ${
      connection === null
        ? html`<p class="note">It is not connected to the server that is shown.</p>`
        : html`<dl class="facts wide">
          <dt>Client</dt><dd>${connection.client}${connection.isSecure ? ', over TLS' : ''}</dd>
          <dt>Has proven</dt><dd>${connection.identities.join(', ') || 'nothing'}</dd>
          <dt>Connected</dt><dd>${time(connection.since)}</dd>
          <dt>Last reply</dt><dd>${connection.lastReply === null ? 'none yet' : ago(connection.lastReply)}</dd>
          <dt>Timeout</dt><dd>${span(connection.timeoutMs)}</dd>
          <dt>Last zxid</dt><dd>${connection.lastZxid}</dd>
        </dl>`
    }
    ${
      stands.length > 0 &&
      html`<div><h3>Locks and elections</h3><ul>
      ${stands.map(
        (
          one,
        ) => html`<li key=${`${one.path} ${one.before}`}><span class=${`chip ${one.standing === 'holds' ? 'good' : 'warn'}`}>${one.standing}</span>
          ${' '}<a class="mono break" href=${href('locks', { path: one.path })}>${one.path}</a>
          ${one.before > 0 && html`<span class="soft"> behind ${count(one.before)} others</span>`}</li>`,
      )}
    </ul></div>`
    }
    <div class="grid2">
      <${List} title="Holds (ephemeral nodes)" paths=${holds} />
      <${List} title="Watches" paths=${watches} />
    </div>`
}

function List({ title, paths: { total, paths, isWhole } }: { title: string; paths: Paths }): View {
  const rest = total - paths.length
  return html`<div>
    <h3>${title}: ${count(total)}${isWhole ? '' : ' at least'}</h3>
    <ul>${paths.map((path) => html`<li key=${path}><a class="mono break" href=${href('tree', { path })}>${path}</a></li>`)}</ul>
    ${rest > 0 && html`<p class="soft">and ${count(rest)} more</p>`}
  </div>`
}
