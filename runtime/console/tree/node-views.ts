// A node, and a page of its children, as the console shows them.

import type { Acl } from '../../../protocol/acl.ts'
import type { Stat } from '../../../protocol/stat.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import { Problem, type Slice, sliced } from '../answers.ts'
import { answered, type Visitor } from '../visitors.ts'
import { type Listings, matching } from './listing.ts'

/** Bytes of data that are sent unless all of them are asked for, and then. */
const DATA_BYTES = 65_536
const DATA_BYTES_MAX = 4 << 20

export interface StatView {
  readonly czxid: string
  readonly mzxid: string
  readonly pzxid: string
  /** Milliseconds since 1970. */
  readonly ctime: number
  readonly mtime: number
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  /** `0x...` of the session that owns it, or the kind of node; null for an ordinary one. */
  readonly owner: string | null
  readonly dataLength: number
  readonly numChildren: number
}

export interface AclView {
  readonly scheme: string
  readonly id: string
  /** Letters of `cdrwa`. */
  readonly perms: string
}

export interface NodeView {
  readonly path: string
  readonly stat: StatView
  /** Base64 of the data, or of its beginning; null for null data, or if it may not be read. */
  readonly data: string | null
  readonly isWhole: boolean
  /** Why there is no data, or no access list. */
  readonly dataProblem: string | null
  readonly acl: readonly AclView[] | null
  readonly aclProblem: string | null
}

/** `wantsAll`: all of the data, not only its beginning. */
export async function nodeView(
  { client }: Visitor,
  path: string,
  wantsAll: boolean,
  wordsOf: (error: unknown) => string,
): Promise<NodeView> {
  const stat = await answered(client.exists(path))
  if (stat === null) throw new Problem(404, 'There is no such node.')
  const [read, acl] = await Promise.allSettled([
    answered(client.get(path)),
    answered(client.getAcl(path)),
  ])
  const data = read.status === 'fulfilled' ? read.value.data : null
  const most = wantsAll ? DATA_BYTES_MAX : DATA_BYTES
  return {
    path,
    stat: statView(read.status === 'fulfilled' ? read.value.stat : stat),
    data: data === null ? null : Buffer.from(data.subarray(0, most)).toString('base64'),
    isWhole: data === null || data.length <= most,
    dataProblem: read.status === 'rejected' ? wordsOf(read.reason) : null,
    acl: acl.status === 'fulfilled' ? (acl.value.acl ?? []).map(aclView) : null,
    aclProblem: acl.status === 'rejected' ? wordsOf(acl.reason) : null,
  }
}

export interface ChildView {
  readonly name: string
  /** Null if it has just been deleted, or may not be read. */
  readonly stat: StatView | null
}

export interface ChildrenView {
  readonly path: string
  readonly stat: StatView
  /** How many match the filter. */
  readonly total: number
  /** Whether all children were looked at (NAMES_MAX). */
  readonly isWhole: boolean
  readonly rows: readonly ChildView[]
}

export async function childrenView(
  listings: Listings,
  visitor: Visitor,
  path: string,
  filter: string,
  slice: Slice,
): Promise<ChildrenView> {
  const { stat, names, isWhole } = await listings.of(visitor, path)
  const { total, rows } = sliced(await matching(names, filter), slice)
  const above = path === '/' ? '' : path
  const stats = await Promise.allSettled(
    rows.map((name) => answered(visitor.client.exists(`${above}/${name}`))),
  )
  return {
    path,
    stat: statView(stat),
    total,
    isWhole,
    rows: rows.map((name, i) => {
      const found = stats[i]
      const own = found?.status === 'fulfilled' ? found.value : null
      return { name, stat: own === null ? null : statView(own) }
    }),
  }
}

const CONTAINER = -(2n ** 63n)
const TTL_BITS = 0xffn << 56n

export function statView(stat: Stat): StatView {
  const { ephemeralOwner, czxid, mzxid, pzxid, ...rest } = stat
  return {
    ...rest,
    czxid: formatZxid(czxid),
    mzxid: formatZxid(mzxid),
    pzxid: formatZxid(pzxid),
    owner: ownerText(ephemeralOwner),
  }
}

/** ephemeralOwner also marks containers and nodes with a TTL (EphemeralType). */
function ownerText(owner: bigint): string | null {
  if (owner === 0n) return null
  if (owner === CONTAINER) return 'container'
  const bits = BigInt.asUintN(64, owner)
  if ((bits & TTL_BITS) === TTL_BITS) return `TTL ${bits & 0xff_ffff_ffffn} ms`
  return `0x${bits.toString(16)}`
}

const LETTERS = ['r', 'w', 'c', 'd', 'a'] as const

function aclView({ perms, id: { scheme, id } }: Acl): AclView {
  const letters = LETTERS.filter((_, bit) => (perms & (1 << bit)) !== 0)
  return { scheme, id, perms: letters.sort().join('') }
}

/** Letters of `cdrwa` as bits; null if there is another letter, or none. */
export function permsOf(letters: string): number | null {
  let perms = 0
  for (const letter of letters) {
    const bit = (LETTERS as readonly string[]).indexOf(letter)
    if (bit < 0) return null
    perms |= 1 << bit
  }
  return perms === 0 ? null : perms
}
