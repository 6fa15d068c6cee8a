// Who has to go because time is up: who does not finish its handshake, and who does not take the
// last that it is sent. Both count from a moment that nothing moves: a client that trickles bytes
// has no more time than one that sends none.

import type { ClientConnection } from '../client-connection.ts'
import type { RefusalReason } from '../input/refusals.ts'

/** A handshake that finds no leader waits this long for one: an election takes less. */
const LEADERLESS_MS = 500
/** A client that takes nothing for so long has gone. */
const ENDING_MS_MAX = 30_000

export class Deadlines {
  readonly #sessionlessCnxnTimeoutMs: number
  /** In order of accept: no ConnectRequest seen yet. */
  readonly #handshaking: Set<ClientConnection> = new Set()
  /** Sent all that they will be, and since when. */
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

  /** Who has to go, and why. `isServing`: handshakes are taken. */
  *overdue(
    nowMs: number,
    isServing: boolean,
  ): Generator<readonly [ClientConnection, RefusalReason]> {
    for (const connection of this.#handshaking) {
      const waitingMs = nowMs - connection.acceptedMs
      // Its ConnectRequest is there, and nobody to take it.
      const isLeaderless = !isServing && connection.stalled
      if (waitingMs >= this.#sessionlessCnxnTimeoutMs) yield [connection, 'handshake-timeout']
      else if (isLeaderless && waitingMs >= LEADERLESS_MS) yield [connection, 'not-serving']
    }
    for (const [connection, sinceMs] of this.#ending) {
      if (nowMs - sinceMs >= ENDING_MS_MAX) yield [connection, 'unread-replies']
    }
  }
}
