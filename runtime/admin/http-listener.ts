// HTTP for operators: a listener whose pages are made as they are taken.
//
// It must not take the descriptors or the time that clients need. So it accepts only a few
// connections, and closes each one on which nothing moves.

import { isUtf8 } from 'node:buffer'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type SecureContextOptions, TLSSocket } from 'node:tls'
import type { Id } from '../../protocol/acl.ts'
import { plainAddress } from '../net/input/admission.ts'
import { HttpsFront, type HttpsOptions } from './https.ts'

/** For each of two listeners. Together with what a server needs itself, that is less than
 * runtime/process/descriptors.ts leaves it. */
const CONNECTIONS_MAX = 16
/** How long a request may take to arrive. */
const REQUEST_MS = 10_000

export interface Page {
  readonly status: number
  /** Null if ZooKeeper's answer has no Content-Type. */
  readonly type: string | null
  readonly body: string | AsyncIterable<string | Uint8Array>
  readonly headers?: Readonly<Record<string, string>>
  /** Called when the answer is over, whether it was read or not. */
  readonly over?: () => void
}

/** A request, besides its path and query. */
export interface Asked {
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** The header of that name; null if there is none. */
  readonly authorization: string | null
  /** What the client's certificate says; nothing without HTTPS. */
  readonly identities: readonly Id[]
  /** The client's address, in the form that access lists use. */
  readonly address: string
  /** Null if there is no header of this name, which is in lower case. */
  header(name: string): string | null
  /** The body as text; null if it is longer than so many bytes, or is not UTF-8. */
  text(bytesMax: number): Promise<string | null>
}

export interface Pages {
  (path: string, query: URLSearchParams, asked: Asked): Page | Promise<Page>
  /** Gives up what the pages hold open. */
  close?(): void
}

export const NOT_FOUND: Page = { status: 404, type: 'text/plain', body: 'Not Found\n' }

/** Of a page that is only read, and of one that only acts. */
export const READ_ONLY: Page = notAllowed('GET, HEAD')
export const POST_ONLY: Page = notAllowed('POST')

function notAllowed(methods: string): Page {
  const headers = { Allow: methods }
  return { status: 405, type: 'text/plain', headers, body: 'Method Not Allowed\n' }
}

export class HttpListener {
  readonly #http: Server
  /** Where connections come in: by plain HTTP, or in front of it. */
  readonly #server: NetServer
  readonly #front: HttpsFront | null
  readonly #pages: Pages

  /** `idleMs`: a connection on which nothing moves for this long is closed. `https`: null for plain
   * HTTP. */
  constructor(pages: Pages, idleMs: number, https: HttpsOptions | null = null) {
    this.#pages = pages
    this.#http = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
      const identities = this.#front?.identitiesOf(request.socket) ?? []
      // If the client goes while a page is made, the rest is not made.
      answer(pages, request, response, identities).catch(() => response.destroy())
    })
    this.#http.timeout = idleMs
    this.#front =
      https === null
        ? null
        : new HttpsFront(https, (socket) => this.#http.emit('connection', socket))
    this.#server = this.#front?.server ?? this.#http
    this.#server.maxConnections = CONNECTIONS_MAX
  }

  /** Resolves with the port, which the system chooses if it is 0. Rejects if it is not to be had. */
  listen(port: number, address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, address, () => {
        this.#server.off('error', reject)
        // An accept that found no descriptor left. The system tries again.
        this.#server.on('error', () => undefined)
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  /** For handshakes from now on. */
  replaceContext(context: SecureContextOptions): void {
    this.#front?.replaceContext(context)
  }

  /** Calls `end` when the listener is closed. */
  whenClosed(end: () => void): void {
    this.#server.once('close', end)
  }

  /** Closes the listener and all its connections. */
  close(): Promise<void> {
    this.#pages.close?.()
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#http.closeAllConnections()
      this.#front?.close()
    })
  }
}

async function answer(
  pages: Pages,
  request: IncomingMessage,
  response: ServerResponse,
  identities: readonly Id[],
): Promise<void> {
  const page = await pageFor(pages, request, identities)
  try {
    await send(page, request, response)
  } finally {
    page.over?.()
  }
}

async function send(
  { status, type, body, headers = {} }: Page,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.statusCode = status
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Cache-Control', 'no-store')
  if (request.socket instanceof TLSSocket) {
    response.setHeader('Strict-Transport-Security', 'max-age=86400; includeSubDomains')
  }
  if (type !== null) response.setHeader('Content-Type', type)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (typeof body === 'string' || request.method === 'HEAD') {
    response.end(typeof body === 'string' ? body : '')
    return
  }
  await pipeline(Readable.from(body), response)
}

async function pageFor(
  pages: Pages,
  request: IncomingMessage,
  identities: readonly Id[],
): Promise<Page> {
  const { method, url, headers, socket } = request
  if (method === 'TRACE') return { status: 403, type: null, body: '' }
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return READ_ONLY
  const { pathname, searchParams } = urlOf(url) ?? {}
  if (pathname === undefined || searchParams === undefined) {
    return { status: 400, type: 'text/plain', body: 'Bad Request\n' }
  }
  try {
    const authorization = headers.authorization ?? null
    const address = plainAddress(socket.remoteAddress ?? '')
    const asked: Asked = {
      method,
      authorization,
      identities,
      address,
      header: (name) => [headers[name]].flat()[0] ?? null,
      text: (bytesMax) => bodyText(request, bytesMax),
    }
    return await pages(pathname, searchParams, asked)
  } catch {
    // An actor no longer answers, or the system does not tell.
    return { status: 500, type: 'text/plain', body: 'Internal Server Error\n' }
  }
}

async function bodyText(request: IncomingMessage, bytesMax: number): Promise<string | null> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > bytesMax) return null
    parts.push(part)
  }
  const bytes = Buffer.concat(parts)
  return isUtf8(bytes) ? bytes.toString('utf8') : null
}

/** Undefined if the request names no URL. A name in the path may be written with %. */
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
