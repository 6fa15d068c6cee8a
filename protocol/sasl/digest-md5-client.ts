// The client's end of DIGEST-MD5: a response to the challenge, and a check that the server knows
// the password, too (com.sun.security.sasl.digest.DigestMD5Client).
//
//   waiting --challenge--> responded --right proof--> done

import { digestResponse, FIRST_NONCE_COUNT, type Md5, QOP, sameProof } from './digest-md5.ts'
import type { SaslService } from './digest-md5-server.ts'
import { bytesOf, encoded, parseDirectives, printable, quoted, SaslError } from './directives.ts'
import type { SaslClientMechanism } from './mechanism.ts'

export interface SaslUser {
  readonly user: string
  readonly password: string
}

export class DigestMd5Client implements SaslClientMechanism {
  readonly #service: SaslService
  readonly #user: SaslUser
  readonly #cnonce: string
  readonly #md5: Md5
  /** What the server must answer; null before the response, and after the server's proof. */
  #proof: string | null = null
  #isDone = false

  /** `cnonce`: a text that nobody can guess, new for each connection. */
  constructor(service: SaslService, user: SaslUser, cnonce: string, md5: Md5) {
    this.#service = service
    this.#user = user
    this.#cnonce = cnonce
    this.#md5 = md5
  }

  /** Whether the server has proven that it knows the password. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** The response to a challenge; null after the server's proof, when there is nothing more to say.
   * Throws SaslError. */
  evaluate(token: Uint8Array): Uint8Array | null {
    if (this.#isDone) throw new SaslError('the exchange is over')
    if (this.#proof === null) return this.#respond(token)
    const proof = parseDirectives(token).get('rspauth') ?? ''
    if (!sameProof(proof.toLowerCase(), this.#proof)) {
      throw new SaslError('the server does not know the password')
    }
    this.#proof = null
    this.#isDone = true
    return null
  }

  close(): void {
    // There is nothing to free.
  }

  #respond(token: Uint8Array): Uint8Array {
    const challenge = parseDirectives(token, 'realm')
    const nonce = challenge.get('nonce')
    if (nonce === undefined) throw new SaslError('the challenge has no nonce')
    const qop = challenge.get('qop') ?? QOP
    if (!qop.split(/[\s,]+/).includes(QOP)) {
      throw new SaslError(`the server offers ${printable(qop)}, not ${QOP}`)
    }
    const { protocol, serverName } = this.#service
    const realm = challenge.get('realm') ?? serverName
    const { user, password } = this.#user
    const digestUri = `${protocol}/${serverName}`
    const parts = {
      user,
      password,
      realm,
      nonce,
      cnonce: this.#cnonce,
      nonceCount: FIRST_NONCE_COUNT,
      digestUri,
      authzid: null,
    }
    this.#proof = digestResponse(this.#md5, parts, 'server')
    const directives = [
      'charset=utf-8',
      quoted('username', encoded(user)),
      quoted('realm', realm),
      quoted('nonce', nonce),
      `nc=${FIRST_NONCE_COUNT}`,
      quoted('cnonce', this.#cnonce),
      quoted('digest-uri', digestUri),
      'maxbuf=65536',
      `response=${digestResponse(this.#md5, parts, 'client')}`,
      `qop=${QOP}`,
    ]
    return bytesOf(directives.join(','))
  }
}
