// A thread's copy of what this server has and trusts, which the main thread reads and may replace.

import type { SecureContextOptions } from 'node:tls'

export class HeldCredentials {
  readonly #users: (() => void)[] = []
  #context: SecureContextOptions

  constructor(context: SecureContextOptions) {
    this.#context = context
  }

  /** For handshakes from now on. */
  get context(): SecureContextOptions {
    return this.#context
  }

  replace(context: SecureContextOptions): void {
    this.#context = context
    for (const use of this.#users) use()
  }

  onReplaced(use: () => void): void {
    this.#users.push(use)
  }
}
