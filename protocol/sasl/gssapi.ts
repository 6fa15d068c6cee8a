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

/** What both ends do alike: they take steps, of which one that throws ends the exchange, and establish
 * the context. */
class Exchange<Step extends string> {
  readonly context: GssContext
  state: Step | 'establishing' | 'established' | 'failed' = 'establishing'

  constructor(context: GssContext) {
    this.context = context
  }

  /** `step` is given the state before it, and sets the next one; otherwise the exchange has failed. */
  take<T>(step: (before: Step | 'establishing' | 'established' | 'failed') => T): T {
    const before = this.state
    this.state = 'failed'
    try {
      return step(before)
    } finally {
      if (this.state === 'failed') this.context.close()
    }
  }

  /** The library's next token for the other end; null if it has none. */
  establish(token: Uint8Array): Uint8Array | null {
    const { token: answer, isDone } = this.context.step(token)
    this.state = isDone ? 'established' : 'establishing'
    return answer
  }
}

export class GssapiServer implements SaslServerMechanism {
  readonly #exchange: Exchange<'offered' | 'done'>
  readonly #identityOf: (principal: string) => string
  #user: string | null = null

  /** `identityOf` a principal; throws SaslError if the principal may not come in. */
  constructor(context: GssContext, identityOf: (principal: string) => string) {
    this.#exchange = new Exchange(context)
    this.#identityOf = identityOf
  }

  get user(): string | null {
    return this.#user
  }

  evaluate(token: Uint8Array): Uint8Array | null {
    return this.#exchange.take((before) => {
      if (before === 'establishing') return this.#establish(token)
      if (before === 'established') return this.#offer(token)
      if (before === 'offered') return this.#choose(token)
      throw new SaslError('the exchange is over')
    })
  }

  close(): void {
    this.#exchange.context.close()
  }

  #establish(token: Uint8Array): Uint8Array {
    const answer = this.#exchange.establish(token)
    if (answer !== null) return answer
    return this.#exchange.state === 'established' ? this.#offer(EMPTY) : EMPTY
  }

  #offer(token: Uint8Array): Uint8Array {
    if (token.length > 0) throw new SaslError('a token comes too early')
    this.#exchange.state = 'offered'
    return this.#exchange.context.wrap(NO_LAYER_BYTES)
  }

  /** The identity is the principal's. Who asks for another one is refused. */
  #choose(token: Uint8Array): null {
    const choice = this.#exchange.context.unwrap(token)
    if (choice.length < NO_LAYER_BYTES.length) throw new SaslError('the choice is too short')
    if (choice[0] !== NO_LAYER) throw new SaslError('the client asks for a security layer')
    const asked = utf8(choice, NO_LAYER_BYTES.length, choice.length)
    const peer = this.#exchange.context.peer()
    const identity = this.#identityOf(peer)
    if (asked !== '' && asked !== peer && asked !== identity) {
      throw new SaslError(`${printable(peer)} asks to act as ${printable(asked)}`)
    }
    this.#user = identity
    this.#exchange.state = 'done'
    this.close()
    return null
  }
}

export class GssapiClient implements SaslClientMechanism {
  readonly #exchange: Exchange<'done'>
  readonly #principal: string

  /** `principal`: whose context it is. The context has made its first token already. */
  constructor(context: GssContext, principal: string) {
    this.#exchange = new Exchange(context)
    this.#principal = principal
  }

  get isDone(): boolean {
    return this.#exchange.state === 'done'
  }

  evaluate(token: Uint8Array): Uint8Array | null {
    return this.#exchange.take((before) => {
      if (before === 'establishing') return this.#exchange.establish(token) ?? EMPTY
      if (before === 'established') return this.#choose(token)
      if (before !== 'done' || token.length > 0) throw new SaslError('the exchange is over')
      // The server's last word, which says nothing.
      this.#exchange.state = 'done'
      return null
    })
  }

  close(): void {
    this.#exchange.context.close()
  }

  #choose(token: Uint8Array): Uint8Array {
    const offer = this.#exchange.context.unwrap(token)
    const layers = offer[0] ?? 0
    if (offer.length < NO_LAYER_BYTES.length || (layers & NO_LAYER) === 0) {
      throw new SaslError('the server insists on a security layer')
    }
    const choice = this.#exchange.context.wrap(
      Uint8Array.from([...NO_LAYER_BYTES, ...utf8Bytes(this.#principal)]),
    )
    this.#exchange.state = 'done'
    this.close()
    return choice
  }
}
