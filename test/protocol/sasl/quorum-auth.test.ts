// Quorum SASL, one packet at a time: both ends, cut anywhere, and whatever a stranger may send.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import {
  AuthStatus,
  authPacketBytes,
  readAuthPacket,
} from '../../../protocol/quorum/auth-packet.ts'
import {
  type AuthExchange,
  type AuthStep,
  QuorumAuthLearner,
  QuorumAuthServer,
} from '../../../protocol/sasl/quorum-auth.ts'
import { md5 } from '../../../runtime/process/md5.ts'

const USERS = new Map([['member', 'members']])
const server = (isRequired = true): QuorumAuthServer =>
  new QuorumAuthServer(USERS, isRequired, 'nonce', md5)
const learner = (password = 'members'): QuorumAuthLearner =>
  new QuorumAuthLearner({ user: 'member', password }, 'cnonce', md5)
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
    strictEqual(theirs.problem, 'the other server refuses user or password')
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
      const other = new QuorumAuthLearner({ user: name, password: 'members' }, 'c', md5)
      strictEqual(talk(other, server())[1].state, 'refused', name)
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
    const again = new QuorumAuthServer(USERS, true, 'another nonce', md5)
    step(again, learner().begin())
    strictEqual(step(again, response).state, 'refused')
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

  test('trusts no length', () => {
    const bytes = Buffer.from(authPacketBytes(AuthStatus.inProgress, new Uint8Array(0)))
    for (const length of [-1, 4097, 0x7fff_ffff]) {
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
