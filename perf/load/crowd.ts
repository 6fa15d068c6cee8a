// Many sessions, opened a few at a time and kept alive.

import { Session } from './session.ts'

/** Apache's server lets 50 connections wait to be accepted. The system drops more, and a client whose
 * connection was dropped tries again after a second: with 64 at a time that second was measured. */
const OPENING_MAX = 32
const PING_EVERY_MS = 3000
/** What both kinds of servers grant by default with a tick of two seconds. */
const SESSION_MS = 30_000

export interface CrowdOptions {
  readonly timeoutMs?: number
  /** Sessions that are being opened at any time, at most. */
  readonly atATime?: number
}

export class Crowd {
  readonly sessions: Session[] = []
  readonly #pings: NodeJS.Timeout

  private constructor() {
    this.#pings = setInterval(() => {
      for (const session of this.sessions) session.ping()
    }, PING_EVERY_MS)
    this.#pings.unref()
  }

  /** So many, spread over the ports. */
  static async open(
    ports: readonly number[],
    count: number,
    options: CrowdOptions = {},
  ): Promise<Crowd> {
    const crowd = new Crowd()
    await crowd.grow(ports, count, options)
    return crowd
  }

  /** Until there are so many. */
  async grow(
    ports: readonly number[],
    count: number,
    { timeoutMs = SESSION_MS, atATime = OPENING_MAX }: CrowdOptions = {},
  ): Promise<void> {
    let next = this.sessions.length
    const openInTurn = async (): Promise<void> => {
      while (next < count) {
        const port = ports[next++ % ports.length]!
        this.sessions.push(await Session.open(port, timeoutMs))
      }
    }
    await Promise.all(Array.from({ length: atATime }, openInTurn))
  }

  /** Ends the sessions in order. */
  async close(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.close()))
    this.drop()
  }

  /** At once; the server has to find out. */
  drop(): void {
    clearInterval(this.#pings)
    for (const session of this.sessions) session.drop()
  }
}
