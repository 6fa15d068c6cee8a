// A field that narrows a list down. The list follows a moment after the last letter.

import type { InputEvent } from '../browser.ts'
import { html, useEffect, useId, useState, type View } from '../view.ts'

const PAUSE_MS = 250

export function Filter({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (text: string) => void
}): View {
  const id = useId()
  const [text, setText] = useState(value)
  useEffect(() => {
    if (text === value) return undefined
    const timer = setTimeout(() => onChange(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return html`<span class="row">
    <label for=${id} class="hidden-visually">${label}</label>
    <input id=${id} type="search" placeholder=${label} value=${text}
      onInput=${(event: InputEvent) => setText(event.currentTarget.value)} />
  </span>`
}
