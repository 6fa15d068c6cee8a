// The server's end of DIGEST-MD5, one object for each connection: challenge, response, and the proof
// that the server knows the password as well (com.sun.security.sasl.digest.DigestMD5Server, with its
// defaults: one realm, named as the server, `auth`, UTF-8, md5-sess).
//
//   waiting --empty token--> challenged --right response--> done
//      \                          \
//       `-------------------------`--anything else--> failed

import { digestResponse, FIRST_NONCE_COUNT, type Md5, QOP, sameProof } from './digest-md5.ts'
import {
  bytesOf,
  type Directives,
  decoded,
  hashed,
  parseDirectives,
  printable,
  quoted,
  SaslError,
} from './directives.ts'
import type { SaslServerMechanism } from './mechanism.ts'

/** The service that asks for a proof, and its own names. */
export interface SaslService {
  /** `zookeeper` for clients, `zookeeper-quorum` between servers. */
  readonly protocol: string
  /** `zk-sasl-md5` for clients, `zk-quorum-sasl-md5` between servers. It is the realm as well. */
  readonly serverName: string
}

export const CLIENT_SERVICE: SaslService = { protocol: 'zookeeper', serverName: 'zk-sasl-md5' }
export const QUORUM_SERVICE: SaslService = {
  protocol: 'zookeeper-quorum',
  serverName: 'zk-quorum-sasl-md5',
}

/** Passwords by user. */
export type Credentials = ReadonlyMap<string, string>

/** Compared with if there is no such user, so that a stranger cannot tell from the time it takes. */
const NOBODYS_PASSWORD = ''

export class DigestMd5Server implements SaslServerMechanism {
  readonly #service: SaslService
  readonly #credentials: Credentials
  readonly #md5: Md5
  readonly #nonce: string
  #state: 'waiting' | 'challenged' | 'done' | 'failed' = 'waiting'
  #user: string | null = null

  /** `nonce`: a text that nobody can guess, new for each connection. */
  constructor(service: SaslService, credentials: Credentials, nonce: string, md5: Md5) {
    this.#service = service
    this.#credentials = credentials
    this.#nonce = nonce
    this.#md5 = md5
  }

  /** The user that has been proven; null before that. */
  get user(): string | null {
    return this.#user
  }

  /** The answer to a client's token. Throws SaslError, after which the exchange is over. */
  evaluate(token: Uint8Array): Uint8Array {
    const { protocol, serverName } = this.#service
    const state = this.#state
    this.#state = 'failed'
    if (state === 'waiting') {
      if (token.length > 0) throw new SaslError('a client begins with an empty token')
      this.#state = 'challenged'
      const challenge = [quoted('realm', serverName), quoted('nonce', this.#nonce)]
      return bytesOf(`${challenge.join(',')},charset=utf-8,algorithm=md5-sess`)
    }
    if (state !== 'challenged') throw new SaslError('the exchange is over')
    const answer = parseDirectives(token)
    expect(answer, 'realm', serverName)
    expect(answer, 'nonce', this.#nonce)
    expect(answer, 'nc', FIRST_NONCE_COUNT)
    if (answer.has('qop')) expect(answer, 'qop', QOP)
    const digestUri = needed(answer, 'digest-uri')
    if (digestUri.toLowerCase() !== `${protocol}/${serverName}`) {
      throw new SaslError(`digest-uri is ${printable(digestUri)}, not ${protocol}/${serverName}`)
    }
    return this.#prove(answer, digestUri)
  }

  close(): void {
    // There is nothing to free.
  }

  #prove(answer: Directives, digestUri: string): Uint8Array {
    const letters = lettersOf(answer)
    const user = letters(needed(answer, 'username'))
    const authzid = answer.get('authzid') ?? null
    const password = this.#credentials.get(user)
    const parts = {
      user,
      password: password ?? NOBODYS_PASSWORD,
      realm: hashed(this.#service.serverName),
      nonce: this.#nonce,
      cnonce: needed(answer, 'cnonce'),
      nonceCount: FIRST_NONCE_COUNT,
      digestUri,
      authzid,
    }
    const isRight = sameProof(
      digestResponse(this.#md5, parts, 'client'),
      needed(answer, 'response').toLowerCase(),
    )
    if (password === undefined || !isRight) {
      throw new SaslError(`wrong user or password: ${printable(user)}`)
    }
    if (authzid !== null && letters(authzid) !== user) {
      throw new SaslError(`${printable(user)} asks to act as ${printable(letters(authzid))}`)
    }
    this.#user = user
    this.#state = 'done'
    return bytesOf(`rspauth=${digestResponse(this.#md5, parts, 'server')}`)
  }
}

/** How to read the client's texts: as UTF-8 if it says so, otherwise as ISO 8859-1. */
function lettersOf(answer: Directives): (text: string) => string {
  const charset = answer.get('charset')
  if (charset === undefined) return (text) => text
  if (charset.toLowerCase() === 'utf-8') return decoded
  throw new SaslError(`charset is ${printable(charset)}, not utf-8`)
}

function needed(answer: Directives, name: string): string {
  const value = answer.get(name)
  if (value === undefined) throw new SaslError(`there is no ${name}`)
  return value
}

function expect(answer: Directives, name: string, wanted: string): void {
  const value = needed(answer, name)
  if (value !== wanted) throw new SaslError(`${name} is ${printable(value)}, not what was offered`)
}
