// A pending request that settles a promise: reads the reply's body, or turns its error code into a
// ZkError. Watches are registered here, before the next frame is looked at, so that a notification
// directly behind the reply finds its watcher.

import { type JuteReader, MalformedError } from '../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../protocol/error-code.ts'
import type { Pending } from './request-queue.ts'
import { ZkError } from './zk-error.ts'

/** Makes the caller's value from a reply's body. */
export type Read<T> = (reader: JuteReader) => T

/** Sees every error code before the promise does. Returns the result if it handles the error,
 * otherwise null. */
export type OnReply<T> = (err: number) => { readonly value: T } | null

export class PromisedReply<T> implements Pending {
  xid = 0
  readonly #path: string | null
  readonly #read: Read<T>
  readonly #onReply: OnReply<T> | null
  readonly #resolve: (value: T) => void
  readonly #reject: (error: Error) => void

  constructor(
    path: string | null,
    read: Read<T>,
    onReply: OnReply<T> | null,
    resolve: (value: T) => void,
    reject: (error: Error) => void,
  ) {
    this.#path = path
    this.#read = read
    this.#onReply = onReply
    this.#resolve = resolve
    this.#reject = reject
  }

  settle(err: number, reader: JuteReader): void {
    const handled = this.#onReply === null ? null : this.#onReply(err)
    if (handled !== null) {
      this.#resolve(handled.value)
      return
    }
    if (err !== ErrorCode.ok) {
      this.#reject(new ZkError(err, this.#path))
      return
    }
    try {
      this.#resolve(this.#read(reader))
    } catch (error) {
      if (!(error instanceof ZkError) && !(error instanceof MalformedError)) throw error
      const code = ErrorCode.marshallingError
      this.#reject(error instanceof ZkError ? error : new ZkError(code, this.#path))
    }
  }
}
