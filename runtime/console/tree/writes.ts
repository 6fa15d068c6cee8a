// What somebody who has signed in can change: create, set and delete a node, and set its access list.
// A change names the version that was looked at, so it never overwrites what nobody has seen.

import { type Acl, OPEN_ACL } from '../../../protocol/acl.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { Problem } from '../answers.ts'
import { answered, type Visitor } from '../visitors.ts'
import { permsOf, type StatView, statView } from './node-views.ts'

type Body = Readonly<Record<string, unknown>>

const MODES: Readonly<Record<string, number>> = {
  persistent: CreateMode.persistent,
  sequential: CreateMode.persistentSequential,
  container: CreateMode.container,
}
const ACL_ENTRIES_MAX = 100

/** By the name in the URL. Each resolves with what is there now. */
export const WRITES: Readonly<
  Record<string, (visitor: Visitor, body: Body) => Promise<{ path: string; stat: StatView | null }>>
> = {
  create: async ({ client }, body) => {
    const mode = MODES[textOf(body, 'mode')]
    if (mode === undefined) throw new Problem(400, `mode must be ${Object.keys(MODES).join(', ')}.`)
    const acl = body['acl'] === undefined ? OPEN_ACL : aclOf(body['acl'])
    const made = await answered(client.create2(textOf(body, 'path'), dataOf(body), { mode, acl }))
    return { path: made.path, stat: statView(made.stat) }
  },
  set: async ({ client }, body) => {
    const path = textOf(body, 'path')
    const stat = await answered(client.set(path, dataOf(body), versionOf(body)))
    return { path, stat: statView(stat) }
  },
  delete: async ({ client }, body) => {
    const path = textOf(body, 'path')
    await answered(client.delete(path, versionOf(body)))
    return { path, stat: null }
  },
  acl: async ({ client }, body) => {
    const path = textOf(body, 'path')
    const stat = await answered(client.setAcl(path, aclOf(body['acl']), versionOf(body)))
    return { path, stat: statView(stat) }
  },
}

export function textOf(body: Body, name: string): string {
  const value = body[name]
  if (typeof value === 'string') return value
  throw new Problem(400, `${name} must be a text.`)
}

/** Any version will not do here: -1 is refused. */
function versionOf(body: Body): number {
  const value = body['version']
  if (Number.isInteger(value) && (value as number) >= 0) return value as number
  throw new Problem(400, 'version must be the version that you looked at.')
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Base64, or null for null data. */
function dataOf(body: Body): Uint8Array | null {
  const value = body['data']
  if (value === null) return null
  if (typeof value === 'string' && BASE64.test(value)) return Buffer.from(value, 'base64')
  throw new Problem(400, 'data must be Base64, or null.')
}

function aclOf(value: unknown): Acl[] {
  const wanted = 'acl must be a list of entries with scheme, id, and perms of the letters cdrwa.'
  if (!Array.isArray(value) || value.length === 0 || value.length > ACL_ENTRIES_MAX) {
    throw new Problem(400, wanted)
  }
  return value.map((entry: unknown) => {
    const { scheme, id, perms } = (entry ?? {}) as Body
    const bits = typeof perms === 'string' ? permsOf(perms) : null
    if (typeof scheme !== 'string' || typeof id !== 'string' || bits === null) {
      throw new Problem(400, wanted)
    }
    return { perms: bits, id: { scheme, id } }
  })
}
