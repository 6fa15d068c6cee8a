// For how long nobody could write: a writer at each server, which stays there. Other clients go where
// they are served and gather at one server; while that hangs they tell nothing of the others.

import type { Client } from '../../client/client.ts'
import { isZkError } from '../../client/zk-error.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { clientOf, SESSION_MS } from '../ensemble/load.ts'

export class Probes {
  readonly #addresses: readonly string[]
  readonly #paceMs: number
  #running: Promise<unknown> = Promise.resolve()
  #stopped = true
  #gapMs = 0
  #lastMs = 0

  /** Connect strings of one server each, and the time between two writes of a probe. */
  constructor(addresses: readonly string[], paceMs: number) {
    this.#addresses = addresses
    this.#paceMs = paceMs
  }

  begin(): void {
    this.#stopped = false
    this.forget()
    this.#running = Promise.all(this.#addresses.map((address, i) => this.#run(address, i)))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** The gaps until now. */
  forget(): void {
    this.#gapMs = 0
    this.#lastMs = performance.now()
  }

  /** The longest time in which no probe's write was acknowledged. */
  get gapMs(): number {
    return Math.max(this.#gapMs, performance.now() - this.#lastMs)
  }

  async #run(address: string, index: number): Promise<void> {
    const path = `/probe-${index}`
    // Its server may be away for longer than a session lives.
    for (
      let client = clientOf(address, 0, SESSION_MS);
      ;
      client = clientOf(address, 0, SESSION_MS)
    ) {
      await this.#write(client, path)
      client.connection.abandon()
      if (this.#stopped) return
    }
  }

  /** Until it is stopped, or the session is gone. */
  async #write(client: Client, path: string): Promise<void> {
    while (!this.#stopped && client.connection.state !== 'expired') {
      try {
        await client.set(path, null)
        this.#acknowledge()
      } catch (error) {
        if (isZkError(error, ErrorCode.noNode)) await made(client, path)
      }
      await new Promise((resolve) => setTimeout(resolve, this.#paceMs))
    }
  }

  #acknowledge(): void {
    const nowMs = performance.now()
    this.#gapMs = Math.max(this.#gapMs, nowMs - this.#lastMs)
    this.#lastMs = nowMs
  }
}

/** Whatever comes of it, the next write tells. */
function made(client: Client, path: string): Promise<unknown> {
  return client.create(path, null).catch(() => undefined)
}
