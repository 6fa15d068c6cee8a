// Where in the console one is: `#view?name=value`. So every place has an address, and the browser's
// buttons go back and forth.

import { browser } from './browser.ts'
import { Signal } from './signal.ts'

export interface Route {
  readonly view: string
  readonly query: Readonly<Record<string, string>>
}

function current(): Route {
  const [view = '', query = ''] = browser.location.hash.replace(/^#\/?/, '').split('?', 2)
  return { view, query: Object.fromEntries(new URLSearchParams(query)) }
}

export const route: Signal<Route> = new Signal(current())

browser.addEventListener('hashchange', () => route.set(current()))

type Query = Readonly<Record<string, string | number | undefined>>

/** For a link. What is empty is left out. */
export function href(view: string, query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '' && value !== 0) params.set(name, String(value))
  }
  return params.size === 0 ? `#${view}` : `#${view}?${params}`
}

export function go(view: string, query: Query = {}): void {
  browser.location.hash = href(view, query)
}
