// The two ends of quorum SASL, as state machines: bytes in, bytes to send and an outcome out
// (SaslQuorumAuthServer, SaslQuorumAuthLearner).

import { MalformedError } from '../bytes/jute-reader.ts'
import {
  type AuthPacket,
  AuthStatus,
  authPacketBytes,
  beginsAuthPacket,
  readAuthPacket,
} from '../quorum/auth-packet.ts'
import type { Md5 } from './digest-md5.ts'
import { DigestMd5Client, type SaslUser } from './digest-md5-client.ts'
import { type Credentials, DigestMd5Server, QUORUM_SERVICE } from './digest-md5-server.ts'
import { SaslError } from './directives.ts'

export interface AuthStep {
  /** How many of the bytes were used, from `start` on. */
  readonly used: number
  readonly send: Uint8Array | null
  readonly state: 'more' | 'passed' | 'refused'
  /** Why it was refused, or let in without a proof; null if there is nothing to say. */
  readonly problem: string | null
}

export interface AuthExchange {
  /** What to send before anything arrives; null if the other end begins. */
  begin(): Uint8Array | null
  /** What comes of the bytes received so far. Call it again with what follows the used bytes. */
  take(bytes: Uint8Array, start: number, end: number): AuthStep
  /** The other end sends nothing more. Returns whether it is let in all the same. */
  ended(): boolean
}

const EMPTY = new Uint8Array(0)
const MORE: AuthStep = { used: 0, send: null, state: 'more', problem: null }

/** The end of the server that was dialled. */
export class QuorumAuthServer implements AuthExchange {
  readonly #mechanism: DigestMd5Server
  readonly #isRequired: boolean
  #hasBegun = false

  /** `isRequired`: nobody is let in without a proof. */
  constructor(users: Credentials, isRequired: boolean, nonce: string, md5: Md5) {
    this.#mechanism = new DigestMd5Server(QUORUM_SERVICE, users, nonce, md5)
    this.#isRequired = isRequired
  }

  begin(): null {
    return null
  }

  take(bytes: Uint8Array, start: number, end: number): AuthStep {
    if (!this.#hasBegun) {
      const isAuth = beginsAuthPacket(bytes, start, end)
      if (isAuth === null) return MORE
      if (!isAuth) return this.#unproven(0, null, 'it did not authenticate')
      this.#hasBegun = true
    }
    try {
      const read = readAuthPacket(bytes, start, end)
      return read === null ? MORE : this.#packet(read.packet, read.end - start)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      return { used: 0, send: null, state: 'refused', problem: error.message }
    }
  }

  /** While no proof is required, a server that asks to be called back may hang up without one. */
  ended(): boolean {
    return !this.#hasBegun && !this.#isRequired
  }

  #packet({ token }: AuthPacket, used: number): AuthStep {
    try {
      const answer = this.#mechanism.evaluate(token)
      const isDone = this.#mechanism.user !== null
      const status = isDone ? AuthStatus.success : AuthStatus.inProgress
      const send = authPacketBytes(status, answer)
      return { used, send, state: isDone ? 'passed' : 'more', problem: null }
    } catch (error) {
      if (!(error instanceof SaslError)) throw error
      return this.#unproven(used, authPacketBytes(AuthStatus.error, EMPTY), error.message)
    }
  }

  #unproven(used: number, send: Uint8Array | null, problem: string): AuthStep {
    return { used, send, state: this.#isRequired ? 'refused' : 'passed', problem }
  }
}

/** The end of the server that dials. */
export class QuorumAuthLearner implements AuthExchange {
  readonly #mechanism: DigestMd5Client

  constructor(user: SaslUser, cnonce: string, md5: Md5) {
    this.#mechanism = new DigestMd5Client(QUORUM_SERVICE, user, cnonce, md5)
  }

  begin(): Uint8Array {
    return authPacketBytes(AuthStatus.inProgress, EMPTY)
  }

  take(bytes: Uint8Array, start: number, end: number): AuthStep {
    try {
      const read = readAuthPacket(bytes, start, end)
      return read === null ? MORE : this.#packet(read.packet, read.end - start)
    } catch (error) {
      if (!(error instanceof MalformedError) && !(error instanceof SaslError)) throw error
      return { used: 0, send: null, state: 'refused', problem: error.message }
    }
  }

  ended(): boolean {
    return false
  }

  #packet({ status, token }: AuthPacket, used: number): AuthStep {
    if (status === AuthStatus.error)
      throw new SaslError('the other server refuses user or password')
    const response = this.#mechanism.evaluate(token)
    const isDone = this.#mechanism.isDone
    if (isDone !== (status === AuthStatus.success))
      throw new SaslError('the exchange ended too early')
    if (isDone) return { used, send: null, state: 'passed', problem: null }
    const send = authPacketBytes(AuthStatus.inProgress, response ?? EMPTY)
    return { used, send, state: 'more', problem: null }
  }
}
