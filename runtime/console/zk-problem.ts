// A server's errors, in words for people.

import { isZkError, ZkError } from '../../client/zk-error.ts'
import { ErrorCode, errorName } from '../../protocol/error-code.ts'
import { Problem } from './answers.ts'

export { isZkError }

const WORDS: ReadonlyMap<number, readonly [status: number, words: string]> = new Map([
  [ErrorCode.noNode, [404, 'There is no such node.']],
  [ErrorCode.nodeExists, [409, 'There is a node of this name already.']],
  [ErrorCode.notEmpty, [409, 'The node has children. Delete them first.']],
  [ErrorCode.badVersion, [409, 'Somebody has changed the node since you read it. Read it again.']],
  [ErrorCode.noAuth, [403, 'The access list does not allow you this.']],
  [ErrorCode.invalidACL, [400, 'The server does not take this access list.']],
  [ErrorCode.noChildrenForEphemerals, [409, 'An ephemeral node cannot have children.']],
  [ErrorCode.notReadOnly, [503, 'The server has no leader: it can be read, but not written to.']],
  [ErrorCode.connectionLoss, [503, 'The server serves nobody at the moment.']],
  [ErrorCode.sessionExpired, [503, 'The console’s session has expired. Try again.']],
  [ErrorCode.throttledOp, [503, 'The console asks too much at once. Try again.']],
  [ErrorCode.quotaExceeded, [409, 'A quota does not allow this.']],
  [
    ErrorCode.sessionClosedRequireSaslAuth,
    [403, 'The server wants every client to sign in with SASL or the like.'],
  ],
])

/** Null if it is none of the server's. */
export function zkProblem(error: unknown): Problem | null {
  if (!(error instanceof ZkError)) return null
  if (error.code === ErrorCode.badArguments) {
    const { reason } = error.details
    return new Problem(
      400,
      reason ? `${reason}.` : 'The server does not take this path or version.',
    )
  }
  const [status, words] = WORDS.get(error.code) ?? [
    500,
    `The server says: ${errorName(error.code)}.`,
  ]
  return new Problem(status, words)
}
