// One node: its data in three forms, its stat, its access list, and what can be done with it by who has
// signed in.

import type { NodeView as Node, StatView as Stat } from '../../tree/node-views.ts'
import { place, token } from '../api.ts'
import { ago, bytes, count, time } from '../format.ts'
import { bestForm, bytesOf, type Form, hexOf, jsonOf, textOf } from '../parts/bytes.ts'
import { Choice } from '../parts/choice.ts'
import { Problem } from '../parts/problem.ts'
import { go, href } from '../route.ts'
import { useSignal } from '../signal.ts'
import { useView } from '../use-view.ts'
import { html, useMemo, useState, type View } from '../view.ts'
import { CreateNode, DeleteNode, EditAcl, EditData } from './edit.ts'

type Change = 'create' | 'edit' | 'acl' | 'delete'

export function NodePanel({ path }: { path: string }): View {
  const [wantsAll, setAll] = useState(false)
  const { value, problem, again } = useView<Node>('node', { path, all: String(wantsAll) }, 0)
  const [change, setChange] = useState<Change | null>(null)
  const who = useSignal(token)
  const { origin } = useSignal(place)
  const mayTry = who !== null && origin === ''
  const done = (to: string | null): void => {
    setChange(null)
    if (to === null) again()
    else go('tree', { path: to })
  }
  return html`<section class="panel" aria-label="Node">
    <header>
      <h2>Node</h2>
      <div class="row">
        ${
          mayTry &&
          value !== null &&
          html`<button onClick=${() => setChange('create')}>New child</button>
          <button onClick=${() => setChange('edit')} disabled=${!value.isWhole || value.dataProblem !== null}>Edit data</button>
          <button onClick=${() => setChange('acl')} disabled=${value.acl === null}>Edit access</button>
          <button onClick=${() => setChange('delete')} disabled=${path === '/'}>Delete</button>`
        }
        <button onClick=${again}>Reload</button>
      </div>
    </header>
    <div class="body">
      <${Problem} text=${problem} />
      ${value === null && problem === null && html`<p class="empty">Asking …</p>`}
      ${
        value !== null &&
        html`<${Data} node=${value} onAll=${() => setAll(true)} />
        <${StatTable} stat=${value.stat} />
        <${AclTable} node=${value} />`
      }
    </div>
    ${value !== null && change === 'create' && html`<${CreateNode} node=${value} onDone=${done} />`}
    ${value !== null && change === 'edit' && html`<${EditData} node=${value} onDone=${done} onAgain=${again} />`}
    ${value !== null && change === 'acl' && html`<${EditAcl} node=${value} onDone=${done} />`}
    ${value !== null && change === 'delete' && html`<${DeleteNode} node=${value} onDone=${done} />`}
  </section>`
}

const FORMS = [
  ['text', 'Text'],
  ['json', 'JSON'],
  ['hex', 'Hex'],
] as const

function Data({ node, onAll }: { node: Node; onAll: () => void }): View {
  const { data, stat, isWhole, dataProblem } = node
  const [chosen, setChosen] = useState<Form | null>(null)
  const read = useMemo(() => bytesOf(data ?? ''), [data])
  if (dataProblem !== null) return html`<p class="note warn">${dataProblem}</p>`
  if (data === null) return html`<p class="soft">Its data is null.</p>`
  if (read.length === 0) return html`<p class="soft">Its data is empty.</p>`
  const form = chosen ?? bestForm(read)
  return html`<div class="row">
      <${Choice} label="Form of the data" options=${FORMS} value=${form} onChoose=${setChosen} />
      <span class="soft">${bytes(stat.dataLength)}${isWhole ? '' : `, of which ${bytes(read.length)} are shown`}</span>
      ${!isWhole && html`<button onClick=${onAll}>Show all</button>`}
    </div>
    ${shown(read, form)}`
}

function shown(read: Uint8Array, form: Form): View {
  if (form === 'hex')
    return html`<pre class="data hex" tabindex="0" aria-label="Data">${hexOf(read)}</pre>`
  const text = textOf(read)
  const found = form === 'json' ? jsonOf(text) : text
  if (found === null) {
    return html`<p class="note">The data is no ${form === 'json' ? 'JSON' : 'text'}. Look at it as hexadecimal.</p>`
  }
  return html`<pre class="data" tabindex="0" aria-label="Data">${found}</pre>`
}

function StatTable({ stat }: { stat: Stat }): View {
  const { owner } = stat
  const who: View =
    owner === null
      ? 'ordinary'
      : owner.startsWith('0x')
        ? html`ephemeral, of <a class="mono" href=${href('sessions', { session: owner })}>${owner}</a>`
        : owner
  return html`<div><h3>Stat</h3>
    <dl class="facts wide">
      <dt>Kind</dt><dd>${who}</dd>
      <dt>Created</dt><dd>${moment(stat.ctime)} <span class="soft mono">czxid ${stat.czxid}</span></dd>
      <dt>Data changed</dt><dd>${moment(stat.mtime)} <span class="soft mono">mzxid ${stat.mzxid}</span></dd>
      <dt>Children changed</dt><dd><span class="soft mono">pzxid ${stat.pzxid}</span></dd>
      <dt>Versions</dt><dd>data ${count(stat.version)}, children ${count(stat.cversion)}, access ${count(stat.aversion)}</dd>
      <dt>Children</dt><dd>${count(stat.numChildren)}</dd>
    </dl></div>`
}

function moment(ms: number): string {
  return ms === 0 ? 'at the beginning' : `${time(ms)} (${ago(ms)})`
}

const WORDS: Readonly<Record<string, string>> = {
  r: 'read',
  w: 'write',
  c: 'create',
  d: 'delete',
  a: 'administer',
}

export function permsText(perms: string): string {
  return [...perms].map((letter) => WORDS[letter] ?? letter).join(', ')
}

function AclTable({ node: { acl, aclProblem } }: { node: Node }): View {
  return html`<div><h3>Access list</h3>
    ${aclProblem !== null && html`<p class="note warn">${aclProblem}</p>`}
    ${
      acl !== null &&
      html`<dl class="facts wide">
      ${acl.map(({ scheme, id, perms }) => html`<dt class="break">${scheme}:${id}</dt><dd>${permsText(perms)}</dd>`)}
    </dl>`
    }</div>`
}
