// The console: a page for people, served by the admin server, and what that page asks for.
//
//   GET  /console/              the page; its modules, styles and libraries (assets.ts)
//   GET  /console/api/NAME      a view, by pages where it may be long
//   POST /console/api/sign-in   a session with an identity; then sign-out, create, set, delete, acl
//
// Whoever may reach the admin server may look. Nodes are read in a session of the visitor's own, so
// access lists count (visitors.ts); only who has signed in may change anything.

import type { Asked, Page } from '../admin/http-listener.ts'
import { READ_ONLY } from '../admin/http-listener.ts'
import type { ReportSource } from '../reports/source.ts'
import { checkReader, checkWriter, securityHeaders, TOKEN_HEADER } from './access.ts'
import { jsonPage, Problem, problemPage } from './answers.ts'
import { Assets } from './assets.ts'
import { Inventories } from './holders/inventory.ts'
import { LockViews } from './holders/lock-views.ts'
import { neighboursOf } from './members.ts'
import { Listings } from './tree/listing.ts'
import { Searches } from './tree/search.ts'
import { textOf, WRITES } from './tree/writes.ts'
import { VIEWS } from './views.ts'
import { type Login, Visitors } from './visitors.ts'
import { zkProblem } from './zk-problem.ts'

const API = 'api/'
/** Base64 of the longest data that a server takes by default, and some. */
const BODY_BYTES_MAX = 2 << 20

export class Console {
  readonly #source: ReportSource
  readonly #assets: Assets = new Assets()
  readonly #visitors: Visitors
  readonly #inventories: Inventories
  readonly #locks: LockViews
  readonly #listings: Listings = new Listings()
  readonly #searches: Searches = new Searches()

  constructor(source: ReportSource) {
    this.#source = source
    this.#visitors = new Visitors(source)
    this.#inventories = new Inventories(source)
    this.#locks = new LockViews(source, this.#inventories)
  }

  /** `path`: behind the console's URL. */
  async page(path: string, query: URLSearchParams, asked: Asked): Promise<Page> {
    const neighbours = neighboursOf(this.#source.options)
    const headers: Record<string, string> = { ...securityHeaders(neighbours.origins) }
    let page: Page
    try {
      const reader = checkReader(asked, neighbours)
      if (reader !== null) {
        if (!path.startsWith(API)) throw new Problem(403, 'Other members’ pages may only ask.')
        Object.assign(headers, { 'Access-Control-Allow-Origin': reader, Vary: 'Origin' })
      }
      page = await this.#answer(path, query, asked, reader === null)
    } catch (error) {
      const problem = error instanceof Problem ? error : zkProblem(error)
      if (problem === null) throw error
      page = problemPage(problem)
    }
    return { ...page, headers: { ...headers, ...page.headers } }
  }

  close(): void {
    this.#visitors.close()
  }

  async #answer(
    path: string,
    query: URLSearchParams,
    asked: Asked,
    isOwnPage: boolean,
  ): Promise<Page> {
    if (!path.startsWith(API)) {
      return asked.method === 'POST' ? READ_ONLY : this.#assets.page(path)
    }
    const name = path.slice(API.length)
    if (asked.method === 'POST') return jsonPage(200, await this.#change(name, asked))
    const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined
    if (view === undefined) throw new Problem(404, 'There is no such view.')
    // A page of another member is never somebody who has signed in here.
    const token = isOwnPage ? asked.header(TOKEN_HEADER) : null
    return jsonPage(
      200,
      await view({
        source: this.#source,
        query,
        inventories: this.#inventories,
        locks: this.#locks,
        listings: this.#listings,
        searches: this.#searches,
        visitor: () => this.#visitors.visitor(asked.address, token),
      }),
    )
  }

  async #change(name: string, asked: Asked): Promise<object> {
    checkWriter(asked)
    const body = await bodyOf(asked)
    const token = asked.header(TOKEN_HEADER)
    if (name === 'sign-in') {
      return { token: await this.#visitors.signIn(asked.address, loginOf(body, asked)) }
    }
    if (token === null) throw new Problem(401, 'Sign in to change anything.')
    const visitor = this.#visitors.visitor(asked.address, token)
    if (visitor.login === null) throw new Problem(401, 'Sign in to change anything.')
    if (name === 'sign-out') {
      this.#visitors.signOut(token)
      return {}
    }
    const write = Object.hasOwn(WRITES, name) ? WRITES[name] : undefined
    if (write === undefined) throw new Problem(404, 'There is no such change.')
    return write(visitor, body)
  }
}

async function bodyOf(asked: Asked): Promise<Readonly<Record<string, unknown>>> {
  const text = await asked.text(BODY_BYTES_MAX)
  if (text === null) throw new Problem(413, 'The request is too long.')
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new Problem(400, 'The request must be a JSON object.')
}

const NAME_CHARS_MAX = 200

function loginOf(body: Readonly<Record<string, unknown>>, { identities }: Asked): Login {
  if (body['scheme'] === 'x509') {
    const [first] = identities
    if (first === undefined) throw new Problem(401, 'Your browser has shown no certificate.')
    return { scheme: 'x509', user: first.id, identities }
  }
  const [scheme, user, password] = ['scheme', 'user', 'password'].map((name) => textOf(body, name))
  if (scheme !== 'digest' && scheme !== 'sasl')
    throw new Problem(400, 'scheme must be digest, sasl or x509.')
  if (!user || !password || user.includes(':')) {
    throw new Problem(400, 'Give a user, without a colon, and a password.')
  }
  if (user.length > NAME_CHARS_MAX || password.length > NAME_CHARS_MAX) {
    throw new Problem(400, `User and password have at most ${NAME_CHARS_MAX} characters.`)
  }
  return { scheme, user, password }
}
