// What is around every view: where one can go, which member is shown, who is signed in, and what to say
// when a server does not answer.

import { consoleUrl, goTo, lost, type Place, place, places, post, silent, token } from './api.ts'
import { browser } from './browser.ts'
import { clock } from './format.ts'
import { icon } from './parts/icons.ts'
import { SignIn } from './parts/sign-in.ts'
import { watched } from './pulse.ts'
import { href, route } from './route.ts'
import { useSignal } from './signal.ts'
import { type Theme, theme } from './theme.ts'
import { useView } from './use-view.ts'
import { html, useEffect, useRef, useState, type View } from './view.ts'
import { Configuration } from './views/configuration.ts'
import { Ensemble } from './views/ensemble.ts'
import { Locks } from './views/locks.ts'
import { Sessions } from './views/sessions.ts'
import { Stories } from './views/stories.ts'
import { Top } from './views/top.ts'
import { Tree } from './views/tree.ts'
import { Warnings } from './views/warnings.ts'

interface Entry {
  readonly title: string
  readonly show: () => View
}

const VIEWS: Readonly<Record<string, Entry>> = {
  ensemble: { title: 'Ensemble', show: Ensemble },
  tree: { title: 'Tree', show: Tree },
  sessions: { title: 'Sessions', show: Sessions },
  locks: { title: 'Locks', show: Locks },
  stories: { title: 'Stories', show: Stories },
  top: { title: 'Top', show: Top },
  configuration: { title: 'Configuration', show: Configuration },
  warnings: { title: 'Warnings', show: Warnings },
}

export function Frame(): View {
  const { view } = useSignal(route)
  const name = Object.hasOwn(VIEWS, view) ? view : 'ensemble'
  const { title, show } = VIEWS[name]!
  const first = useRef(true)
  useEffect(() => {
    browser.document.title = `${title} – Ringkeeper`
    // A screen reader is told where it is now; not when the page has just been opened.
    if (!first.current) browser.document.querySelector('h1')?.focus()
    first.current = false
    return undefined
  }, [title])
  return html`
    <div class="shell">
      <header class="side">
        <button class="skip" onClick=${skip}>To the content</button>
        <div class="brand"><img src="icon.svg" alt="" /><span>Ringkeeper</span></div>
        <nav aria-label="Views">
          <ul>
            ${Object.entries(VIEWS).map(
              ([key, entry]) => html`<li key=${key}>
                <a href=${href(key)} aria-current=${key === name ? 'page' : undefined}>
                  ${icon(key)}<span>${entry.title}</span>
                </a>
              </li>`,
            )}
          </ul>
        </nav>
        <div class="foot"><${Shown} /><${Who} /><${ThemeChoice} /></div>
      </header>
      <main class="view">
        <div class="banners" role="status" aria-live="polite"><${Banners} /></div>
        <${show} key=${name} />
      </main>
    </div>
  `
}

function skip(): void {
  browser.document.querySelector('h1')?.focus()
}

function nameOf({ id }: Place): string {
  return id === 0 ? 'this server' : `server ${id}`
}

/** Which member is shown. */
function Shown(): View {
  const shown = useSignal(place)
  const all = useSignal(watched)
  if (places().length < 2) return null
  const choose = (event: { currentTarget: { value: string } }): void => {
    const next = places().find(({ origin }) => origin === event.currentTarget.value)
    if (next !== undefined) goTo(next)
  }
  return html`<div class="field">
    <label for="shown">Shown is</label>
    <select id="shown" value=${shown.origin} onChange=${choose}>
      ${places().map((one) => {
        const isSilent = all.some(
          (known) => known.place.origin === one.origin && known.silentMs !== null,
        )
        const words = `server ${one.id}${one.origin === '' ? ' (here)' : ''}`
        return html`<option key=${one.origin} value=${one.origin} selected=${one.origin === shown.origin}>
          ${words}${isSilent ? ', silent' : ''}
        </option>`
      })}
    </select>
  </div>`
}

interface Me {
  readonly login: { readonly scheme: string; readonly user: string } | null
}

function Who(): View {
  const known = useSignal(token)
  const shown = useSignal(place)
  const [isOpen, setOpen] = useState(false)
  const me = useView<Me>('me', {}, 0)
  if (shown.origin !== '') {
    return html`<p class="soft">To change anything,
      open <a href=${consoleUrl(shown)}>${nameOf(shown)}’s own console</a>.</p>`
  }
  if (known === null || me.value?.login === null) {
    return html`<p>
      <button onClick=${() => setOpen(true)}>Sign in</button>
      ${isOpen && html`<${SignIn} onClose=${() => setOpen(false)} />`}
    </p>`
  }
  const signOut = async (): Promise<void> => {
    await post('sign-out', {}).catch(() => undefined)
    token.set(null)
  }
  return html`<p>
    Signed in as <b class="break">${me.value?.login.user ?? '…'}</b><br />
    <button onClick=${signOut}>Sign out</button>
  </p>`
}

const THEMES: readonly Theme[] = ['system', 'light', 'dark']

function ThemeChoice(): View {
  const now = useSignal(theme)
  return html`<div class="field">
    <label for="theme">Theme</label>
    <select id="theme" onChange=${(event: { currentTarget: { value: string } }) =>
      theme.set(THEMES.find((one) => one === event.currentTarget.value) ?? 'system')}>
      ${THEMES.map((one) => html`<option key=${one} value=${one} selected=${one === now}>${one}</option>`)}
    </select>
  </div>`
}

function Banners(): View {
  const gone = useSignal(lost)
  const shown = useSignal(place)
  const nobody = useSignal(silent)
  const all = useSignal(watched)
  if (nobody !== null) {
    return html`<div class="note bad banner" id="silence">
      <span><b>Nobody answers</b> since ${clock(nobody)}. What you see is from before. The page goes on
      asking.</span>
    </div>`
  }
  if (gone === null) return null
  const isBack = all.some((one) => one.place.origin === gone.place.origin && one.silentMs === null)
  return html`<div class="note warn banner" id="moved">
    <span>
      <b>${nameOf(gone.place)} does not answer</b> since ${clock(gone.sinceMs)}. The page goes on with
      ${' '}${nameOf(shown)}${shown.origin === '' ? '' : `, at ${shown.origin}`}.
      ${isBack && ` ${nameOf(gone.place)} answers again.`}
    </span>
    ${isBack && html`<button onClick=${() => goTo(gone.place)}>Back to ${nameOf(gone.place)}</button>`}
  </div>`
}
