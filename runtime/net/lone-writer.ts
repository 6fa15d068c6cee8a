// Whether one client alone is being served, and waits for a write. Then the network's thread may wait
// for the reply where it is woken soonest, on its bell, although it reads no sockets meanwhile
// (runtime/thread/idle-strategy.ts says for how long at most).
//
// Whoever else says something ends that for a while. So of the requests of others one is late, by a
// millisecond at most, in all of ALONE_MS.

import { isLone } from '../../actors/actor.ts'
import type { ClientConnection } from './client-connection.ts'

/** Nobody else may have been heard for so long. */
const ALONE_MS = 100

export class LoneWriter {
  #last: ClientConnection | null = null
  #sinceMs = 0
  #isWrite = false

  /** How long the reply before took, in milliseconds. */
  get tookMs(): number {
    return this.#last?.lastExactMs ?? 0
  }

  /** A connection has said something. */
  heard(connection: ClientConnection, nowMs: number): void {
    if (connection === this.#last) return
    this.#last = connection
    this.#sinceMs = nowMs
  }

  /** A request leaves for the actors. */
  asked(isWrite: boolean): void {
    this.#isWrite = isWrite
  }

  /** `underWay`: requests of all clients. */
  waits(underWay: number, nowMs: number): boolean {
    return this.#isWrite && isLone(underWay) && nowMs - this.#sinceMs >= ALONE_MS
  }
}
