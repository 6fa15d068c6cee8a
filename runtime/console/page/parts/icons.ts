// Small drawings beside the views' names. They say nothing that the names do not.

import { html, type View } from '../view.ts'

const PATHS: Readonly<Record<string, string>> = {
  ensemble:
    'M12 3.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5ZM5.5 15a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Zm13 0a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5ZM10.8 8.3l-4 6.8m6.4-6.8 4 6.8M8 17.5h8',
  tree: 'M4 5h6v4H4zM14 10h6v4h-6zM14 17h6v4h-6zM7 9v10h7M7 12h7',
  sessions:
    'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.700 1.900 7.500 5.500',
  locks: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 14.500v2.500',
  stories: 'M4 6h16M4 12h10M4 18h13M18 10l3 2-3 2',
  top: 'M5 20v-7M10 20V6M15 20v-10M20 20V3',
  configuration: 'M4 7h9M17 7h3M4 17h3M11 17h9M13 5v4M7 15v4',
  warnings: 'M12 4 3 20h18L12 4ZM12 10v5M12 17.300v.2',
}

export function icon(name: string): View {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor"
    stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d=${PATHS[name]} /></svg>`
}
