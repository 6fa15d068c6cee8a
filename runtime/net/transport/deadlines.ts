// Which connections must go because their time is up: those that do not finish their handshake, and
// those that do not take the last that they are sent. Both times have a fixed beginning: a client
// that trickles bytes gets no more time than one that sends none.

import type { ClientConnection } from '../client-connection.ts'
import type { RefusalReason } from '../input/refusals.ts'

/** A handshake that finds no leader waits this long for one: an election takes less. */
const LEADERLESS_MS = 500
/** A client that takes nothing for this long has gone. */
const ENDING_MS_MAX = 30_000

export class Deadlines {
  readonly #sessionlessCnxnTimeoutMs: number
  /** In the order of their accepts: those whose ConnectRequest has not come yet. */
  readonly #handshaking: Set<ClientConnection> = new Set()
  /** Those that will be sent nothing more, and since when. */
  readonly #ending: Map<ClientConnection, number> = new Map()

  constructor(sessionlessCnxnTimeoutMs: number) {
    this.#sessionlessCnxnTimeoutMs = sessionlessCnxnTimeoutMs
  }

  accepted(connection: ClientConnection): void {
    this.#handshaking.add(connection)
  }

  /** It has sent its ConnectRequest, or needs none. */
  handshaken(connection: ClientConnection): void {
    this.#handshaking.delete(connection)
  }

  /** It is sent nothing more. */
  ending(connection: ClientConnection, nowMs: number): void {
    if (!connection.socket.destroyed) this.#ending.set(connection, nowMs)
  }

  closed(connection: ClientConnection): void {
    this.#handshaking.delete(connection)
    this.#ending.delete(connection)
  }

  /** Which connections must go, and why. `isServing`: handshakes are accepted. */
  *overdue(
    nowMs: number,
    isServing: boolean,
  ): Generator<readonly [ClientConnection, RefusalReason]> {
    for (const connection of this.#handshaking) {
      const waitingMs = nowMs - connection.acceptedMs
      // Its ConnectRequest has come, but there is nobody to take it.
      const isLeaderless = !isServing && connection.stalled
      if (waitingMs >= this.#sessionlessCnxnTimeoutMs) yield [connection, 'handshake-timeout']
      else if (isLeaderless && waitingMs >= LEADERLESS_MS) yield [connection, 'not-serving']
    }
    for (const [connection, sinceMs] of this.#ending) {
      if (nowMs - sinceMs >= ENDING_MS_MAX) yield [connection, 'unread-replies']
    }
  }
}
