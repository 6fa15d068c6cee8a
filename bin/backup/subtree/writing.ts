// Makes a subtree of a running server what the backup has. Each write carries the version that the difference was
// worked out from. So a write beside somebody else's is refused; then the server is read again, and the difference
// worked out anew. The same finishes what a run that was killed has begun.

import { ZkError } from '../../../client/zk-error.ts'
import { ErrorCode, errorName } from '../../../protocol/error-code.ts'
import { ToolError } from '../../tools/output.ts'
import { type Batch, batches, opOf } from './batches.ts'
import { type Choices, type Difference, difference, type Nodes } from './difference.ts'
import { foundNodes, type Target } from './found.ts'

/** How often the difference is worked out before others' writes, or lost connections, are too many. */
const ROUNDS_MAX = 10

/** Somebody else was there in between; or the connection was lost, and nobody knows what became of the request. */
const AGAIN: ReadonlySet<number> = new Set([
  ErrorCode.badVersion,
  ErrorCode.noNode,
  ErrorCode.nodeExists,
  ErrorCode.notEmpty,
  ErrorCode.noChildrenForEphemerals,
  ErrorCode.connectionLoss,
])

const REASONS: ReadonlyMap<number, string> = new Map([
  [
    ErrorCode.noAuth,
    'no permission: authenticate as who may write there, or as super (--auth-file)',
  ],
  [ErrorCode.invalidACL, 'the server does not accept the access list that the backup has'],
  [ErrorCode.unimplemented, 'the server does not make such nodes: zookeeper.extendedTypesEnabled'],
  [ErrorCode.quotaExceeded, 'a quota is exceeded'],
  [ErrorCode.connectionLoss, 'the connection was lost: run it again'],
])

export interface Written {
  /** Of the last round: what was left alone. */
  readonly left: Difference
  readonly steps: number
  /** How often the difference was worked out. */
  readonly rounds: number
}

export interface Hooks {
  /** Told how many steps were taken, batch by batch. */
  onSteps?(count: number): void
  /** Waits until there is a connection again. */
  connected?(): Promise<void>
}

/** Throws ToolError; then what was written stays. */
export async function writeSubtree(
  target: Target,
  path: string,
  wanted: Nodes,
  choices: Choices,
  hooks: Hooks = {},
): Promise<Written> {
  let steps = 0
  let last = ''
  for (let rounds = 1; rounds <= ROUNDS_MAX; rounds++) {
    try {
      const left = difference(wanted, await foundNodes(target, path), choices)
      for (const batch of batches(left.steps)) {
        await send(target, batch)
        const count = 'kind' in batch ? 1 : batch.length
        steps += count
        hooks.onSteps?.(count)
      }
      return { left, steps, rounds }
    } catch (error) {
      if (!(error instanceof ZkError)) throw error
      last = `${error.path ?? path}: ${errorName(error.code)}`
      if (!AGAIN.has(error.code)) throw refused(error, path)
      await hooks.connected?.()
    }
  }
  throw new ToolError(
    `${last}, after ${ROUNDS_MAX} attempts: others write there all the time, or the server closes the connection ` +
      'because a node is larger than its jute.maxbuffer',
    1,
  )
}

async function send(target: Target, batch: Batch): Promise<void> {
  if ('kind' in batch) await target.setAcl(batch.path, batch.acl, batch.aversion)
  else await target.multi(batch.map(opOf))
}

/** What a ZkError means to who restores. */
export function refused(error: ZkError, path: string): ToolError {
  const reason = REASONS.get(error.code) ?? error.details.reason ?? errorName(error.code)
  return new ToolError(`${error.path ?? path}: ${reason}`, 1)
}
