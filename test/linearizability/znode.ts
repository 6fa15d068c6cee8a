// One znode as a linearizable object: data and version, read and written with or without a condition
// on the version. And the history of one as the search wants it, with the writes of which nobody
// knows whether they happened.

import type { Model, Operation } from './search.ts'

export interface Znode {
  readonly version: number
  readonly value: string
}

export interface ZnodeAction {
  readonly asked: 'get' | 'set'
  /** What was set, or read. */
  readonly value: string
  /** The version that the answer's Stat has. */
  readonly version: number
}

/** Written by create without data. */
export const ZNODE: Model<Znode, ZnodeAction> = {
  initial: { version: 0, value: '' },
  nameOf: ({ version, value }) => `${version} ${value}`,
  step: (state, { asked, value, version }) => {
    if (asked === 'set') return version === state.version + 1 ? { version, value } : undefined
    return version === state.version && value === state.value ? state : undefined
  },
}

/** A write whose outcome is unknown has version -1. */
export type Recorded = Operation<ZnodeAction>

/**
 * The history with every unknown write either placed or left out. No two writes have the same value.
 * One whose value was read has the version that it was read with. Versions that nobody acknowledged
 * and nobody read went to others: since nobody saw their values, those that began first may have
 * them in order, and if these do not fit, none do. The rest never happened, or after everything.
 */
export function withUnknownPlaced(recorded: readonly Recorded[]): Recorded[] {
  const readAs = new Map<string, number>()
  for (const { action } of recorded) {
    if (action.asked === 'get') readAs.set(action.value, action.version)
  }
  const known: Recorded[] = []
  const unseen: Recorded[] = []
  for (const one of recorded) {
    const version = one.action.version < 0 ? readAs.get(one.action.value) : one.action.version
    if (version === undefined) unseen.push(one)
    else known.push({ ...one, action: { ...one.action, version } })
  }
  const sets = known.filter(({ action }) => action.asked === 'set')
  const taken = new Set(sets.map(({ action }) => action.version))
  const newest = Math.max(0, ...known.map(({ action }) => action.version))
  unseen.sort((a, b) => a.start - b.start)
  for (let version = 1, next = 0; version <= newest && next < unseen.length; version++) {
    if (taken.has(version)) continue
    const one = unseen[next++]!
    known.push({ ...one, action: { ...one.action, version } })
  }
  return known
}
