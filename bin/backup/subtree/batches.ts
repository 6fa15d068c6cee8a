// The steps of a difference as requests that a server takes: multis bounded in operations and bytes, in the order of
// the steps. A multi cannot change access lists, so each of those steps is a request of its own.

import { createOp, deleteOp, setOp } from '../../../client/operations.ts'
import type { Acl } from '../../../protocol/acl.ts'
import { NodeKind } from '../../../protocol/ephemeral-owner.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import type { MultiOp } from '../../../protocol/records/multi.ts'
import type { Step } from './difference.ts'

const OPERATIONS_MAX = 500
/** Half of what a server takes by default (jute.maxbuffer). One step alone may be larger. */
const BATCH_BYTES_MAX = 512 * 1024
/** Headers, lengths, versions and flags of an operation, at most. */
const OPERATION_BYTES = 64
const ACL_BYTES = 12

export type AclStep = Extract<Step, { kind: 'acl' }>
export type WriteStep = Exclude<Step, AclStep>
export type Batch = readonly WriteStep[] | AclStep

export function* batches(steps: readonly Step[]): Generator<Batch> {
  let batch: WriteStep[] = []
  let bytes = 0
  for (const step of steps) {
    const size = step.kind === 'acl' ? 0 : bytesOf(step)
    const isFull = batch.length === OPERATIONS_MAX || bytes + size > BATCH_BYTES_MAX
    if (batch.length > 0 && (isFull || step.kind === 'acl')) {
      yield batch
      batch = []
      bytes = 0
    }
    if (step.kind === 'acl') yield step
    else {
      batch.push(step)
      bytes += size
    }
  }
  if (batch.length > 0) yield batch
}

export function opOf(step: WriteStep): MultiOp {
  switch (step.kind) {
    case 'delete':
      return deleteOp(step.path, step.version)
    case 'set':
      return setOp(step.path, step.data, step.version)
    case 'create': {
      const { data, acl, kind, ttlMs } = step.node
      if (kind === NodeKind.ttl) return createOp(step.path, data, { acl, ttlMs })
      const mode = kind === NodeKind.container ? CreateMode.container : CreateMode.persistent
      return createOp(step.path, data, { acl, mode })
    }
  }
}

function bytesOf(step: WriteStep): number {
  const path = Buffer.byteLength(step.path) + OPERATION_BYTES
  if (step.kind === 'delete') return path
  if (step.kind === 'set') return path + (step.data?.length ?? 0)
  return path + (step.node.data?.length ?? 0) + aclBytes(step.node.acl)
}

function aclBytes(acl: readonly Acl[]): number {
  const texts = acl.map(({ id }) => Buffer.byteLength(id.scheme) + Buffer.byteLength(id.id))
  return texts.reduce((sum, bytes) => sum + bytes + ACL_BYTES, 0)
}
