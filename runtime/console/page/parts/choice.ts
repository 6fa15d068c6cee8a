// One of a few, as buttons side by side.

import { html, type View } from '../view.ts'

export function Choice<Name extends string>({
  label,
  options,
  value,
  onChoose,
}: {
  label: string
  options: readonly (readonly [name: Name, title: string])[]
  value: Name
  onChoose: (name: Name) => void
}): View {
  return html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(
      ([
        name,
        title,
      ]) => html`<button key=${name} type="button" aria-pressed=${name === value ? 'true' : 'false'}
        onClick=${() => onChoose(name)}>${title}</button>`,
    )}
  </div>`
}
