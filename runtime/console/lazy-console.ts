// The way from the admin server to the console, whose code is loaded when somebody first looks at it.

import { type Asked, NOT_FOUND, type Page } from '../admin/http-listener.ts'
import type { ReportSource } from '../reports/source.ts'
import type { Console } from './console.ts'

export const CONSOLE_URL = '/console/'

/** `/` and `/console` lead there. */
export function isOfConsole(path: string): boolean {
  return path === '/' || path === '/console' || path.startsWith(CONSOLE_URL)
}

export class LazyConsole {
  readonly #source: ReportSource
  #console: Promise<Console> | null = null
  #isClosed = false

  constructor(source: ReportSource) {
    this.#source = source
  }

  async page(path: string, query: URLSearchParams, asked: Asked): Promise<Page> {
    if (this.#isClosed || !this.#source.options.consoleEnabled) return NOT_FOUND
    if (!path.startsWith(CONSOLE_URL)) {
      return { status: 302, type: null, body: '', headers: { Location: CONSOLE_URL } }
    }
    this.#console ??= import('./console.ts').then(({ Console }) => new Console(this.#source))
    return (await this.#console).page(path.slice(CONSOLE_URL.length), query, asked)
  }

  close(): void {
    this.#isClosed = true
    void this.#console?.then((console) => console.close())
  }
}
