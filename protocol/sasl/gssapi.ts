// GSSAPI, the mechanism of Kerberos (RFC 4752), as state machines around a security context, which a
// library has. Both ends authenticate, and no layer protects what follows: ZooKeeper asks for none
// (com.sun.security.sasl.gsskerb.GssKrb5Server and GssKrb5Client, with quality `auth`).
//
//   server   establishing --context done--> established --empty token--> offered --choice--> done
//   client   establishing --context done--> established --offer, chosen--> done

import { utf8, utf8Bytes } from '../bytes/text.ts'
import { printable, SaslError } from './directives.ts'
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts'

/** A security context of GSSAPI. Its functions throw SaslError. */
export interface GssContext {
  /** What the other end's token makes of it; null: nothing is to be sent. */
  step(token: Uint8Array): { readonly token: Uint8Array | null; readonly isDone: boolean }
  /** The principal at the other end, once it is done. */
  peer(): string
  wrap(bytes: Uint8Array): Uint8Array
  unwrap(bytes: Uint8Array): Uint8Array
  /** Frees what the library holds; nothing else may be called after it. */
  close(): void
}

/** No security layer; and then no size of what it takes. */
const NO_LAYER = 1
const NO_LAYER_BYTES = Uint8Array.of(NO_LAYER, 0, 0, 0)
const EMPTY = new Uint8Array(0)

export class GssapiServer implements SaslServerMechanism {
  readonly #context: GssContext
  readonly #identityOf: (principal: string) => string
  #state: 'establishing' | 'established' | 'offered' | 'done' | 'failed' = 'establishing'
  #user: string | null = null

  /** `identityOf` a principal; throws SaslError if the principal may not come in. */
  constructor(context: GssContext, identityOf: (principal: string) => string) {
    this.#context = context
    this.#identityOf = identityOf
  }

  get user(): string | null {
    return this.#user
  }

  evaluate(token: Uint8Array): Uint8Array | null {
    const state = this.#state
    this.#state = 'failed'
    try {
      if (state === 'establishing') return this.#establish(token)
      if (state === 'established') return this.#offer(token)
      if (state === 'offered') return this.#choose(token)
    } finally {
      if (this.#state === 'failed') this.close()
    }
    throw new SaslError('the exchange is over')
  }

  close(): void {
    this.#context.close()
  }

  #establish(token: Uint8Array): Uint8Array {
    const { token: answer, isDone } = this.#context.step(token)
    this.#state = isDone ? 'established' : 'establishing'
    if (answer !== null) return answer
    return isDone ? this.#offer(EMPTY) : EMPTY
  }

  #offer(token: Uint8Array): Uint8Array {
    if (token.length > 0) throw new SaslError('a token comes too early')
    this.#state = 'offered'
    return this.#context.wrap(NO_LAYER_BYTES)
  }

  /** The identity is the principal's. Who asks for another one is refused. */
  #choose(token: Uint8Array): null {
    const choice = this.#context.unwrap(token)
    if (choice.length < NO_LAYER_BYTES.length) throw new SaslError('the choice is too short')
    if (choice[0] !== NO_LAYER) throw new SaslError('the client asks for a security layer')
    const asked = utf8(choice, NO_LAYER_BYTES.length, choice.length)
    const peer = this.#context.peer()
    const identity = this.#identityOf(peer)
    if (asked !== '' && asked !== peer && asked !== identity) {
      throw new SaslError(`${printable(peer)} asks to act as ${printable(asked)}`)
    }
    this.#user = identity
    this.#state = 'done'
    this.close()
    return null
  }
}

export class GssapiClient implements SaslClientMechanism {
  readonly #context: GssContext
  readonly #principal: string
  #state: 'establishing' | 'established' | 'done' | 'failed' = 'establishing'

  /** `principal`: whose context it is. The context has made its first token already. */
  constructor(context: GssContext, principal: string) {
    this.#context = context
    this.#principal = principal
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  evaluate(token: Uint8Array): Uint8Array | null {
    const state = this.#state
    this.#state = 'failed'
    try {
      if (state === 'establishing') return this.#establish(token)
      if (state === 'established') return this.#choose(token)
      // The server's last word, which says nothing.
      if (state === 'done' && token.length === 0) {
        this.#state = 'done'
        return null
      }
    } finally {
      if (this.#state === 'failed') this.close()
    }
    throw new SaslError('the exchange is over')
  }

  close(): void {
    this.#context.close()
  }

  #establish(token: Uint8Array): Uint8Array {
    const { token: answer, isDone } = this.#context.step(token)
    this.#state = isDone ? 'established' : 'establishing'
    return answer ?? EMPTY
  }

  #choose(token: Uint8Array): Uint8Array {
    const offer = this.#context.unwrap(token)
    const layers = offer[0] ?? 0
    if (offer.length < NO_LAYER_BYTES.length || (layers & NO_LAYER) === 0) {
      throw new SaslError('the server insists on a security layer')
    }
    const choice = this.#context.wrap(
      Uint8Array.from([...NO_LAYER_BYTES, ...utf8Bytes(this.#principal)]),
    )
    this.#state = 'done'
    this.close()
    return choice
  }
}
