// Access lists, shared by value: a node holds the small id of its list. The list's users are
// counted, so that a list that nobody uses is forgotten. (ReferenceCountedACLCache, which however
// reuses ids after a snapshot: ZOOKEEPER-4689. Ids here are used once a process, and never written
// without their list.)

import { type Acl, ANYONE, OPEN_ACL } from '../../../protocol/acl.ts'
import { assert } from '../../../protocol/assert.ts'
import { Perm } from '../../../protocol/op-code.ts'

/** The id of OPEN_ACL. */
export const OPEN_ACL_ID = -1

interface Entry {
  readonly id: number
  readonly key: string
  readonly acls: readonly Acl[]
  /** Whether anyone may read, so that watch events need no check. */
  readonly worldReadable: boolean
  users: number
}

export class AclCache {
  readonly #byId: Map<number, Entry> = new Map()
  readonly #byKey: Map<string, Entry> = new Map()
  #nextId = 1

  /** The id of the list, which gets one more user. */
  use(acls: readonly Acl[]): number {
    if (isOpen(acls)) return OPEN_ACL_ID
    const key = keyOf(acls)
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      known.users++
      return known.id
    }
    const entry: Entry = {
      id: this.#nextId++,
      key,
      acls,
      worldReadable: acls.length === 0 || acls.some(readableByAnyone),
      users: 1,
    }
    this.#byId.set(entry.id, entry)
    this.#byKey.set(key, entry)
    return entry.id
  }

  release(id: number): void {
    if (id === OPEN_ACL_ID) return
    const entry = this.#byId.get(id)
    assert(entry !== undefined && entry.users > 0, 'released an unknown access list')
    entry.users--
    if (entry.users > 0) return
    this.#byId.delete(id)
    this.#byKey.delete(entry.key)
  }

  list(id: number): readonly Acl[] {
    if (id === OPEN_ACL_ID) return OPEN_ACL
    const entry = this.#byId.get(id)
    assert(entry !== undefined, 'unknown access list')
    return entry.acls
  }

  /** The list if some clients may not read; null if everyone may. */
  restricting(id: number): readonly Acl[] | null {
    if (id === OPEN_ACL_ID) return null
    const entry = this.#byId.get(id)
    return entry === undefined || entry.worldReadable ? null : entry.acls
  }

  /** The list; null for the open one, which permits everything. */
  restrictingAny(id: number): readonly Acl[] | null {
    return id === OPEN_ACL_ID ? null : this.list(id)
  }

  /** Every list in use except the open one, for a snapshot. */
  entries(): { id: number; acls: readonly Acl[] }[] {
    return [...this.#byId.values()].map(({ id, acls }) => ({ id, acls }))
  }
}

function isOpen(acls: readonly Acl[]): boolean {
  if (acls === OPEN_ACL) return true
  const acl = acls[0]
  return acls.length === 1 && acl !== undefined && acl.perms === Perm.all && isAnyone(acl)
}

function isAnyone(acl: Acl): boolean {
  return acl.id.scheme === ANYONE.scheme && acl.id.id === ANYONE.id
}

function readableByAnyone(acl: Acl): boolean {
  return (acl.perms & Perm.read) !== 0 && isAnyone(acl)
}

function keyOf(acls: readonly Acl[]): string {
  return JSON.stringify(acls.map(({ perms, id }) => [perms, id.scheme, id.id]))
}
