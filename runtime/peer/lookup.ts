// Names of peers. While a name server does not answer, each look-up keeps one of the few threads that
// the process has for them, and those of other names wait behind it; and a peer is dialled again long
// before. So one look-up of a name at a time serves all who ask for it.

import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

type Done = Parameters<LookupFunction>[2]

const asking = new Map<string, Done[]>()

/** For createConnection. All who ask at the same time must do so with the same options. */
export const sharedLookup: LookupFunction = (name, options, done) => {
  const others = asking.get(name)
  if (others !== undefined) {
    others.push(done)
    return
  }
  const all = [done]
  asking.set(name, all)
  lookup(name, options, (...answer) => {
    asking.delete(name)
    for (const each of all) each(...answer)
  })
}
