// Quorum SASL, one packet at a time: both ends, cut anywhere, and whatever a stranger may send.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import {
  AUTH_TOKEN_BYTES_MAX,
  AuthStatus,
  authPacketBytes,
  readAuthPacket,
} from '../../../protocol/quorum/auth-packet.ts'
import { DigestMd5Client } from '../../../protocol/sasl/digest-md5-client.ts'
import { DigestMd5Server, QUORUM_SERVICE } from '../../../protocol/sasl/digest-md5-server.ts'
import { SaslError } from '../../../protocol/sasl/directives.ts'
import { GssapiClient, GssapiServer, type GssContext } from '../../../protocol/sasl/gssapi.ts'
import type { SaslServerMechanism } from '../../../protocol/sasl/mechanism.ts'
import {
  type AuthExchange,
  type AuthStep,
  QuorumAuthLearner,
  QuorumAuthServer,
} from '../../../protocol/sasl/quorum-auth.ts'
import { md5 } from '../../../runtime/process/md5.ts'

const USERS = new Map([['member', 'members']])
const server = (isRequired = true, nonce = 'nonce'): QuorumAuthServer =>
  new QuorumAuthServer(new DigestMd5Server(QUORUM_SERVICE, USERS, nonce, md5), isRequired)
const learner = (password = 'members', user = 'member'): QuorumAuthLearner =>
  new QuorumAuthLearner(new DigestMd5Client(QUORUM_SERVICE, { user, password }, 'cnonce', md5))
const step = (end: AuthExchange, bytes: Uint8Array): AuthStep => end.take(bytes, 0, bytes.length)

/** What each says in turn, until one has nothing more to say; the last step of each. */
function talk(dials: QuorumAuthLearner, accepts: QuorumAuthServer): [AuthStep, AuthStep] {
  let said: Uint8Array | null = dials.begin()
  let [theirs, ours]: (AuthStep | null)[] = [null, null]
  for (let i = 0; said !== null && i < 10; i++) {
    ours = step(accepts, said)
    if (ours.send === null) break
    theirs = step(dials, ours.send)
    said = theirs.send
  }
  return [theirs!, ours!]
}

describe('quorum SASL', () => {
  test('has ZooKeeper’s packets', () => {
    const bytes = Buffer.from(authPacketBytes(AuthStatus.error, Uint8Array.of(7)))
    strictEqual(bytes.readBigUInt64BE(), (1n << 64n) - 0xa0dbcafecafe1234n)
    deepStrictEqual(readAuthPacket(Uint8Array.from(bytes), 0, bytes.length), {
      packet: { status: -1, token: Uint8Array.of(7) },
      end: 17,
    })
  })

  test('lets in who knows the password', () => {
    const [theirs, ours] = talk(learner(), server())
    deepStrictEqual([theirs.state, ours.state], ['passed', 'passed'])
  })

  test('lets in nobody else, and tells him', () => {
    const [theirs, ours] = talk(learner('guessed'), server())
    deepStrictEqual([theirs.state, ours.state], ['refused', 'refused'])
    strictEqual(ours.problem, 'wrong user or password: "member"')
    strictEqual(theirs.problem, 'the other server refuses the proof')
  })

  test('lets in anybody while nothing is required, and says so', () => {
    const [theirs, ours] = talk(learner('guessed'), server(false))
    deepStrictEqual([theirs.state, ours.state], ['refused', 'passed'])
    const plain = step(server(false), new Uint8Array(8))
    deepStrictEqual(
      [plain.state, plain.used, plain.problem],
      ['passed', 0, 'it did not authenticate'],
    )
  })

  test('lets nobody past who does not authenticate (CVE-2018-8012)', () => {
    deepStrictEqual(step(server(), new Uint8Array(7)).state, 'more')
    deepStrictEqual(step(server(), new Uint8Array(8)).state, 'refused')
    strictEqual(server().ended(), false)
    strictEqual(server(false).ended(), true)
    strictEqual(learner().ended(), false)
  })

  test('lets a client’s user in nowhere (CVE-2023-44981: who it is must be exact)', () => {
    for (const name of ['', 'member ', 'Member', 'member/host@realm', 'member@realm']) {
      strictEqual(talk(learner('members', name), server())[1].state, 'refused', name)
    }
  })

  test('is not done before the proof of the one that was dialled', () => {
    const dials = learner()
    dials.begin()
    const early = step(dials, authPacketBytes(AuthStatus.success, new Uint8Array(0)))
    strictEqual(early.state, 'refused')
  })

  test('may be cut anywhere', () => {
    const accepts = server()
    const bytes = learner().begin()
    for (let end = 0; end < bytes.length; end++) {
      deepStrictEqual(accepts.take(bytes, 0, end).state, 'more')
    }
    strictEqual(accepts.take(bytes, 0, bytes.length).used, bytes.length)
  })

  test('a replay of what another connection has said is refused', () => {
    const accepts = server()
    const dials = learner()
    const challenge = step(accepts, dials.begin()).send ?? new Uint8Array(0)
    const response = step(dials, challenge).send ?? new Uint8Array(0)
    strictEqual(step(accepts, response).state, 'passed')
    const again = server(true, 'another nonce')
    step(again, learner().begin())
    strictEqual(step(again, response).state, 'refused')
  })

  test('a right response that is cut off or damaged is refused, or waited for', () => {
    const dials = learner()
    const challenge = step(server(), dials.begin()).send ?? new Uint8Array(0)
    const right = step(dials, challenge).send ?? new Uint8Array(0)
    // Only what the proof covers: some directives count for nothing.
    const proof = Buffer.from(right).indexOf('response=')
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(15), fc.integer({ min: proof, max: proof + 40 })),
        // A letter may be large or small: 32 apart.
        fc.integer({ min: 1, max: 255 }).filter((by) => by !== 32),
        fc.boolean(),
        (at, by, isCut) => {
          const accepts = server()
          step(accepts, learner().begin())
          const damaged = Uint8Array.from(right)
          damaged[at]! ^= by
          const { state } = step(accepts, isCut ? right.subarray(0, at) : damaged)
          ok(state === 'more' || state === 'refused', state)
        },
      ),
    )
  })

  test('another magic number is no proof', () => {
    const bytes = Buffer.from(learner().begin())
    for (let at = 0; at < 8; at++) {
      const other = Buffer.from(bytes)
      other[at]! ^= 1
      strictEqual(step(server(), other).state, 'refused')
      strictEqual(step(learner(), other).state, 'refused')
    }
  })

  test('takes whatever a stranger may send', () => {
    const magic = authPacketBytes(AuthStatus.inProgress, new Uint8Array(0)).subarray(0, 8)
    const rest = fc.uint8Array({ maxLength: 200 })
    const bytes = fc.oneof(
      rest,
      rest.map((tail) => Uint8Array.from([...magic, ...tail])),
    )
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 3 }), fc.boolean(), (messages, isRequired) => {
        for (const end of [server(isRequired), learner()]) {
          for (const message of messages) {
            const { state, used } = step(end, message)
            ok(used <= message.length)
            if (state === 'passed') ok(!isRequired && end instanceof QuorumAuthServer)
            if (state !== 'more') break
          }
        }
      }),
    )
  })

  test('ends a proof that has no end', () => {
    const endless: SaslServerMechanism = {
      user: null,
      evaluate: () => new Uint8Array(1),
      close: () => {},
    }
    const accepts = new QuorumAuthServer(endless, true)
    const states = Array.from({ length: 6 }, () => step(accepts, learner().begin()).state)
    deepStrictEqual(states, ['more', 'more', 'more', 'more', 'more', 'refused'])
  })

  test('trusts no length', () => {
    const bytes = Buffer.from(authPacketBytes(AuthStatus.inProgress, new Uint8Array(0)))
    for (const length of [-2, AUTH_TOKEN_BYTES_MAX + 1, 0x7fff_ffff]) {
      bytes.writeInt32BE(length, 12)
      let error: unknown = null
      try {
        readAuthPacket(bytes, 0, bytes.length)
      } catch (thrown) {
        error = thrown
      }
      ok(error instanceof MalformedError, `${length}`)
    }
  })
})

/** It believes one token, and then wraps in brackets. */
class Context implements GssContext {
  closed = 0
  readonly #isDialling: boolean

  constructor(isDialling: boolean) {
    this.#isDialling = isDialling
  }

  step(token: Uint8Array): ReturnType<GssContext['step']> {
    const wanted = this.#isDialling ? 'reply' : 'ticket'
    if (Buffer.from(token).toString('latin1') !== wanted) throw new SaslError('no such token')
    return { token: this.#isDialling ? null : Buffer.from('reply'), isDone: true }
  }

  peer(): string {
    return 'zkquorum/one@HERE'
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

describe('quorum SASL with Kerberos', () => {
  const TICKET = Buffer.from('ticket')
  const dials = (token: Uint8Array = TICKET, context = new Context(true)): QuorumAuthLearner =>
    new QuorumAuthLearner(new GssapiClient(context, 'zkquorum/one@HERE'), token)
  const accepts = (
    identityOf = (principal: string): string => principal,
    context = new Context(false),
  ): QuorumAuthServer => new QuorumAuthServer(new GssapiServer(context, identityOf), true)

  test('lets in who has a ticket; the last packet has no token', () => {
    const contexts = [new Context(true), new Context(false)] as const
    const [theirs, ours] = talk(dials(TICKET, contexts[0]), accepts(undefined, contexts[1]))
    deepStrictEqual([theirs.state, ours.state], ['passed', 'passed'])
    const sent = ours.send ?? new Uint8Array(0)
    deepStrictEqual(readAuthPacket(sent, 0, sent.length)?.packet, {
      status: AuthStatus.success,
      token: null,
    })
    deepStrictEqual(
      contexts.map(({ closed }) => closed > 0),
      [true, true],
    )
  })

  test('lets in nobody without one, and nobody who is no member', () => {
    const [theirs, ours] = talk(dials(Buffer.from('none')), accepts())
    deepStrictEqual(
      [theirs.state, ours.state, ours.problem],
      ['refused', 'refused', 'no such token'],
    )
    const stranger = accepts(() => {
      throw new SaslError('no member')
    })
    strictEqual(talk(dials(), stranger)[1].problem, 'no member')
  })

  test('does not believe a success that comes too early, or no end', () => {
    for (const status of [AuthStatus.success, AuthStatus.inProgress]) {
      const early = dials()
      early.begin()
      strictEqual(step(early, authPacketBytes(status, null)).state, 'refused')
    }
    const late = dials()
    const server = accepts()
    const replied = step(server, late.begin()).send ?? new Uint8Array(0)
    const offered = step(server, step(late, replied).send ?? new Uint8Array(0)).send
    strictEqual(step(late, offered ?? new Uint8Array(0)).state, 'more')
    strictEqual(step(late, authPacketBytes(AuthStatus.inProgress, null)).state, 'refused')
  })

  test('needs a token in each packet', () => {
    const { state, problem } = step(accepts(), authPacketBytes(AuthStatus.inProgress, null))
    deepStrictEqual([state, problem], ['refused', 'a packet has no token'])
  })
})
