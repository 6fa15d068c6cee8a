// Searches the names below a path. It looks at so many nodes and then says how far it has come; who
// wants more goes on from there. Each look costs the tree one bounded page.

import { isZkError } from '../../../client/zk-error.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { PAGE_CHILDREN_MAX } from '../../../protocol/records/get-children-page.ts'
import { Problem } from '../answers.ts'
import { answered, type Visitor } from '../visitors.ts'

/** Nodes that one request looks at, and matches that it returns. */
const LOOKED_MAX = 20_000
const FOUND_MAX = 200
/** Requests under way at the same time. */
const AT_ONCE = 32
/** Searches that wait to be gone on with, and places that one of them has yet to look at. */
const KEPT_MAX = 16
const PLACES_MAX = 200_000

/** Children of `path` that have yet to be looked at: those behind `after`. */
interface Place {
  readonly path: string
  readonly after: string | null
}

interface Search {
  readonly visitor: number
  readonly text: string
  readonly places: Place[]
  looked: number
}

export interface SearchView {
  readonly found: readonly string[]
  /** How many nodes have been looked at since the search began. */
  readonly looked: number
  /** To go on with; null if the search has come to its end. */
  readonly more: string | null
}

export class Searches {
  readonly #kept: Map<string, Search> = new Map()
  #next = 1

  /** Finds nodes whose name contains `text`, whatever the case of its letters. `more`: goes on with an
   * earlier search. */
  async run(
    visitor: Visitor,
    path: string,
    text: string,
    more: string | null,
  ): Promise<SearchView> {
    if (text === '') throw new Problem(400, 'Say what to search for.')
    const search = more === null ? begun(visitor, path, text) : this.#take(visitor, more)
    const found = await go(visitor, search)
    const isOver = search.places.length === 0
    return { found, looked: search.looked, more: isOver ? null : this.#keep(search) }
  }

  #take(visitor: Visitor, name: string): Search {
    const search = this.#kept.get(name)
    this.#kept.delete(name)
    if (search?.visitor === visitor.id) return search
    throw new Problem(410, 'This search is over. Begin it again.')
  }

  #keep(search: Search): string {
    const name = String(this.#next++)
    this.#kept.set(name, search)
    const [oldest = ''] = this.#kept.keys()
    if (this.#kept.size > KEPT_MAX) this.#kept.delete(oldest)
    return name
  }
}

function begun(visitor: Visitor, path: string, text: string): Search {
  const places = [{ path, after: null }]
  return { visitor: visitor.id, text: text.toLowerCase(), places, looked: 0 }
}

async function go(visitor: Visitor, search: Search): Promise<string[]> {
  const { places, text } = search
  const until = search.looked + LOOKED_MAX
  const found: string[] = []
  while (places.length > 0 && search.looked < until && found.length < FOUND_MAX) {
    const now = places.splice(-AT_ONCE)
    for (const { names, path, rest } of await Promise.all(now.map((one) => look(visitor, one)))) {
      search.looked += names.length
      places.push(...rest)
      const above = path === '/' ? '' : path
      for (const name of names) {
        if (name.toLowerCase().includes(text)) found.push(`${above}/${name}`)
        places.push({ path: `${above}/${name}`, after: null })
      }
    }
    if (places.length > PLACES_MAX) {
      throw new Problem(413, 'There are too many nodes below this path. Search below another.')
    }
  }
  return found.sort()
}

interface Looked {
  readonly path: string
  readonly names: readonly string[]
  /** What is left of a long list. */
  readonly rest: readonly Place[]
}

async function look({ client }: Visitor, { path, after }: Place): Promise<Looked> {
  try {
    const { children, isLast } = await answered(
      client.getChildrenPage(path, after, PAGE_CHILDREN_MAX),
    )
    const last = children.at(-1)
    const isOver = isLast || last === undefined
    return { path, names: children, rest: isOver ? [] : [{ path, after: last }] }
  } catch (error) {
    // Deleted meanwhile, or not ours to read.
    const codes = [ErrorCode.noNode, ErrorCode.badArguments, ErrorCode.noAuth]
    if (codes.some((code) => isZkError(error, code))) return { path, names: [], rest: [] }
    throw error
  }
}
