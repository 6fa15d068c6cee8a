// Why a view shows nothing, or nothing newer.

import { html, type View } from '../view.ts'

export function Problem({ text }: { text: string | null }): View {
  return text === null ? null : html`<p class="note warn" role="alert">${text}</p>`
}
