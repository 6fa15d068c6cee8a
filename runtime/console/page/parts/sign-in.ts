// Signs in with an identity that access lists know.

import { post, token } from '../api.ts'
import type { InputEvent } from '../browser.ts'
import { html, useState, type View } from '../view.ts'
import { Dialog } from './dialog.ts'

export function SignIn({ onClose }: { onClose: () => void }): View {
  const [scheme, setScheme] = useState('digest')
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: InputEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setProblem('')
    try {
      token.set((await post<{ token: string }>('sign-in', { scheme, user, password })).token)
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      setBusy(false)
    }
  }
  const into = (set: (text: string) => void) => (event: InputEvent) =>
    set(event.currentTarget.value)
  return html`<${Dialog} title="Sign in" onClose=${onClose}>
    <form onSubmit=${submit}>
      <p class="soft">As an identity that access lists know. What you may do is up to them. With the scheme
        digest any password makes an identity: a wrong one is just somebody else.</p>
      <div class="field"><label for="scheme">Scheme</label>
        <select id="scheme" value=${scheme} onChange=${into(setScheme)}>
          <option value="digest">digest</option><option value="sasl">sasl (DIGEST-MD5)</option>
          <option value="x509">x509 (this browser’s certificate)</option>
        </select></div>
      ${
        scheme !== 'x509' &&
        html`<div class="field"><label for="user">User</label>
        <input id="user" autocomplete="username" required value=${user} onInput=${into(setUser)} /></div>
      <div class="field"><label for="password">Password</label>
        <input id="password" type="password" autocomplete="current-password" required value=${password}
          onInput=${into(setPassword)} /></div>`
      }
      ${problem !== '' && html`<p class="note bad" role="alert">${problem}</p>`}
      <div class="row end">
        <button type="button" onClick=${onClose}>Cancel</button>
        <button class="main" type="submit" disabled=${isBusy}>Sign in</button>
      </div>
    </form>
  <//>`
}
