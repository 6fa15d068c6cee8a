// Locks and elections: all of them, a line each, and one of them with those who wait.

import { formatSessionId } from '../../../protocol/session-id.ts'
import { addressOf } from '../../reports/connections.ts'
import { nextRound } from '../../reports/parts.ts'
import type { ReportSource } from '../../reports/source.ts'
import { Problem, type Slice, sliced } from '../answers.ts'
import { answered, type Visitor } from '../visitors.ts'
import type { Inventories, Inventory } from './inventory.ts'
import { type Contender, type Group, groupsOf } from './recipes.ts'

export interface LockLine {
  readonly path: string
  readonly kind: string
  readonly recipe: string
  readonly holders: number
  readonly waiting: number
  /** The first who holds. */
  readonly holder: ContenderView
}

export interface ContenderView extends Contender {
  /** Milliseconds since 1970 when its node was made; null if that may not be read. */
  readonly since: number | null
  /** The beginning of its data, Base64; null if there is none, or it may not be read. */
  readonly data: string | null
  /** Where its client is connected from, if it is connected to this server. */
  readonly client: string | null
}

const DATA_BYTES = 120
/** Connections that are looked through between two rounds of the event loop. */
const STEP = 2000

export class LockViews {
  readonly #source: ReportSource
  readonly #inventories: Inventories
  #groups: { readonly of: Inventory; readonly groups: readonly Group[] } | null = null

  constructor(source: ReportSource, inventories: Inventories) {
    this.#source = source
    this.#inventories = inventories
  }

  /** All of them; those that are waited for most first. */
  async lines(visitor: Visitor, filter: string, slice: Slice): Promise<object> {
    const { groups, isWhole } = await this.groups()
    const wanted = groups
      .filter(({ path }) => path.toLowerCase().includes(filter.toLowerCase()))
      .sort((a, b) => rank(a) - rank(b) || b.contenders.length - a.contenders.length)
    const { total, rows } = sliced(wanted, slice)
    const firsts = rows.map(({ path, contenders }) => ({ path, contender: contenders[0]! }))
    const holders = await this.#seen(visitor, firsts)
    const lines = rows.map(({ path, kind, recipe, contenders }, i): LockLine => {
      const count = contenders.filter(({ standing }) => standing === 'holds').length
      const waiting = contenders.length - count
      return { path, kind, recipe, holders: count, waiting, holder: holders[i]! }
    })
    return { total, isWhole, rows: lines }
  }

  /** One of them, with a page of those who hold or wait. */
  async one(visitor: Visitor, path: string, slice: Slice): Promise<object> {
    const { groups } = await this.groups()
    const group = groups.find((one) => one.path === path)
    if (group === undefined) throw new Problem(404, 'Nobody holds or waits here any more.')
    const { kind, recipe, contenders } = group
    const { total, rows } = sliced(contenders, slice)
    const seen = await this.#seen(
      visitor,
      rows.map((contender) => ({ path, contender })),
    )
    return { path, kind, recipe, total, rows: seen }
  }

  async groups(): Promise<{ readonly groups: readonly Group[]; readonly isWhole: boolean }> {
    const inventory = await this.#inventories.latest()
    if (this.#groups?.of !== inventory) {
      this.#groups = { of: inventory, groups: groupsOf(inventory.nodes) }
    }
    return { groups: this.#groups.groups, isWhole: inventory.isWhole }
  }

  async #seen(
    { client }: Visitor,
    rows: readonly { readonly path: string; readonly contender: Contender }[],
  ): Promise<ContenderView[]> {
    const clients = await clientsOf(this.#source, new Set(rows.map((row) => row.contender.session)))
    return Promise.all(
      rows.map(async ({ path, contender }) => {
        const node = `${path === '/' ? '' : path}/${contender.name}`
        const read = await answered(client.get(node)).catch(() => null)
        return {
          ...contender,
          since: read?.stat.ctime ?? null,
          data: beginning(read?.data ?? null),
          client: clients.get(contender.session) ?? null,
        }
      }),
    )
  }
}

/** What is no known recipe comes last. */
function rank({ kind }: Group): number {
  return kind === 'numbered' ? 1 : 0
}

function beginning(data: Uint8Array | null): string | null {
  return data === null ? null : Buffer.from(data.subarray(0, DATA_BYTES)).toString('base64')
}

/** Addresses by session, of those that are connected here. */
async function clientsOf(
  { network }: ReportSource,
  sessions: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  let looked = 0
  for (const connection of network.connections()) {
    if (++looked % STEP === 0) await nextRound()
    const id = formatSessionId(connection.sessionId)
    if (sessions.has(id)) found.set(id, addressOf(connection))
  }
  return found
}
