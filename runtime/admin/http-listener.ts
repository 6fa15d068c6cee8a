// HTTP for operators: a listener whose pages are read only, and made as they are taken.
//
// It is no way in for many: so many connections and no more, each closed when nothing moves on it, so
// that it can take neither the descriptors nor the time that clients need.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Of each of two listeners: with what a server needs itself that is less than
 * runtime/process/descriptors.ts leaves it. */
const CONNECTIONS_MAX = 16
/** For a request to come in whole. */
const REQUEST_MS = 10_000

export interface Page {
  readonly status: number
  /** Null: ZooKeeper's has no Content-Type. */
  readonly type: string | null
  readonly body: string | AsyncIterable<string>
}

export type Pages = (path: string, query: URLSearchParams) => Page | Promise<Page>

export const NOT_FOUND: Page = { status: 404, type: 'text/plain', body: 'Not Found\n' }

export class HttpListener {
  readonly #server: Server

  /** `idleMs`: a connection on which nothing moves for so long is closed. */
  constructor(pages: Pages, idleMs: number) {
    this.#server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
      // Who goes while a page is made has the rest not made.
      answer(pages, request, response).catch(() => response.destroy())
    })
    this.#server.maxConnections = CONNECTIONS_MAX
    this.#server.timeout = idleMs
  }

  /** Resolves with the port: the system's choice when it is 0. Rejects when it cannot be had. */
  listen(port: number, address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, address, () => {
        this.#server.off('error', reject)
        // The process's last descriptor, at an accept: the next try is the system's.
        this.#server.on('error', () => undefined)
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  /** Closes all its connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}

async function answer(
  pages: Pages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await pageFor(pages, request)
  response.statusCode = status
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Cache-Control', 'no-store')
  if (status === 405) response.setHeader('Allow', 'GET, HEAD')
  if (type !== null) response.setHeader('Content-Type', type)
  if (typeof body === 'string' || request.method === 'HEAD') {
    response.end(typeof body === 'string' ? body : '')
    return
  }
  await pipeline(Readable.from(body), response)
}

async function pageFor(pages: Pages, { method, url }: IncomingMessage): Promise<Page> {
  if (method === 'TRACE') return { status: 403, type: null, body: '' }
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, type: 'text/plain', body: 'Method Not Allowed\n' }
  }
  const { pathname, searchParams } = urlOf(url) ?? {}
  if (pathname === undefined || searchParams === undefined) {
    return { status: 400, type: 'text/plain', body: 'Bad Request\n' }
  }
  try {
    return await pages(pathname, searchParams)
  } catch {
    // An actor that does not answer any more, or a system that does not tell.
    return { status: 500, type: 'text/plain', body: 'Internal Server Error\n' }
  }
}

/** Undefined when it is none. A name in the path may be written with %. */
function urlOf(
  text: string | undefined,
): { pathname: string; searchParams: URLSearchParams } | undefined {
  try {
    const { pathname, searchParams } = new URL(text ?? '', 'http://localhost')
    return { pathname: decodeURIComponent(pathname), searchParams }
  } catch {
    return undefined
  }
}
