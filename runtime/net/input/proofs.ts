// What clients prove about themselves: by their certificates, by auth packets, and with SASL
// (ZooKeeperServer.processPacket and processSasl). Each identity goes to the tree, where the answer
// gets its place among the replies.
//
// If the configuration asks for a scheme, a client may do nothing else before it has proven an
// identity of that scheme (AuthenticationHelper).

import { passwordMatches } from '../../../actors/sessions/session-ids.ts'
import type { Id } from '../../../protocol/acl.ts'
import type { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import {
  readAuthPacket,
  readSaslToken,
  writeSaslToken,
} from '../../../protocol/records/auth-packet.ts'
import {
  CLIENT_SERVICE,
  type Credentials,
  DigestMd5Server,
} from '../../../protocol/sasl/digest-md5-server.ts'
import { SaslError } from '../../../protocol/sasl/directives.ts'
import type { SaslServerMechanism } from '../../../protocol/sasl/mechanism.ts'
import { formatSessionId, type SessionId } from '../../../protocol/session-id.ts'
import { md5, newNonce } from '../../process/md5.ts'
import type { PasswordOf } from '../../process/session-passwords.ts'
import type { HostClock } from '../../thread/actor-host.ts'
import type { ClientConnection } from '../client-connection.ts'
import type { LoopRings } from '../network-rings.ts'
import { type AuthenticationOptions, authenticate, userOf } from './authentication.ts'
import { Guesses } from './guesses.ts'
import type { RefusalReason, Refusals } from './refusals.ts'

export interface ProofOptions extends AuthenticationOptions {
  /** Users and passwords for SASL; null if nobody can authenticate by them. */
  readonly saslLogin: Credentials | null
  /** The scheme `sasl`, for access lists. */
  readonly saslProvider: boolean
  readonly saslSuperUsers: ReadonlySet<string>
  readonly allowSaslFailedClients: boolean
  /** Everybody must prove an identity of one of these schemes; null if nobody must. */
  readonly requiredSchemes: ReadonlySet<string> | null
}

export interface ProofHooks {
  readonly passwordOf: PasswordOf
  /** For SASL with Kerberos, instead of passwords; null without a login. */
  readonly kerberos: (() => SaslServerMechanism) | null
  readonly refusals: Pick<Refusals, 'refuse'>
  refuse(connection: ClientConnection, reason: RefusalReason, fields: Record<string, unknown>): void
}

export class Proofs {
  readonly #options: ProofOptions
  readonly #clock: HostClock
  readonly #tree: LoopRings['tree']
  readonly #hooks: ProofHooks
  readonly #guesses = new Guesses()
  readonly #writer = new JuteWriter()

  constructor(options: ProofOptions, clock: HostClock, tree: LoopRings['tree'], hooks: ProofHooks) {
    this.#options = options
    this.#clock = clock
    this.#tree = tree
    this.#hooks = hooks
  }

  /** Whether the next frame is a proof, and comes from an address that must wait. The password of a
   * session is a proof as well. */
  mustWait({ address, input, state }: ClientConnection): boolean {
    if (this.#guesses.waitMs(address, this.#clock.nowMs) === 0) return false
    if (state === 'new') return input.peekContinues() === true
    const opCode = input.peekOpCode()
    return opCode === OpCode.auth || opCode === OpCode.sasl
  }

  /** Whether the connection may ask for more than to prove who it is. If not, it is told so, and
   * that was its last request. */
  admits(connection: ClientConnection, xid: number): boolean {
    const { requiredSchemes } = this.#options
    if (requiredSchemes === null || requiredSchemes.has('ip')) return true
    if (connection.hasRequiredProof) return true
    this.#note(connection, 'not-authenticated', { required: [...requiredSchemes] })
    this.#dismiss(connection, xid, ErrorCode.sessionClosedRequireSaslAuth, false)
    return false
  }

  /** What its certificate says, once the connection has been opened at the tree. */
  certified(connection: ClientConnection): void {
    const { identities } = connection.proof
    if (identities.length > 0 && connection.mayHave(identities))
      this.#proven(connection, identities)
  }

  /** A client wants to continue a session. If it does not know its password, that is a guess; the
   * sessions refuse it. */
  continues(connection: ClientConnection, sessionId: SessionId, password: Uint8Array): void {
    const wanted = this.#hooks.passwordOf(sessionId)
    if (passwordMatches(wanted, password, 0, password.length)) return
    this.#failed(connection, { scheme: 'session', session: formatSessionId(sessionId) })
  }

  auth(connection: ClientConnection, xid: number, reader: JuteReader): void {
    const { scheme, auth } = readAuthPacket(reader)
    const identities = authenticate(scheme, auth, connection, this.#options)
    if (identities === 'elsewhere') {
      this.#hooks.refuse(connection, 'another-ensemble', {})
      return
    }
    if (identities === null || !connection.mayHave(identities)) {
      this.#failed(connection, { scheme })
      this.#dismiss(connection, xid, ErrorCode.authFailed, false)
      return
    }
    if (this.#isWrongSuperuser(identities))
      this.#failed(connection, { scheme, user: 'superDigest' })
    this.#proven(connection, identities)
    this.#tree.authenticated(connection.slot, xid, ErrorCode.ok, false)
  }

  /** Throws MalformedError if there is no token. */
  sasl(connection: ClientConnection, xid: number, reader: JuteReader): void {
    const token = readSaslToken(reader)
    connection.sasl ??= this.#mechanism()
    // As a ZooKeeper without a login answers, however often it is asked.
    if (connection.sasl === null) {
      this.#answer(connection, xid, null)
      return
    }
    try {
      const answer = connection.sasl.evaluate(token)
      const { user } = connection.sasl
      if (user !== null) this.#proven(connection, this.#identitiesOf(user))
      this.#answer(connection, xid, answer)
    } catch (error) {
      if (!(error instanceof SaslError)) throw error
      this.#saslFailed(connection, xid, error)
    }
  }

  #mechanism(): SaslServerMechanism | null {
    const { saslLogin } = this.#options
    if (this.#hooks.kerberos !== null) return this.#hooks.kerberos()
    if (saslLogin === null) return null
    return new DigestMd5Server(CLIENT_SERVICE, saslLogin, newNonce(), md5)
  }

  #saslFailed(connection: ClientConnection, xid: number, { message }: SaslError): void {
    const { allowSaslFailedClients, requiredSchemes } = this.#options
    this.#failed(connection, { scheme: 'sasl', problem: message })
    const isRequired = requiredSchemes?.has('sasl') === true
    if (allowSaslFailedClients && !isRequired) {
      this.#answer(connection, xid, null)
      return
    }
    const { authFailed, sessionClosedRequireSaslAuth } = ErrorCode
    this.#dismiss(connection, xid, isRequired ? sessionClosedRequireSaslAuth : authFailed, true)
  }

  #identitiesOf(user: string): Id[] {
    const { saslProvider, saslSuperUsers } = this.#options
    const identities: Id[] = saslProvider ? [{ scheme: 'sasl', id: user }] : []
    if (saslSuperUsers.has(user)) identities.push({ scheme: 'super', id: '' })
    return identities
  }

  /** Identities travel with each write to the leader, which reads no more of them than `mayHave`
   * allows. */
  #proven(connection: ClientConnection, identities: readonly Id[]): void {
    for (const identity of identities) {
      const { scheme, id } = identity
      connection.identities.push(identity)
      this.#tree.identified(connection.slot, scheme, id)
      if (this.#options.requiredSchemes?.has(scheme)) connection.hasRequiredProof = true
    }
  }

  /** With `digest`, any password makes an identity. One that claims to be the superuser's is a
   * guess. */
  #isWrongSuperuser(identities: readonly Id[]): boolean {
    const { superDigest } = this.#options
    if (superDigest === null || identities.some(({ scheme }) => scheme === 'super')) return false
    return identities.some(
      ({ scheme, id }) => scheme === 'digest' && userOf(id) === userOf(superDigest),
    )
  }

  #failed(connection: ClientConnection, fields: Record<string, unknown>): void {
    const failures = this.#guesses.failed(connection.address, this.#clock.nowMs)
    this.#note(connection, 'authentication-failed', { ...fields, failures })
  }

  #note({ client }: ClientConnection, reason: RefusalReason, fields: object): void {
    this.#hooks.refusals.refuse(reason, this.#clock.nowMs, { client, ...fields })
  }

  #answer(connection: ClientConnection, xid: number, token: Uint8Array | null): void {
    const writer = this.#writer
    writer.reset()
    writeSaslToken(writer, { token })
    this.#tree.request(connection.slot, xid, OpCode.sasl, writer.bytes, 0, writer.length)
  }

  /** The connection gets its last answer. What it has sent behind that is not read. */
  #dismiss(connection: ClientConnection, xid: number, error: ErrorCode, bySasl: boolean): void {
    connection.isDismissed = true
    this.#tree.authenticated(connection.slot, xid, error, bySasl)
  }
}
