// The names of a node's children, sorted. A node may have a hundred thousand: they are asked for a page
// at a time, and sorted in steps, so that neither the tree nor the network loop is held up. Lists are
// kept for as long as the node has not changed, because people turn pages.

import { ErrorCode } from '../../../protocol/error-code.ts'
import {
  type ChildrenPage,
  PAGE_CHILDREN_MAX,
} from '../../../protocol/records/get-children-page.ts'
import type { Stat } from '../../../protocol/stat.ts'
import { nextRound } from '../../reports/parts.ts'
import { answered, type Visitor } from '../visitors.ts'
import { isZkError } from '../zk-problem.ts'

/** A longer list is cut, and says so. */
export const NAMES_MAX = 200_000
/** Of all lists that are kept. */
const KEPT_NAMES_MAX = 400_000
/** Comparisons between two rounds of the event loop: about a millisecond. */
const STEP = 5000
/** How often a list is begun again because the page's last child was deleted meanwhile. */
const TRIES = 5

export interface Listing {
  readonly stat: Stat
  readonly names: readonly string[]
  /** Whether all children are in it. */
  readonly isWhole: boolean
}

export class Listings {
  /** The one that was used last is the last. */
  readonly #kept: Map<string, Listing> = new Map()
  #names = 0

  /** Rejects with the server's error. */
  async of({ client, id }: Visitor, path: string): Promise<Listing> {
    const key = `${id} ${path}`
    const kept = this.#kept.get(key)
    this.#forget(key)
    const first = await answered(client.getChildrenPage(path, null, PAGE_CHILDREN_MAX))
    const isSame = kept?.stat.pzxid === first.stat.pzxid && kept.stat.czxid === first.stat.czxid
    const listing =
      kept !== undefined && isSame ? { ...kept, stat: first.stat } : await whole(client, path)
    this.#keep(key, listing)
    return listing
  }

  #keep(key: string, listing: Listing): void {
    this.#forget(key)
    this.#kept.set(key, listing)
    this.#names += listing.names.length
    for (const oldest of this.#kept.keys()) {
      if (this.#names <= KEPT_NAMES_MAX) break
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#names -= this.#kept.get(key)?.names.length ?? 0
    this.#kept.delete(key)
  }
}

async function whole(client: Visitor['client'], path: string): Promise<Listing> {
  for (let tries = 1; ; tries++) {
    try {
      return await collected(client, path)
    } catch (error) {
      if (!isZkError(error, ErrorCode.badArguments) || tries === TRIES) throw error
    }
  }
}

async function collected(client: Visitor['client'], path: string): Promise<Listing> {
  const runs: string[][] = []
  let count = 0
  let after: string | null = null
  for (;;) {
    const page: ChildrenPage = await answered(
      client.getChildrenPage(path, after, PAGE_CHILDREN_MAX),
    )
    runs.push([...page.children].sort())
    count += page.children.length
    after = page.children.at(-1) ?? after
    if (!page.isLast && count < NAMES_MAX) continue
    return { stat: page.stat, names: await merged(runs), isWhole: page.isLast }
  }
}

/** Sorted lists as one. Between two steps others have their turn. */
export async function merged(runs: readonly string[][]): Promise<string[]> {
  let rest = [...runs]
  while (rest.length > 1) {
    const next: string[][] = []
    for (let i = 0; i < rest.length; i += 2) {
      const [a = [], b] = [rest[i], rest[i + 1]]
      next.push(b === undefined ? a : await mergedPair(a, b))
    }
    rest = next
  }
  return rest[0] ?? []
}

async function mergedPair(a: readonly string[], b: readonly string[]): Promise<string[]> {
  const all: string[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const fromA = j >= b.length || (i < a.length && a[i]! <= b[j]!)
    all.push(fromA ? a[i++]! : b[j++]!)
    if (all.length % STEP === 0) await nextRound()
  }
  return all
}

/** Those that contain the text, whatever the case of its letters. */
export async function matching(names: readonly string[], text: string): Promise<readonly string[]> {
  if (text === '') return names
  const wanted = text.toLowerCase()
  const found: string[] = []
  for (let i = 0; i < names.length; i++) {
    if (names[i]!.toLowerCase().includes(wanted)) found.push(names[i]!)
    if (i % STEP === STEP - 1) await nextRound()
  }
  return found
}
