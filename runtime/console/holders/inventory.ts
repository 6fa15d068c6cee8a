// The ephemeral nodes of all sessions, as the tree lists them: in parts that hold up nobody. The list is
// kept for a few seconds, because several views are made of it.

import { type EphemeralDump, Query } from '../../../protocol/messages/queries.ts'
import { askParts } from '../../reports/ask.ts'
import type { ReportSource } from '../../reports/source.ts'
import { nowMs } from '../../shared/clock.ts'

/** Nodes that are looked at. */
export const NODES_MAX = 200_000
const KEPT_MS = 3000

export interface Inventory {
  readonly madeMs: number
  /** Path and session (`0x...`) of each. */
  readonly nodes: readonly (readonly [path: string, session: string])[]
  /** Whether these are all. */
  readonly isWhole: boolean
}

export class Inventories {
  readonly #source: ReportSource
  #latest: Promise<Inventory> | null = null

  constructor(source: ReportSource) {
    this.#source = source
  }

  async latest(): Promise<Inventory> {
    const known = await this.#latest?.catch(() => null)
    if (known !== null && known !== undefined && nowMs() - known.madeMs < KEPT_MS) return known
    this.#latest = made(this.#source)
    return this.#latest
  }
}

async function made(source: ReportSource): Promise<Inventory> {
  const nodes: (readonly [string, string])[] = []
  for await (const part of askParts<number | EphemeralDump>(source, Query.ephemerals)) {
    if (typeof part === 'number') continue
    for (const [hex, paths] of part) for (const path of paths) nodes.push([path, `0x${hex}`])
    if (nodes.length >= NODES_MAX) return { madeMs: nowMs(), nodes, isWhole: false }
  }
  return { madeMs: nowMs(), nodes, isWhole: true }
}
