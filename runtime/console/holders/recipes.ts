// Locks and elections as their nodes show them: the names that recipes give to the ephemeral nodes of
// those who hold and wait. A pure function of names.
//
//   Curator              _c_<uuid>-lock-0000000001, -__READ__, -__WRIT__, -lease-, -latch-
//   kazoo                <32 hex>__lock__0000000001, __rlock__
//   ZooKeeper's recipes  x-<session>-0000000001, n_0000000001
//   this project's, and others that do the same: <anything>lock-, read-, write-, ... and ten digits

export type RecipeKind = 'lock' | 'read-write lock' | 'leases' | 'election' | 'numbered'
type Role = 'plain' | 'read' | 'write' | 'lease'

/** Who stands where: `holds`, would be `next`, or `waits` behind that. */
export type Standing = 'holds' | 'next' | 'waits'

export interface Named {
  readonly role: Role
  readonly kind: RecipeKind
  /** Whose recipe makes such names. */
  readonly recipe: string
  readonly number: number
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const NUMBER = '(-?\\d{10})$'

const NAMES: readonly (readonly [RegExp, Role, RecipeKind, string])[] = [
  [named(`^_c_${UUID}-__READ__`), 'read', 'read-write lock', 'Curator'],
  [named(`^_c_${UUID}-__WRIT__`), 'write', 'read-write lock', 'Curator'],
  [named(`^_c_${UUID}-lease-`), 'lease', 'leases', 'Curator'],
  [named(`^_c_${UUID}-latch-`), 'plain', 'election', 'Curator'],
  [named(`^_c_${UUID}-lock-`), 'plain', 'lock', 'Curator'],
  [named('^[0-9a-f]{32}__rlock__'), 'read', 'read-write lock', 'kazoo'],
  [named('^[0-9a-f]{32}__lock__'), 'plain', 'lock', 'kazoo'],
  [named('^x-(?:0x)?[0-9a-f]+-'), 'plain', 'lock', 'ZooKeeper'],
  [named('^n_'), 'plain', 'election', 'ZooKeeper'],
  [named('(?:^|.*[^a-z])(?:read|rlock)[-_]*'), 'read', 'read-write lock', ''],
  [named('(?:^|.*[^a-z])(?:write|writ|wlock)[-_]*'), 'write', 'read-write lock', ''],
  [named('(?:^|.*[^a-z])(?:lease|permit)[-_]*'), 'lease', 'leases', ''],
  [named('(?:^|.*[^a-z])(?:elect|election|leader|latch|candidate)[-_]*'), 'plain', 'election', ''],
  [named('(?:^|.*[^a-z])(?:lock|mutex)[-_]*'), 'plain', 'lock', ''],
  [named('.*'), 'plain', 'numbered', ''],
]

function named(start: string): RegExp {
  return new RegExp(`${start}${NUMBER}`, 'i')
}

/** What a node of this name would be; null if it is no recipe's. */
export function recipeOf(name: string): Named | null {
  for (const [pattern, role, kind, recipe] of NAMES) {
    const found = pattern.exec(name)
    if (found !== null) return { role, kind, recipe, number: Number(found[1]) }
  }
  return null
}

export interface Contender {
  readonly name: string
  /** `0x...` */
  readonly session: string
  readonly role: Role
  readonly number: number
  readonly standing: Standing
}

export interface Group {
  /** The node whose children they are. */
  readonly path: string
  readonly kind: RecipeKind
  readonly recipe: string
  /** In the order of their numbers. */
  readonly contenders: readonly Contender[]
}

/** The groups among ephemeral nodes, by path. A group is named for what most says what it is: a kazoo
 * lock beside read locks is a read-write lock. */
export function groupsOf(nodes: Iterable<readonly [path: string, session: string]>): Group[] {
  const groups = new Map<string, (Named & { name: string; session: string })[]>()
  for (const [path, session] of nodes) {
    const cut = path.lastIndexOf('/')
    const name = path.slice(cut + 1)
    const found = recipeOf(name)
    if (found === null) continue
    const parent = path.slice(0, cut) || '/'
    const group = groups.get(parent)
    if (group === undefined) groups.set(parent, [{ ...found, name, session }])
    else group.push({ ...found, name, session })
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, all]) => groupOf(path, all))
}

function groupOf(path: string, all: (Named & { name: string; session: string })[]): Group {
  all.sort((a, b) => a.number - b.number)
  const first = all.find(({ kind }) => kind === 'read-write lock') ?? all[0]!
  const isReadWrite = first.kind === 'read-write lock'
  const roles = all.map(({ role }) => (isReadWrite && role === 'plain' ? 'write' : role))
  const holding = holdersOf(roles)
  const contenders = all.map(({ name, session, number }, i): Contender => {
    const standing = i < holding ? 'holds' : i === holding ? 'next' : 'waits'
    return { name, session, number, role: roles[i]!, standing }
  })
  return { path, kind: first.kind, recipe: first.recipe, contenders }
}

/** How many of them hold, from the first: every lease; all readers before the first writer; or one. */
function holdersOf(roles: readonly Role[]): number {
  if (roles[0] === 'lease') return roles.length
  const readers = roles.findIndex((role) => role !== 'read')
  if (readers < 0) return roles.length
  return Math.max(1, readers)
}
