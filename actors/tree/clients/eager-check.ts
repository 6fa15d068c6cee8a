// enableEagerACLCheck: a write that the committed tree does not allow is refused at once, and never
// travels to the leader (ZooKeeperServer.authWriteRequest). The leader checks every write all the
// same, against the tree as it will be.

import { type Acl, permits, readAcls } from '../../../protocol/acl.ts'
import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode, Perm } from '../../../protocol/op-code.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import { type AclRules, fixAcls } from '../writes/acl-rules.ts'
import type { Connection, Request } from './connections.ts'

export interface EagerCheckOptions extends AclRules {
  readonly enableEagerAclCheck: boolean
  readonly skipAcl: boolean
}

interface Needed {
  /** Whether the permission is needed on the node itself; otherwise on its parent. */
  readonly ofNode: boolean
  readonly perm: number
}

const NEEDED: ReadonlyMap<number, Needed> = new Map<number, Needed>([
  [OpCode.create, { ofNode: false, perm: Perm.create }],
  [OpCode.create2, { ofNode: false, perm: Perm.create }],
  [OpCode.delete, { ofNode: false, perm: Perm.delete }],
  [OpCode.setData, { ofNode: true, perm: Perm.write }],
  [OpCode.setACL, { ofNode: true, perm: Perm.admin }],
])
const SLASH = 0x2f

export class EagerCheck {
  readonly #data: DataTree
  readonly #options: EagerCheckOptions
  readonly #reader = new JuteReader()

  constructor(data: DataTree, options: EagerCheckOptions) {
    this.#data = data
    this.#options = options
  }

  /** The error to refuse the request with; ok if it may go on. Whoever prepares the request reports
   * what else may be wrong with it. */
  refusal({ connection, opCode, bytes, start, end }: Request): ErrorCode {
    const needed = NEEDED.get(opCode)
    if (needed === undefined) return ErrorCode.ok
    this.#reader.reset(bytes, start, end)
    try {
      return this.#check(needed, opCode, connection)
    } catch (error) {
      if (error instanceof MalformedError) return ErrorCode.ok
      throw error
    }
  }

  #check({ ofNode, perm }: Needed, opCode: number, { identities }: Connection): ErrorCode {
    const reader = this.#reader
    const length = reader.bufferLength()
    const pathStart = reader.offset
    if (length < 1) return ErrorCode.ok
    reader.skip(length)
    const pathEnd = ofNode ? reader.offset : parentEnd(reader.bytes, pathStart, reader.offset)
    if (opCode !== OpCode.setData && opCode !== OpCode.delete) {
      if (opCode !== OpCode.setACL) reader.buffer()
      const fixed = fixAcls(readAcls(reader), identities, this.#options)
      if (fixed === null) return ErrorCode.invalidACL
    }
    const node = this.#data.find(reader.bytes, pathStart, pathEnd)
    if (node === layout.NO_NODE || this.#options.skipAcl) return ErrorCode.ok
    const acls = this.#data.acls.restrictingAny(this.#data.store.word(node, layout.ACL_ID))
    const isAllowed = acls === null || permits(acls as Acl[], perm, identities)
    return isAllowed ? ErrorCode.ok : ErrorCode.noAuth
  }
}

/** The root's path keeps its slash. */
function parentEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1
  while (at > start && bytes[at] !== SLASH) at--
  return Math.max(at, start + 1)
}
