// The parts of a multi and a multiRead, and their paths under a chroot.

import { type Acl, OPEN_ACL } from '../protocol/acl.ts'
import { CreateMode, OpCode } from '../protocol/op-code.ts'
import type { CreateTtlRequest } from '../protocol/records/create.ts'
import type { MultiOp, MultiResult } from '../protocol/records/multi.ts'
import type { MultiReadOp } from '../protocol/records/multi-read.ts'
import { underChroot, withoutChroot } from './connect-string.ts'
import { pathProblem, sequentialPathProblem } from './path.ts'

export const ANY_VERSION = -1

export interface CreateOptions {
  /** One of CreateMode. If absent: persistent, or persistent with a TTL if `ttlMs` is given. */
  readonly mode?: number
  readonly acl?: readonly Acl[]
  /** The node goes away once it has had no children and no change for this long. */
  readonly ttlMs?: number
}

/** The operation code and the fields of a create, which is one of four operations. */
export interface CreateCall {
  readonly type:
    | typeof OpCode.create
    | typeof OpCode.create2
    | typeof OpCode.createContainer
    | typeof OpCode.createTTL
  readonly request: CreateTtlRequest
}

const NO_TTL = -1

export function createCall(
  path: string,
  data: Uint8Array | null,
  options: CreateOptions,
): CreateCall {
  const ttlMs = options.ttlMs ?? NO_TTL
  const flags = options.mode ?? (ttlMs === NO_TTL ? 0 : CreateMode.persistentWithTtl)
  const request = { path, data, acl: options.acl ?? OPEN_ACL, flags, ttlMs }
  if (ttlMs !== NO_TTL) return { type: OpCode.createTTL, request }
  if (flags === CreateMode.container) return { type: OpCode.createContainer, request }
  return { type: OpCode.create, request }
}

/** Why a node cannot be created under this path; null if it can. The path of a sequential node may
 * end in a slash. */
export function createProblem(path: string, flags: number): string | null {
  return isSequential(flags) ? sequentialPathProblem(path) : pathProblem(path)
}

function isSequential(flags: number): boolean {
  return (
    flags === CreateMode.persistentSequential ||
    flags === CreateMode.ephemeralSequential ||
    flags === CreateMode.persistentSequentialWithTtl
  )
}

export function createOp(
  path: string,
  data: Uint8Array | null,
  options: CreateOptions = {},
): MultiOp {
  return createCall(path, data, options)
}

export function deleteOp(path: string, version: number = ANY_VERSION): MultiOp {
  return { type: OpCode.delete, request: { path, version } }
}

export function setOp(
  path: string,
  data: Uint8Array | null,
  version: number = ANY_VERSION,
): MultiOp {
  return { type: OpCode.setData, request: { path, data, version } }
}

/** Fails the multi unless the node has this version. */
export function checkOp(path: string, version: number): MultiOp {
  return { type: OpCode.check, request: { path, version } }
}

export function getOp(path: string): MultiReadOp {
  return { type: OpCode.getData, request: { path, watch: false } }
}

export function getChildrenOp(path: string): MultiReadOp {
  return { type: OpCode.getChildren, request: { path, watch: false } }
}

export function opUnderChroot<T extends MultiOp | MultiReadOp>(chroot: string, op: T): T {
  if (chroot === '') return op
  return { ...op, request: { ...op.request, path: underChroot(chroot, op.request.path) } }
}

export function resultWithoutChroot(chroot: string, result: MultiResult): MultiResult {
  if (chroot === '' || !('path' in result)) return result
  return { ...result, path: withoutChroot(chroot, result.path) }
}
