// The tree: a node with its data, stat and access list, beside a page of its children; and a search
// below it.

import type { StatView as Stat } from '../../tree/node-views.ts'
import { get } from '../api.ts'
import type { InputEvent } from '../browser.ts'
import { ago, bytes, count } from '../format.ts'
import { Filter } from '../parts/filter.ts'
import { Problem } from '../parts/problem.ts'
import { type Column, Pager, Table } from '../parts/table.ts'
import { go, href, route } from '../route.ts'
import { useSignal } from '../signal.ts'
import { useView } from '../use-view.ts'
import { html, useState, type View } from '../view.ts'
import { NodePanel } from './node.ts'

interface Child {
  readonly name: string
  readonly stat: Stat | null
}

interface Children {
  readonly total: number
  readonly isWhole: boolean
  readonly stat: Stat
  readonly rows: readonly Child[]
}

const SIZE = 100

export function Tree(): View {
  const { query } = useSignal(route)
  const { path = '/' } = query
  return html`
    <div class="head">
      <div><h1 tabindex="-1">Tree</h1><${Crumbs} path=${path} /></div>
      <${GoTo} path=${path} />
    </div>
    <${Search} key=${path} path=${path} />
    <div class="split">
      <${ChildList} path=${path} />
      <${NodePanel} key=${path} path=${path} />
    </div>
  `
}

export function below(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`
}

function Crumbs({ path }: { path: string }): View {
  const names = path === '/' ? [] : path.slice(1).split('/')
  return html`<nav class="crumbs" aria-label="Path"><ol>
    <li><a href=${href('tree')}>root</a></li>
    ${names.map((name, i) => {
      const target = `/${names.slice(0, i + 1).join('/')}`
      return html`<li key=${target}>${
        i === names.length - 1
          ? html`<b aria-current="location">${name}</b>`
          : html`<a href=${href('tree', { path: target })}>${name}</a>`
      }</li>`
    })}
  </ol></nav>`
}

function GoTo({ path }: { path: string }): View {
  const [text, setText] = useState(path)
  const submit = (event: InputEvent): void => {
    event.preventDefault()
    if (text.startsWith('/'))
      go('tree', { path: text.length > 1 ? text.replace(/\/+$/, '') : text })
  }
  return html`<form class="row" onSubmit=${submit}>
    <label for="goto">Go to</label>
    <input id="goto" class="mono" value=${text} onInput=${(event: InputEvent) => setText(event.currentTarget.value)} />
    <button type="submit">Go</button>
  </form>`
}

function ChildList({ path }: { path: string }): View {
  const { query } = useSignal(route)
  const { filter = '' } = query
  const page = Number(query['page'] ?? 0)
  const { value, problem, again } = useView<Children>(
    'children',
    { path, filter, page, size: SIZE },
    0,
  )
  const columns: readonly Column<Child>[] = [
    {
      title: 'Name',
      isName: true,
      cell: ({ name }) =>
        html`<a class="mono break" href=${href('tree', { path: below(path, name) })}>${name}</a>`,
    },
    {
      title: 'Children',
      isNumber: true,
      cell: ({ stat }) => (stat === null ? '–' : count(stat.numChildren)),
    },
    {
      title: 'Data',
      isNumber: true,
      cell: ({ stat }) => (stat === null ? '–' : bytes(stat.dataLength)),
    },
    {
      title: 'Changed',
      cell: ({ stat }) =>
        stat === null ? '–' : html`<span class="nowrap">${changed(stat)}</span>`,
    },
  ]
  return html`<section class="panel" aria-label="Children">
    <header>
      <h2>Children</h2>
      <div class="row">
        <${Filter} key=${path} label="Part of a name" value=${filter}
          onChange=${(text: string) => go('tree', { path, filter: text })} />
        <button onClick=${again}>Reload</button>
      </div>
    </header>
    ${problem !== null && html`<div class="body"><${Problem} text=${problem} /></div>`}
    ${value === null && problem === null && html`<p class="empty">Asking …</p>`}
    ${
      value !== null &&
      html`${!value.isWhole && html`<p class="empty">The node has more children than the console lists.</p>`}
      <${Table} label="Children" columns=${columns} rows=${value.rows} keyOf=${({ name }: Child) => name}
        empty=${filter === '' ? 'It has no children.' : 'No child matches.'} />
      <${Pager} page=${page} size=${SIZE} total=${value.total} what="children"
        to=${(next: number) => href('tree', { path, filter, page: next })} />`
    }
  </section>`
}

function changed({ mtime, owner }: Stat): View {
  const when = mtime === 0 ? 'never' : ago(mtime)
  if (owner === null) return when
  return html`${when} <span class="chip accent">${owner.startsWith('0x') ? 'ephemeral' : owner}</span>`
}

interface Found {
  readonly found: readonly string[]
  readonly looked: number
  readonly more: string | null
}

function Search({ path }: { path: string }): View {
  const [text, setText] = useState('')
  const [state, setState] = useState<(Found & { isBusy: boolean; problem: string | null }) | null>(
    null,
  )
  const run = async (more: string | null): Promise<void> => {
    const before = more === null ? [] : (state?.found ?? [])
    setState({ found: before, looked: state?.looked ?? 0, more: null, isBusy: true, problem: null })
    try {
      const next = await get<Found>('search', { path, text, ...(more === null ? {} : { more }) })
      const found = [...before, ...next.found].sort()
      setState({ ...next, found, isBusy: false, problem: null })
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      setState({ found: before, looked: 0, more: null, isBusy: false, problem })
    }
  }
  const submit = (event: InputEvent): void => {
    event.preventDefault()
    void run(null)
  }
  return html`<section class="panel" aria-label="Search">
    <div class="body">
      <form class="row" role="search" onSubmit=${submit}>
        <label for="search">Search names below <code class="break">${path}</code></label>
        <input id="search" type="search" class="grow" required value=${text}
          onInput=${(event: InputEvent) => setText(event.currentTarget.value)} />
        <button type="submit" disabled=${state?.isBusy === true}>Search</button>
      </form>
      <${Problem} text=${state?.problem ?? null} />
      <div role="status">
        ${
          state !== null &&
          state.problem === null &&
          html`<p class="soft">${state.isBusy ? 'Searching …' : `${count(state.found.length)} found among ${count(state.looked)} nodes.`}</p>`
        }
      </div>
    </div>
    ${
      state !== null &&
      state.found.length > 0 &&
      html`<ul class="results" tabindex="0" aria-label="Found">
      ${state.found.map((one) => html`<li key=${one}><a href=${href('tree', { path: one })}>${one}</a></li>`)}
    </ul>`
    }
    ${
      state !== null &&
      state.more !== null &&
      html`<div class="pager"><span>There are more nodes below.</span>
      <span><button onClick=${() => run(state.more)}>Search on</button></span></div>`
    }
  </section>`
}
