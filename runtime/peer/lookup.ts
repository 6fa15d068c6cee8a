// Looks up the names of peers. While a name server does not answer, each look-up occupies one of
// the few threads that the process has for them, and look-ups of other names wait behind it. A peer
// is dialled again long before that ends. So at any time there is one look-up of a name, for all
// who ask for it.

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
