// DIGEST-MD5 against what Java's own mechanism said, and against everything a stranger may say.

import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DigestMd5Client } from '../../../protocol/sasl/digest-md5-client.ts'
import {
  CLIENT_SERVICE,
  DigestMd5Server,
  QUORUM_SERVICE,
} from '../../../protocol/sasl/digest-md5-server.ts'
import { SASL_TOKEN_BYTES_MAX, SaslError } from '../../../protocol/sasl/directives.ts'
import { md5 } from '../../../runtime/process/md5.ts'

const EMPTY = new Uint8Array(0)
const USERS: ReadonlyMap<string, string> = new Map([
  ['bob', 's\u00e9cret'],
  ['\u65e5\u672c', 'p\u00e4ss"w\\ord'],
  ['super', ''],
])

/** One exchange of com.sun.security.sasl.digest, bob with his password. */
const JAVA = {
  nonce: 't5bJpzrIxjIMmd3yLZzrMXTUvcVXB+UvCmNmyT7E',
  cnonce: 'IHUdl66+7pweZDa+84NwobrBCSBRE/yWY4U1PoMH',
  challenge:
    'realm="zk-sasl-md5",nonce="t5bJpzrIxjIMmd3yLZzrMXTUvcVXB+UvCmNmyT7E",charset=utf-8,algorithm=md5-sess',
  response:
    'charset=utf-8,username="bob",realm="zk-sasl-md5",nonce="t5bJpzrIxjIMmd3yLZzrMXTUvcVXB+UvCmNmyT7E",' +
    'nc=00000001,cnonce="IHUdl66+7pweZDa+84NwobrBCSBRE/yWY4U1PoMH",digest-uri="zookeeper/zk-sasl-md5",' +
    'maxbuf=65536,response=3cf7ff0d038f435fc991f41cc4370ea4,qop=auth,authzid="bob"',
  proof: 'rspauth=5da169ef71c229b4a8be5ea058612022',
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8')
const text = (token: Uint8Array): string => Buffer.from(token).toString('utf8')

function challenged(nonce = JAVA.nonce): DigestMd5Server {
  const server = new DigestMd5Server(CLIENT_SERVICE, USERS, nonce, md5)
  server.evaluate(EMPTY)
  return server
}

/** How an exchange between our own ends goes. */
function exchange(user: string, password: string, service = CLIENT_SERVICE): string | null {
  const server = new DigestMd5Server(service, USERS, 'n"o\\nce', md5)
  const client = new DigestMd5Client(service, { user, password }, 'cn', md5)
  const response = client.evaluate(server.evaluate(EMPTY))
  strictEqual(client.evaluate(server.evaluate(response ?? EMPTY)), null)
  ok(client.isDone)
  return server.user
}

describe('the server’s end', () => {
  test('says what Java’s says', () => {
    const server = new DigestMd5Server(CLIENT_SERVICE, USERS, JAVA.nonce, md5)
    strictEqual(text(server.evaluate(EMPTY)), JAVA.challenge)
    strictEqual(server.user, null)
    strictEqual(text(server.evaluate(bytes(JAVA.response))), JAVA.proof)
    strictEqual(server.user, 'bob')
    throws(() => server.evaluate(EMPTY), /the exchange is over/)
  })

  const BAD: Readonly<
    Record<string, readonly [from: string | RegExp, to: string, problem: RegExp]>
  > = {
    'a wrong proof': ['3cf7', '3cf8', /wrong user or password: "bob"/],
    'a proof cut short': ['0ea4', '', /wrong user or password/],
    'a user that is none': ['username="bob"', 'username="eve"', /wrong user or password: "eve"/],
    'no user': ['username="bob",', '', /there is no username/],
    'a replay: the nonce of another connection': ['t5bJpzrI', 'xxxxxxxx', /nonce is .*offered/],
    'a count that is not the first': ['nc=00000001', 'nc=00000002', /nc is "00000002"/],
    'another realm': ['realm="zk-sasl-md5"', 'realm="x"', /realm is "x"/],
    'no realm': ['realm="zk-sasl-md5",', '', /there is no realm/],
    'another service': ['digest-uri="zookeeper/', 'digest-uri="imap/', /digest-uri is "imap/],
    encryption: ['qop=auth', 'qop=auth-conf', /qop is "auth-conf"/],
    'another charset': ['charset=utf-8', 'charset=utf-7', /charset is "utf-7"/],
    'somebody else to act as': ['authzid="bob"', 'authzid="super"', /wrong user or password/],
    'a directive twice': ['qop=auth', 'qop=auth,qop=auth', /"qop" comes twice/],
    'an open quote': ['username="bob"', 'username="bob', /no directive at byte/],
    rubbish: [/.*/, '\0\0', /no directive at byte 0/],
    nothing: [/.*/, '', /there is no realm/],
  }
  for (const [what, [from, to, problem]] of Object.entries(BAD)) {
    test(`refuses ${what}`, () => {
      const server = challenged()
      const said = JAVA.response.replace(from, to)
      throws(() => server.evaluate(bytes(said)), { name: 'SaslError', message: problem })
      strictEqual(server.user, null)
      // The right answer comes too late.
      throws(() => server.evaluate(bytes(JAVA.response)), /the exchange is over/)
    })
  }

  test('refuses who begins with a response, and a message beyond the bound', () => {
    const server = new DigestMd5Server(CLIENT_SERVICE, USERS, 'n', md5)
    throws(() => server.evaluate(bytes(JAVA.response)), /begins with an empty token/)
    throws(() => server.evaluate(EMPTY), /the exchange is over/)
    throws(() => challenged().evaluate(new Uint8Array(SASL_TOKEN_BYTES_MAX + 1)), /too long/)
  })

  test('refuses a replay: a response belongs to one challenge, and counts once', () => {
    const server = challenged()
    server.evaluate(bytes(JAVA.response))
    throws(() => server.evaluate(bytes(JAVA.response)), /the exchange is over/)
    throws(() => challenged('another').evaluate(bytes(JAVA.response)), /nonce/)
  })

  test('refuses who proves to be one and asks to act as another', () => {
    // A client that knows bob's password, and says so for super: the proof covers the authzid.
    const server = challenged('n')
    const digest = (of: string | Uint8Array): Buffer => Buffer.from(md5(Buffer.from(of)))
    const secret = digest(Buffer.from('bob:zk-sasl-md5:s\u00e9cret', 'latin1'))
    const a1 = digest(Buffer.concat([secret, Buffer.from(':n:c:super')])).toString('hex')
    const a2 = digest('AUTHENTICATE:zookeeper/zk-sasl-md5').toString('hex')
    const response = digest(`${a1}:n:00000001:c:auth:${a2}`).toString('hex')
    const said =
      'charset=utf-8,username="bob",realm="zk-sasl-md5",nonce="n",nc=00000001,cnonce="c",' +
      `digest-uri="zookeeper/zk-sasl-md5",response=${response},qop=auth,authzid="super"`
    throws(() => server.evaluate(bytes(said)), /"bob" asks to act as "super"/)
    strictEqual(server.user, null)
  })

  test('takes any bytes at all as a proof or as a SaslError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 }), (tokens) => {
        const server = new DigestMd5Server(CLIENT_SERVICE, USERS, 'n', md5)
        for (const token of tokens) {
          try {
            server.evaluate(token)
          } catch (error) {
            ok(error instanceof SaslError)
          }
        }
        return server.user === null
      }),
    )
  })

  test('takes a damaged response for none', () => {
    const right = bytes(JAVA.response)
    const place = fc.nat(right.length - 1)
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, by, cut) => {
        const damaged = Uint8Array.from(right)
        damaged[at]! ^= by
        const server = challenged()
        try {
          server.evaluate(cut ? damaged.subarray(0, at) : damaged)
        } catch (error) {
          ok(error instanceof SaslError)
        }
        // Some directives are none that matter, as maxbuf.
        return server.user === null || server.user === 'bob'
      }),
    )
  })
})

describe('the client’s end', () => {
  test('says what Java’s says', () => {
    const bob = { user: 'bob', password: 's\u00e9cret' }
    const client = new DigestMd5Client(CLIENT_SERVICE, bob, JAVA.cnonce, md5)
    const said = text(client.evaluate(bytes(JAVA.challenge)) ?? EMPTY)
    const withoutAuthzid = said.split(',').sort()
    const theirs = JAVA.response.split(',').filter((directive) => !directive.startsWith('authzid'))
    const proofless = (all: readonly string[]): string[] =>
      all.filter((directive) => !directive.startsWith('response='))
    deepStrictEqual(proofless(withoutAuthzid), proofless(theirs.sort()))
    match(said, /response=[0-9a-f]{32}/)
  })

  test('refuses a server that does not know the password', () => {
    const client = new DigestMd5Client(CLIENT_SERVICE, { user: 'bob', password: 'x' }, 'c', md5)
    client.evaluate(bytes(JAVA.challenge))
    throws(() => client.evaluate(bytes(JAVA.proof)), /the server does not know the password/)
    throws(() => client.evaluate(EMPTY), /the server does not know the password/)
    strictEqual(client.isDone, false)
  })

  test('refuses a challenge without a nonce, and one that asks for encryption', () => {
    const client = (): DigestMd5Client =>
      new DigestMd5Client(CLIENT_SERVICE, { user: 'bob', password: 'x' }, 'c', md5)
    throws(() => client().evaluate(bytes('realm="a"')), /no nonce/)
    throws(() => client().evaluate(bytes('nonce="a",qop="auth-conf"')), /offers "auth-conf"/)
    ok(client().evaluate(bytes('nonce="a",qop="auth-conf,auth",realm="a",realm="b"')))
  })

  test('throws nothing but SaslErrors', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array(), (challenge, proof) => {
        const client = new DigestMd5Client(CLIENT_SERVICE, { user: 'a', password: 'b' }, 'c', md5)
        try {
          client.evaluate(challenge)
          client.evaluate(proof)
        } catch (error) {
          ok(error instanceof SaslError)
        }
        return !client.isDone
      }),
    )
  })
})

describe('both ends', () => {
  for (const [user, password] of USERS) {
    test(`agree about ${JSON.stringify(user)}`, () => {
      strictEqual(exchange(user, password), user)
      strictEqual(exchange(user, password, QUORUM_SERVICE), user)
      throws(() => exchange(user, `${password}x`), /wrong user or password/)
    })
  }

  test('do not agree about different services', () => {
    const server = new DigestMd5Server(CLIENT_SERVICE, USERS, 'n', md5)
    const client = new DigestMd5Client(QUORUM_SERVICE, { user: 'super', password: '' }, 'c', md5)
    const response = client.evaluate(server.evaluate(EMPTY)) ?? EMPTY
    throws(() => server.evaluate(response), /digest-uri/)
  })
})
