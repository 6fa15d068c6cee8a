// Where requests go that would take much of the tree's time or much of the server's memory.
//
//   held      of a connection whose client has replies to take first, or whose next read is long:
//             it and all that follows wait, so replies keep their order
//   in steps  the long read under way, and what must be answered right behind it. Commits wait
//             meanwhile, so that a reply is of one state and own writes are answered in their
//             order; reads of other connections do not
//
// Between two long reads commits have their turn, unless the second must directly follow the first.

import { UNREAD_BYTES_HIGH, UNREAD_BYTES_MAX, UNREAD_TOTAL_HIGH } from '../../../protocol/limits.ts'
import type { Connection, Request } from './connections.ts'

export interface SlowLaneUser {
  /** Replies, or holds the request again. */
  take(request: Request): void
  /** Replies at once, or returns the steps. */
  steps(request: Request): Iterator<undefined, void> | null
  /** Bytes of replies that clients have not taken, of all connections. */
  unread(): number
  /** The client does not read its replies. */
  overdrawn(connection: Connection): void
}

export class SlowLane {
  readonly #user: SlowLaneUser
  /** Connections with held requests, and whether the first of these is known to be a long read. */
  readonly #held: Map<Connection, boolean> = new Map()
  #inSteps: Request[] = []
  #steps: Iterator<undefined, void> | null = null
  /** Commits have had their turn since the latest long read. */
  #rested = true

  constructor(user: SlowLaneUser) {
    this.#user = user
  }

  /** Whether commits must wait. */
  get isBusy(): boolean {
    return this.#inSteps.length > 0
  }

  /** The request waits, and everything behind it. */
  hold(request: Request, isLong: boolean): void {
    const { connection } = request
    if (connection.held === null) {
      connection.held = []
      this.#held.set(connection, isLong)
    }
    connection.held.push(request)
  }

  /** The request is to be answered before the tree changes again. */
  follow(request: Request): void {
    this.#inSteps.push(request)
    request.connection.inSteps++
    // From now on the connection's requests come behind it.
    if (request.connection.held !== null) return
    request.connection.held = []
    this.#held.set(request.connection, false)
  }

  /** The connection is gone. */
  drop(connection: Connection): void {
    this.#held.delete(connection)
    connection.held = null
  }

  /** All connections are gone. */
  clear(): void {
    for (const connection of this.#held.keys()) connection.held = null
    for (const { connection } of this.#inSteps) connection.inSteps = 0
    this.#held.clear()
    this.#inSteps = []
    this.#steps = null
  }

  /** One step. True if there is more to do at once. */
  turn(): boolean {
    if (this.isBusy) {
      this.#step()
      this.#rested = false
      return true
    }
    if (this.#held.size === 0) return false
    if (!this.#rested) {
      this.#rested = true
      return true
    }
    return this.#admit()
  }

  #step(): void {
    const [request] = this.#inSteps
    if (request === undefined) return
    const { connection } = request
    if (connection.unread > UNREAD_BYTES_MAX) this.#user.overdrawn(connection)
    if (connection.open) {
      this.#steps ??= this.#user.steps(request)
      if (this.#steps?.next().done === false) return
    }
    this.#steps = null
    this.#inSteps.shift()
    connection.inSteps--
  }

  /** Lets some held requests go on. */
  #admit(): boolean {
    let total = -1
    let admitted = false
    for (const [connection, isLong] of this.#held) {
      if (!connection.open) {
        this.drop(connection)
        continue
      }
      if (connection.unread > UNREAD_BYTES_HIGH) continue
      if (!isLong) {
        this.#release(connection)
        admitted = true
        continue
      }
      if (total < 0) total = this.#user.unread()
      if (total > UNREAD_TOTAL_HIGH) continue
      const first = connection.held?.shift()
      this.#held.set(connection, false)
      if (first !== undefined) this.follow(first)
      return true
    }
    return admitted
  }

  #release(connection: Connection): void {
    const requests = connection.held ?? []
    this.drop(connection)
    for (const [i, request] of requests.entries()) {
      this.#user.take(request)
      if (connection.held === null) continue
      connection.held = (connection.held as Request[]).concat(requests.slice(i + 1))
      return
    }
  }
}
