// The sessions that the console has with its own server: one for each address that looks at it without
// signing in, and one for each person who has signed in. They are sessions like any client's, so the
// server's own rules decide what a visitor may see and do, and the audit log says who did it.

import { randomBytes } from 'node:crypto'
import { Client } from '../../client/client.ts'
import type { ConnectionState } from '../../client/connection-options.ts'
import type { Id } from '../../protocol/acl.ts'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import type { ClientSocket } from '../net/transport/client-transport.ts'
import type { ReportSource } from '../reports/source.ts'
import { nowMs } from '../shared/clock.ts'
import { Problem } from './answers.ts'
import { joinedEnds } from './in-process-socket.ts'

/** Sessions that are open at the same time. */
const VISITORS_MAX = 32
const SWEEP_MS = 10_000
/** A session that nobody uses for so long is closed. */
const LOOKING_IDLE_MS = 60_000
const SIGNED_IN_IDLE_MS = 30 * 60_000
const SESSION_TIMEOUT_MS = 30_000
/** Of one visitor, under way. */
const REQUESTS_MAX = 4096
const ANSWER_MS_MAX = 10_000

export type Login =
  | { readonly scheme: 'digest' | 'sasl'; readonly user: string; readonly password: string }
  /** What the browser's certificate has proven, and its subject. */
  | { readonly scheme: 'x509'; readonly user: string; readonly identities: readonly Id[] }

export interface Visitor {
  readonly client: Client
  /** Names this visitor's cached lists. Never given out twice. */
  readonly id: number
  readonly address: string
  /** Null: has not signed in. */
  readonly login: Pick<Login, 'scheme' | 'user'> | null
}

interface Held extends Visitor {
  usedMs: number
}

export class Visitors {
  readonly #source: ReportSource
  /** By token, or by address. */
  readonly #held: Map<string, Held> = new Map()
  readonly #sweeper: NodeJS.Timeout
  #next = 1

  constructor(source: ReportSource) {
    this.#source = source
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#sweeper.unref()
  }

  /** Who asks. Throws a Problem if the token is not, or no longer, known. */
  visitor(address: string, token: string | null): Visitor {
    const key = token ?? address
    const held = this.#held.get(key)
    if (held !== undefined && held.address === address) {
      held.usedMs = nowMs()
      return held
    }
    if (token !== null) throw new Problem(401, 'You are not signed in any more.')
    return this.#open(key, address, null)
  }

  /** Returns the token. Throws a Problem if the server does not take the login. */
  async signIn(address: string, login: Login): Promise<string> {
    const token = randomBytes(32).toString('base64url')
    const { client } = this.#open(token, address, login)
    try {
      if (login.scheme === 'digest') {
        const proof = utf8Bytes(`${login.user}:${login.password}`)
        await answered(client.addAuth('digest', proof))
      }
      await answered(client.exists('/'))
    } catch (error) {
      this.#drop(token)
      if (error instanceof Problem) throw error
      throw new Problem(401, 'The server does not accept this identity.')
    }
    return token
  }

  signOut(token: string): void {
    this.#drop(token)
  }

  close(): void {
    clearInterval(this.#sweeper)
    for (const key of [...this.#held.keys()]) this.#drop(key)
  }

  #open(key: string, address: string, login: Login | null): Held {
    this.#makeRoom()
    const who = login === null ? null : { scheme: login.scheme, user: login.user }
    const gone = (state: ConnectionState): void => {
      const isOver = /^(closed|expired|authFailed)$/.test(state)
      if (isOver && this.#held.get(key)?.id === id) this.#held.delete(key)
    }
    const id = this.#next++
    const client = new Client({
      servers: 'console:1',
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      readOnly: true,
      requestsMax: REQUESTS_MAX,
      sasl: login?.scheme === 'sasl' ? { user: login.user, password: login.password } : null,
      onState: gone,
      open: (ready) => {
        const { client: end, server } = joinedEnds(address)
        setImmediate(() => {
          this.#enter(server, login)
          ready(end)
        })
        return end
      },
    })
    const held: Held = { client, id, address, login: who, usedMs: nowMs() }
    this.#held.set(key, held)
    return held
  }

  #enter(server: ClientSocket, login: Login | null): void {
    const { door } = this.#source.network
    if (login?.scheme !== 'x509') door.accept(server)
    else door.knock(server)?.enter(server, { isSecure: true, identities: login.identities })
  }

  /** Those who have not signed in give way first. */
  #makeRoom(): void {
    if (this.#held.size < VISITORS_MAX) return
    const rank = ({ login, usedMs }: Held): number =>
      usedMs + (login === null ? 0 : SIGNED_IN_IDLE_MS)
    const [oldest] = [...this.#held].sort(([, a], [, b]) => rank(a) - rank(b))
    if (oldest !== undefined) this.#drop(oldest[0])
  }

  #sweep(): void {
    const now = nowMs()
    for (const [key, { login, usedMs }] of [...this.#held]) {
      if (now - usedMs > (login === null ? LOOKING_IDLE_MS : SIGNED_IN_IDLE_MS)) this.#drop(key)
    }
  }

  #drop(key: string): void {
    const held = this.#held.get(key)
    this.#held.delete(key)
    void held?.client.close()
  }
}

/** What the server answers; a Problem if it answers nothing. */
export async function answered<T>(reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const problem = new Problem(504, 'The server did not answer within ten seconds.')
    timer = setTimeout(() => reject(problem), ANSWER_MS_MAX)
  })
  try {
    return await Promise.race([reply, late])
  } finally {
    clearTimeout(timer)
  }
}
