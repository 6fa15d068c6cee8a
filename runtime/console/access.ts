// Who may ask the console, from where, and what a browser may do with the answer.
//
//   Host      must be a name or address of an ensemble's server. So a foreign name that is made to point
//             here (DNS rebinding) gets nothing.
//   Origin    pages of other members may read. Nobody else's page may, and nobody else's page may write.
//   token     a signed-in page sends it in a header. There are no cookies, so no other page can use it.

import { hostname } from 'node:os'
import type { Asked } from '../admin/http-listener.ts'
import { Problem } from './answers.ts'

export const TOKEN_HEADER = 'x-console-token'

export interface Neighbours {
  /** `http://host:port` of the other members' consoles. */
  readonly origins: readonly string[]
  /** Names of the members' hosts. */
  readonly hosts: readonly string[]
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i

/** Throws a Problem if the request does not name this server, or comes from a foreign page. Returns the
 * origin that may read the answer; null if that goes without saying. */
export function checkReader(asked: Asked, neighbours: Neighbours): string | null {
  const host = asked.header('host') ?? ''
  if (!isOwnName(hostOf(host), neighbours)) {
    throw new Problem(421, `This server has no console under the name ${hostOf(host)}.`)
  }
  const origin = asked.header('origin')
  if (origin === null || isOwn(origin, host)) return null
  if (neighbours.origins.some((known) => isSame(known, origin))) return origin
  throw new Problem(403, 'This console is not for pages of other sites.')
}

/** Throws a Problem unless the request comes from this console's own page. */
export function checkWriter(asked: Asked): void {
  const origin = asked.header('origin')
  const site = asked.header('sec-fetch-site')
  if (
    origin === null ||
    !isOwn(origin, asked.header('host') ?? '') ||
    (site !== null && site !== 'same-origin')
  ) {
    throw new Problem(403, 'Only this console’s own page may do this.')
  }
  if (!/^application\/json\b/.test(asked.header('content-type') ?? '')) {
    throw new Problem(415, 'The request must be JSON.')
  }
}

function isOwnName(name: string, { hosts }: Neighbours): boolean {
  if (ADDRESS.test(name) || LOOPBACK.test(name)) return true
  return [hostname(), ...hosts].some((known) => known.toLowerCase() === name.toLowerCase())
}

/** By HTTP or HTTPS: a port speaks one of them. */
function isOwn(origin: string, host: string): boolean {
  return ['http', 'https'].some((scheme) => isSame(origin, `${scheme}://${host}`))
}

/** The names of this machine's loopback mean the same. */
function isSame(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

function plain(origin: string): string {
  const [, scheme, host = '', port = ''] = /^(https?):\/\/(.*?)(:\d+)?$/.exec(origin) ?? []
  if (scheme === undefined) return origin
  return `${scheme}://${LOOPBACK.test(host) ? 'localhost' : host.toLowerCase()}${port || (scheme === 'http' ? ':80' : ':443')}`
}

function hostOf(header: string): string {
  return header.replace(/:\d+$/, '')
}

/** Headers of every answer. `connect`: the origins that the page may ask besides its own. */
export function securityHeaders(connect: readonly string[]): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      ['connect-src', "'self'", ...connect].join(' '),
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
}
