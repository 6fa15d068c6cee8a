// Changes to a node. Each shows first what it will do; the server then checks that the node is still as
// it was shown.

import type { AclView as AclEntry, NodeView as Node } from '../../tree/node-views.ts'
import { post } from '../api.ts'
import type { InputEvent } from '../browser.ts'
import { bytes, count } from '../format.ts'
import { base64Of, bytesOf, hexOf, textOf } from '../parts/bytes.ts'
import { Dialog } from '../parts/dialog.ts'
import { diffOf } from '../parts/diff.ts'
import { Problem } from '../parts/problem.ts'
import { html, useState, type View } from '../view.ts'

/** Null: show the node again; else the path to show. */
type Done = (to: string | null) => void

/** What is being done: its problem, and whether it is under way. */
function useWork(): {
  isBusy: boolean
  problem: string | null
  run: (work: () => Promise<void>) => void
} {
  const [state, setState] = useState<{ isBusy: boolean; problem: string | null }>({
    isBusy: false,
    problem: null,
  })
  const run = async (work: () => Promise<void>): Promise<void> => {
    setState({ isBusy: true, problem: null })
    try {
      await work()
    } catch (error) {
      setState({ isBusy: false, problem: error instanceof Error ? error.message : String(error) })
    }
  }
  return { ...state, run: (work) => void run(work) }
}

function Diff({ before, after }: { before: string; after: string }): View {
  const changes = diffOf(before, after)
  if (before === after) return html`<p class="note">Nothing changes.</p>`
  return html`<div class="diff" role="group" tabindex="0" aria-label="What changes">
    ${changes.map(
      ({ kind, line }, i) => html`<div key=${i} class=${kind}>
        <span aria-hidden="true">${kind === 'added' ? '+ ' : kind === 'removed' ? '− ' : '  '}</span>
        ${kind !== 'same' && html`<span class="hidden-visually">${kind}: </span>`}${line}</div>`,
    )}
  </div>`
}

const HEX = /^(?:[0-9a-f]{2})*$/i

/** The bytes of what was written; null if it is no hexadecimal. */
function written(text: string, isHex: boolean): Uint8Array | null {
  if (!isHex) return new TextEncoder().encode(text)
  const digits = text.replace(/\s+/g, '')
  if (!HEX.test(digits)) return null
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function plainHex(data: Uint8Array): string {
  const pairs = [...data].map((byte) => byte.toString(16).padStart(2, '0'))
  return pairs.join(' ').replace(/((?:.. ){15}..) /g, '$1\n')
}

export function EditData({
  node,
  onDone,
  onAgain,
}: {
  node: Node
  onDone: Done
  onAgain: () => void
}): View {
  const old = bytesOf(node.data ?? '')
  const oldText = textOf(old)
  const isHex = oldText === null
  const [text, setText] = useState(oldText ?? plainHex(old))
  const [isShown, setShown] = useState(false)
  const { isBusy, problem, run } = useWork()
  const next = written(text, isHex)
  const save = (): void =>
    run(async () => {
      const { version } = node.stat
      await post('set', { path: node.path, data: base64Of(next ?? old), version })
      onDone(null)
    })
  const close = (): void => onDone(null)
  if (!isShown) {
    return html`<${Dialog} title=${`Edit ${node.path}`} onClose=${close}>
      <div class="field"><label for="data">${isHex ? 'Data, in hexadecimal' : 'Data'}</label>
        <textarea id="data" spellcheck=${false} value=${text}
          onInput=${(event: InputEvent) => setText(event.currentTarget.value)}></textarea></div>
      ${next === null && html`<p class="note bad">This is no hexadecimal.</p>`}
      <div class="row end"><button onClick=${close}>Cancel</button>
        <button class="main" disabled=${next === null} onClick=${() => setShown(true)}>Show the change</button></div>
    <//>`
  }
  const [before, after] = isHex ? [hexOf(old), hexOf(next ?? old)] : [oldText, text]
  return html`<${Dialog} title=${`Change ${node.path}`} onClose=${close}>
    <${Diff} before=${before} after=${after} />
    <p class="soft">Version ${count(node.stat.version)} becomes version ${count(node.stat.version + 1)}, and
      ${bytes(old.length)} of data become ${bytes((next ?? old).length)}. If somebody has changed the node
      meanwhile, nothing is written.</p>
    <${Problem} text=${problem} />
    <div class="row end">
      ${problem !== null && html`<button onClick=${onAgain}>Read it again</button>`}
      <button onClick=${() => setShown(false)}>Back</button>
      <button class="main" disabled=${isBusy || before === after} onClick=${save}>Write</button></div>
  <//>`
}

const MODES = [
  ['persistent', 'ordinary'],
  ['sequential', 'with a number behind its name'],
  ['container', 'a container, which goes once its children have'],
] as const

export function CreateNode({ node, onDone }: { node: Node; onDone: Done }): View {
  const [name, setName] = useState('')
  const [text, setText] = useState('')
  const [mode, setMode] = useState('persistent')
  const [isShown, setShown] = useState(false)
  const { isBusy, problem, run } = useWork()
  const path = `${node.path === '/' ? '' : node.path}/${name}`
  const into = (set: (text: string) => void) => (event: InputEvent) =>
    set(event.currentTarget.value)
  const save = (): void =>
    run(async () => {
      const data = base64Of(new TextEncoder().encode(text))
      onDone((await post<{ path: string }>('create', { path, data, mode })).path)
    })
  const next = (event: InputEvent): void => {
    event.preventDefault()
    setShown(true)
  }
  const close = (): void => onDone(null)
  if (!isShown) {
    return html`<${Dialog} title=${`New child of ${node.path}`} onClose=${close}>
      <form onSubmit=${next}>
        <div class="field"><label for="name">Name</label>
          <input id="name" class="mono" required value=${name} onInput=${into(setName)} /></div>
        <div class="field"><label for="mode">Kind</label>
          <select id="mode" value=${mode} onChange=${into(setMode)}>
            ${MODES.map(([key, title]) => html`<option key=${key} value=${key}>${title}</option>`)}
          </select></div>
        <div class="field"><label for="data">Data</label>
          <textarea id="data" spellcheck=${false} value=${text} onInput=${into(setText)}></textarea></div>
        <div class="row end"><button type="button" onClick=${close}>Cancel</button>
          <button class="main" type="submit">Show the change</button></div>
      </form>
    <//>`
  }
  return html`<${Dialog} title=${`Create ${path}`} onClose=${close}>
    <${Diff} before="" after=${text} />
    <p class="soft">A node that is ${MODES.find(([key]) => key === mode)?.[1]}, open to everybody. Its access
      list can be changed afterwards.</p>
    <${Problem} text=${problem} />
    <div class="row end"><button onClick=${() => setShown(false)}>Back</button>
      <button class="main" disabled=${isBusy} onClick=${save}>Create</button></div>
  <//>`
}

export function DeleteNode({ node, onDone }: { node: Node; onDone: Done }): View {
  const { isBusy, problem, run } = useWork()
  const data = bytesOf(node.data ?? '')
  const save = (): void =>
    run(async () => {
      await post('delete', { path: node.path, version: node.stat.version })
      onDone(node.path.slice(0, node.path.lastIndexOf('/')) || '/')
    })
  const { numChildren, version } = node.stat
  return html`<${Dialog} title=${`Delete ${node.path}`} onClose=${() => onDone(null)}>
    <${Diff} before=${textOf(data) ?? hexOf(data)} after="" />
    <p>Version ${count(version)} is deleted, with ${bytes(node.stat.dataLength)} of data. If somebody has
      changed it meanwhile, nothing is deleted.</p>
    ${numChildren > 0 && html`<p class="note warn">It has ${count(numChildren)} children, so it cannot be deleted.</p>`}
    <${Problem} text=${problem} />
    <div class="row end"><button onClick=${() => onDone(null)}>Cancel</button>
      <button class="danger" disabled=${isBusy || numChildren > 0} onClick=${save}>Delete</button></div>
  <//>`
}

function aclText(acl: readonly AclEntry[]): string {
  return acl.map(({ scheme, id, perms }) => `${scheme}:${id}:${perms}`).join('\n')
}

/** Null if a line is not `scheme:id:perms`. */
function aclOf(text: string): AclEntry[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const entries = lines.map((line) => /^([^:]+):(.*):([cdrwa]+)$/.exec(line.trim()))
  if (entries.length === 0 || entries.some((entry) => entry === null)) return null
  return entries.map((entry) => ({
    scheme: entry?.[1] ?? '',
    id: entry?.[2] ?? '',
    perms: entry?.[3] ?? '',
  }))
}

export function EditAcl({ node, onDone }: { node: Node; onDone: Done }): View {
  const before = aclText(node.acl ?? [])
  const [text, setText] = useState(before)
  const { isBusy, problem, run } = useWork()
  const acl = aclOf(text)
  const save = (): void =>
    run(async () => {
      await post('acl', { path: node.path, acl, version: node.stat.aversion })
      onDone(null)
    })
  return html`<${Dialog} title=${`Access to ${node.path}`} onClose=${() => onDone(null)}>
    <div class="field"><label for="acl">One entry a line: scheme:id:letters of cdrwa</label>
      <textarea id="acl" spellcheck=${false} value=${text}
        onInput=${(event: InputEvent) => setText(event.currentTarget.value)}></textarea></div>
    ${acl === null ? html`<p class="note bad">A line is no such entry.</p>` : html`<${Diff} before=${before} after=${aclText(acl)} />`}
    <${Problem} text=${problem} />
    <div class="row end"><button onClick=${() => onDone(null)}>Cancel</button>
      <button class="main" disabled=${isBusy || acl === null || aclText(acl) === before} onClick=${save}>Write</button></div>
  <//>`
}
