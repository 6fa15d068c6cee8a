// GSSAPI's two ends against each other and against liars, with a context that stands for Kerberos.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { SaslError } from '../../../protocol/sasl/directives.ts'
import { GssapiClient, GssapiServer, type GssContext } from '../../../protocol/sasl/gssapi.ts'

/** It believes a token of one letter: `?` for more, `!` for done. What it wraps is in brackets. */
class Context implements GssContext {
  closed = 0
  readonly #answers: boolean

  constructor(answers = true) {
    this.#answers = answers
  }

  step(token: Uint8Array): ReturnType<GssContext['step']> {
    const said = Buffer.from(token).toString('latin1')
    if (said !== '?' && said !== '!') throw new SaslError('no such token')
    return { token: this.#answers ? utf8Bytes('!') : null, isDone: said === '!' }
  }

  peer(): string {
    return 'bob@HERE'
  }

  wrap(bytes: Uint8Array): Uint8Array {
    return Uint8Array.from([91, ...bytes, 93])
  }

  unwrap(bytes: Uint8Array): Uint8Array {
    if (bytes[0] !== 91 || bytes.at(-1) !== 93) throw new SaslError('not wrapped')
    return bytes.slice(1, -1)
  }

  close(): void {
    this.closed++
  }
}

const EMPTY = new Uint8Array(0)
const identityOf = (principal: string): string => principal.replace(/@.*/, '')
const choice = (layer: number, as = ''): Uint8Array =>
  Uint8Array.from([91, layer, 0, 0, 0, ...utf8Bytes(as), 93])

function offered(context = new Context()): GssapiServer {
  const server = new GssapiServer(context, identityOf)
  server.evaluate(utf8Bytes('!'))
  server.evaluate(EMPTY)
  return server
}

describe('GSSAPI', () => {
  test('the two ends prove themselves to each other', () => {
    const [ours, theirs] = [new Context(), new Context()]
    const server = new GssapiServer(ours, identityOf)
    const client = new GssapiClient(theirs, 'bob@HERE')
    const first = server.evaluate(utf8Bytes('!'))
    const empty = client.evaluate(first ?? EMPTY)
    // Ours answers even so; a library's context that is done does not.
    deepStrictEqual(empty, utf8Bytes('!'))
    const offer = server.evaluate(EMPTY)
    strictEqual(server.user, null)
    const chosen = client.evaluate(offer ?? EMPTY)
    deepStrictEqual(chosen, choice(1, 'bob@HERE'))
    strictEqual(client.isDone, true)
    strictEqual(server.evaluate(chosen ?? EMPTY), null)
    deepStrictEqual([server.user, ours.closed, theirs.closed], ['bob', 1, 1])
    strictEqual(client.evaluate(EMPTY), null)
  })

  test('a context without a last answer goes on to the offer at once', () => {
    const server = new GssapiServer(new Context(false), identityOf)
    deepStrictEqual(server.evaluate(utf8Bytes('?')), EMPTY)
    deepStrictEqual(server.evaluate(utf8Bytes('!')), choice(1))
  })

  test('the client may name itself, and nobody else', () => {
    for (const as of ['', 'bob@HERE', 'bob']) {
      const server = offered()
      server.evaluate(choice(1, as))
      strictEqual(server.user, 'bob')
    }
    throws(() => offered().evaluate(choice(1, 'root')), /"bob@HERE" asks to act as "root"/)
  })

  test('what is asked for besides is refused, and the context freed', () => {
    for (const [token, problem] of [
      [choice(4), /security layer/],
      [choice(0), /security layer/],
      [Uint8Array.of(91, 1, 0, 0, 93), /too short/],
      [EMPTY, /not wrapped/],
    ] as const) {
      const context = new Context()
      const server = offered(context)
      throws(() => server.evaluate(token), problem)
      deepStrictEqual([server.user, context.closed], [null, 1])
      throws(() => server.evaluate(choice(1)), /the exchange is over/)
    }
    const early = new GssapiServer(new Context(), identityOf)
    early.evaluate(utf8Bytes('!'))
    throws(() => early.evaluate(choice(1)), /too early/)
  })

  test('a server that insists on a layer gets no client', () => {
    const client = new GssapiClient(new Context(), 'bob@HERE')
    client.evaluate(utf8Bytes('!'))
    throws(() => client.evaluate(choice(6)), /insists/)
    strictEqual(client.isDone, false)
  })

  test('no sequence of tokens but the right one proves anything', () => {
    const token = fc.oneof(
      fc.constantFrom(
        utf8Bytes('!'),
        utf8Bytes('?'),
        EMPTY,
        choice(1),
        choice(1, 'eve'),
        choice(2),
      ),
      fc.uint8Array({ maxLength: 20 }),
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 6 }), (tokens) => {
        const server = new GssapiServer(new Context(), identityOf)
        let ended = false
        for (const [i, bytes] of tokens.entries()) {
          const wasProven = server.user !== null
          try {
            server.evaluate(bytes)
            if (ended) throw new Error('it goes on after its end')
          } catch (error) {
            if (!(error instanceof SaslError)) throw error
            ended = true
          }
          if (server.user !== null && !wasProven) {
            strictEqual(tokens[i - 1]?.length, 0)
            ended = true
          }
        }
      }),
    )
  })
})
