// The only error that the client and the shell throw.

import { ErrorCode, errorName } from '../protocol/error-code.ts'
import type { MultiResult } from '../protocol/records/multi.ts'

export interface ZkErrorDetails {
  /** The outcome of each operation of a multi that failed. */
  readonly results?: readonly MultiResult[]
  /** Why the client itself refused the request, which was not sent. */
  readonly reason?: string
}

export class ZkError extends Error {
  override readonly name = 'ZkError'
  /** One of ErrorCode, or a number that a newer server introduced. */
  readonly code: number
  /** As the caller gave it, without the chroot; null if the request concerns no path. */
  readonly path: string | null
  readonly details: ZkErrorDetails

  constructor(code: number, path: string | null, details: ZkErrorDetails = {}) {
    super(details.reason ?? (path === null ? errorName(code) : `${errorName(code)}: ${path}`))
    this.code = code
    this.path = path
    this.details = details
  }
}

/** Whether `error` is a ZkError with this code. */
export function isZkError(error: unknown, code: ErrorCode): error is ZkError {
  return error instanceof ZkError && error.code === code
}

/** A request that the client refuses to send. */
export function badArguments(path: string | null, reason: string): ZkError {
  return new ZkError(ErrorCode.badArguments, path, { reason })
}
