// What the page uses of the browser, and no more. The project is compiled without the browser's types,
// so that nothing of the server can use them by mistake.

export interface Element {
  readonly classList: { toggle(name: string, on: boolean): void }
  readonly dataset: Record<string, string | undefined>
  readonly clientWidth: number
  focus(): void
  remove(): void
}

export interface Dialog extends Element {
  readonly open: boolean
  showModal(): void
  close(): void
}

export interface Input extends Element {
  value: string
  checked: boolean
}

export interface InputEvent {
  readonly currentTarget: Input
  preventDefault(): void
}

interface Store {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

interface MediaQuery {
  readonly matches: boolean
  addEventListener(event: 'change', listener: () => void): void
  removeEventListener(event: 'change', listener: () => void): void
}

interface Sized {
  observe(element: Element): void
  disconnect(): void
}

interface Browser {
  readonly document: {
    title: string
    readonly hidden: boolean
    readonly documentElement: Element
    querySelector(selector: string): Element | null
    addEventListener(event: 'visibilitychange', listener: () => void): void
  }
  readonly location: { hash: string; readonly origin: string; readonly host: string }
  readonly localStorage: Store
  readonly sessionStorage: Store
  readonly ResizeObserver: new (listener: () => void) => Sized
  addEventListener(event: 'hashchange', listener: () => void): void
  matchMedia(query: string): MediaQuery
  getComputedStyle(element: Element): { getPropertyValue(name: string): string }
}

export const browser: Browser = globalThis as unknown as Browser

/** Milliseconds since 1970. */
export function nowMs(): number {
  return Date.now()
}

/** What the browser keeps for this page; null if it keeps nothing. */
export function kept(store: 'localStorage' | 'sessionStorage', key: string): string | null {
  try {
    return browser[store].getItem(key)
  } catch {
    return null
  }
}

/** Null forgets it. A browser that keeps nothing is no failure. */
export function keep(
  store: 'localStorage' | 'sessionStorage',
  key: string,
  value: string | null,
): void {
  try {
    if (value === null) browser[store].removeItem(key)
    else browser[store].setItem(key, value)
  } catch {
    // Then it is asked for again.
  }
}
