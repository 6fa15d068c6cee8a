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
import { SaslError } from './directives.ts'
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts'

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
  /** Call this when the exchange is over, whatever came of it. */
  close(): void
}

const EMPTY = new Uint8Array(0)
const MORE: AuthStep = { used: 0, send: null, state: 'more', problem: null }

/** How many packets of a proof are answered (SaslQuorumAuthServer.MAX_RETRIES). */
const ROUNDS_MAX = 5

/** The end of the server that was dialled. */
export class QuorumAuthServer implements AuthExchange {
  readonly #mechanism: SaslServerMechanism
  readonly #isRequired: boolean
  #hasBegun = false
  #rounds = 0

  /** `isRequired`: nobody is let in without a proof. */
  constructor(mechanism: SaslServerMechanism, isRequired: boolean) {
    this.#mechanism = mechanism
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

  close(): void {
    this.#mechanism.close()
  }

  #packet({ token }: AuthPacket, used: number): AuthStep {
    try {
      if (token === null) throw new SaslError('a packet has no token')
      if (this.#rounds++ === ROUNDS_MAX) throw new SaslError('the proof has no end')
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
  readonly #mechanism: SaslClientMechanism
  readonly #token: Uint8Array

  /** `token`: the mechanism's first, which is empty for DIGEST-MD5. */
  constructor(mechanism: SaslClientMechanism, token: Uint8Array = EMPTY) {
    this.#mechanism = mechanism
    this.#token = token
  }

  begin(): Uint8Array {
    return authPacketBytes(AuthStatus.inProgress, this.#token)
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

  close(): void {
    this.#mechanism.close()
  }

  #packet({ status, token }: AuthPacket, used: number): AuthStep {
    if (status === AuthStatus.error) throw new SaslError('the other server refuses the proof')
    // With DIGEST-MD5 the packet of success has the server's proof; with GSSAPI that came before, and the
    // packet has nothing.
    const isLast = this.#mechanism.isDone
    const response = isLast ? null : this.#mechanism.evaluate(token ?? EMPTY)
    if (status === AuthStatus.success) {
      if (!this.#mechanism.isDone || response !== null)
        throw new SaslError('the exchange ended too early')
      return { used, send: null, state: 'passed', problem: null }
    }
    if (response === null) throw new SaslError('the exchange goes on after its end')
    const send = authPacketBytes(AuthStatus.inProgress, response)
    return { used, send, state: 'more', problem: null }
  }
}
