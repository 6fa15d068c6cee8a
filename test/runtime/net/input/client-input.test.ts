// What a client's frames mean before they reach an actor, by itself: who may ask what, and when.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DEFAULTS } from '../../../../config/options.ts'
import { IDENTITIES_BYTES_MAX } from '../../../../protocol/limits.ts'
import { ServingMode } from '../../../../protocol/messages/network.ts'
import { OpCode } from '../../../../protocol/op-code.ts'
import { DigestMd5Client } from '../../../../protocol/sasl/digest-md5-client.ts'
import { CLIENT_SERVICE } from '../../../../protocol/sasl/digest-md5-server.ts'
import { SESSION_NONE, type SessionId } from '../../../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../../../protocol/zxid.ts'
import { md5 } from '../../../../runtime/process/md5.ts'
import {
  authFrame,
  connectFrame,
  requestFrame,
  saslFrame,
} from '../../../simulator/clients/client-stream.ts'
import { read, SESSION } from '../loop-fixture.ts'
import { answerIn, InputFixture, SASL } from './input-fixture.ts'

const connect = (sessionId: SessionId, readOnly: boolean | null = false): Uint8Array => {
  const password = Buffer.alloc(16, 'p')
  return connectFrame({ lastZxidSeen: ZXID_ZERO, timeoutMs: 5000, sessionId, password, readOnly })
}

describe('a handshake', () => {
  const passed = (sessionId: SessionId): unknown[][] => [
    ['handshaken'],
    ['tree.opened', 0, '10.0.0.1'],
    ['sessions.connect', 0, ZXID_ZERO, 5000, sessionId, 'p'.repeat(16)],
  ]
  const { leader, follower, readOnly } = ServingMode
  const cases: Readonly<Record<string, [ServingMode, Uint8Array, unknown[][]]>> = {
    'for a new session': [follower, connect(SESSION_NONE), passed(SESSION_NONE)],
    'for one that goes on': [follower, connect(SESSION), passed(SESSION)],
    'of an old client, without the last byte': [follower, connect(SESSION, null), passed(SESSION)],
    'at a leader that serves nobody': [
      leader,
      connect(SESSION),
      [['refuse', 'leader-serves-no-clients']],
    ],
    'for more than reads, where there is no leader': [
      readOnly,
      connect(SESSION),
      [['refuse', 'not-read-only']],
    ],
    'for reads, where there is no leader': [readOnly, connect(SESSION, true), passed(SESSION)],
    'for a new session, where nobody can make one': [
      readOnly,
      connect(SESSION_NONE, true),
      [['refuse', 'no-local-sessions']],
    ],
  }
  for (const [name, [mode, frame, said]] of Object.entries(cases)) {
    it(name, () => {
      const fixture = new InputFixture()
      fixture.serving.begin(mode, 0)
      deepStrictEqual(fixture.take(frame), [false, said])
    })
  }
  it('waits while nobody is served, and holds what comes behind it', () => {
    const fixture = new InputFixture()
    fixture.serving.end()
    deepStrictEqual(fixture.take(connect(SESSION), read(1)), [true, []])
    fixture.serving.begin(follower, 0)
    deepStrictEqual(fixture.take(), [true, passed(SESSION)])
    strictEqual(fixture.connection.state, 'connecting')
  })
  it('of a telnet client that wants to leave', () => {
    const fixture = new InputFixture()
    const interrupt = Uint8Array.from([0xff, 0xf4, 0xff, 0xfd])
    deepStrictEqual(fixture.take(interrupt), [false, [['finish']]])
  })
})

describe('a request', () => {
  it('that writes wakes the next but one as well; one that reads does not', () => {
    const fixture = new InputFixture()
    fixture.open()
    const request = { path: '/', data: null, version: -1 }
    const write = requestFrame(2, { type: OpCode.setData, request })
    const [, said] = fixture.take(read(1), write)
    deepStrictEqual(
      said.map(([name]) => name),
      ['tree.request', 'tree.request', 'announceWrite'],
    )
  })
  it('counts as outstanding until it is answered', () => {
    const fixture = new InputFixture()
    fixture.open()
    fixture.take(read(1), authFrame('ip', ''), read(2))
    deepStrictEqual([fixture.input.outstanding, fixture.connection.outstanding], [3, 3])
  })
  it('waits while its own answers fill the window, or the rings are full', () => {
    const fixture = new InputFixture()
    fixture.open()
    fixture.blocked = true
    deepStrictEqual(fixture.take(read(1)), [true, []])
    fixture.blocked = false
    const [waits, said] = fixture.take(...[2, 3, 4, 5, 6].map(read))
    deepStrictEqual([waits, said.length], [true, 4])
  })
})

describe('an identity', () => {
  const DIGEST = 'user:E88hbrxKni5CFBShH4zvaIm5SF8='
  const cases: Readonly<Record<string, [Uint8Array, unknown[][]]>> = {
    'proven by a digest': [
      authFrame('digest', 'user:x'),
      [
        ['tree.identified', 0, 'digest', DIGEST],
        ['tree.authenticated', 0, -4, 0, false],
      ],
    ],
    'by an address': [
      authFrame('ip', ''),
      [
        ['tree.identified', 0, 'ip', '10.0.0.1'],
        ['tree.authenticated', 0, -4, 0, false],
      ],
    ],
    'by a scheme that is none': [
      authFrame('foo', 'bar'),
      [
        ['note', 'authentication-failed'],
        ['tree.authenticated', 0, -4, -115, false],
      ],
    ],
    'too long with all the others': [
      authFrame('digest', `${'u'.repeat(IDENTITIES_BYTES_MAX)}:x`),
      [
        ['note', 'authentication-failed'],
        ['tree.authenticated', 0, -4, -115, false],
      ],
    ],
  }
  for (const [name, [frame, said]] of Object.entries(cases)) {
    it(name, () => {
      const fixture = new InputFixture()
      fixture.open()
      deepStrictEqual(fixture.take(frame)[1], said)
    })
  }
  it('of another ensemble', () => {
    const fixture = new InputFixture({ ensembleAuth: { names: new Set(['ours']) } })
    fixture.open()
    deepStrictEqual(fixture.take(authFrame('ensemble', 'theirs'))[1], [
      ['refuse', 'another-ensemble'],
    ])
  })
})

const get = requestFrame(9, { type: OpCode.getData, path: '/a', watch: false })

describe('SASL', () => {
  /** The exchange; what is said from the response on. */
  function prove(fixture: InputFixture, password = 'sesame'): unknown[][] {
    const client = new DigestMd5Client(CLIENT_SERVICE, { user: 'bob', password }, 'c', md5)
    const [, [challenge]] = fixture.take(saslFrame(1, new Uint8Array(0)))
    const response = client.evaluate(Buffer.from(answerIn(challenge ?? [])))
    return fixture.take(saslFrame(2, response))[1]
  }
  const opened = (options: Partial<typeof DEFAULTS>): InputFixture => {
    const fixture = new InputFixture(options)
    fixture.open()
    return fixture
  }

  it('proves who a client is', () => {
    const [identified, answer, ...rest] = prove(opened(SASL))
    deepStrictEqual(identified, ['tree.identified', 0, 'sasl', 'bob'])
    match(answerIn(answer ?? []), /^rspauth=[0-9a-f]{32}$/)
    deepStrictEqual(rest, [])
  })

  it('makes a superuser of those who are named', () => {
    const said = prove(opened({ ...SASL, saslSuperUsers: new Set(['bob']) }))
    deepStrictEqual(said[1], ['tree.identified', 0, 'super', ''])
  })

  it('gives no identity for access lists where no provider is named', () => {
    const said = prove(opened({ ...SASL, saslProvider: false }))
    deepStrictEqual(said.length, 1)
  })

  it('that fails ends the connection, and what came behind is not read', () => {
    const fixture = opened(SASL)
    deepStrictEqual(prove(fixture, 'wrong'), [
      ['note', 'authentication-failed'],
      ['tree.authenticated', 0, 2, -115, true],
    ])
    deepStrictEqual(fixture.take(get), [true, []])
  })

  it('that fails may leave the client nobody in particular', () => {
    const fixture = opened({ ...SASL, allowSaslFailedClients: true })
    const [note, answer] = prove(fixture, 'wrong')
    deepStrictEqual(note, ['note', 'authentication-failed'])
    strictEqual(answerIn(answer ?? []), '')
    strictEqual(fixture.take(get)[1][0]?.[0], 'tree.request')
  })

  it('without a login has an empty answer to any token, and none without one', () => {
    const fixture = opened({})
    strictEqual(answerIn(fixture.take(saslFrame(1, Buffer.from('x')))[1][0] ?? []), '')
    deepStrictEqual(fixture.take(saslFrame(1, null))[1], [['refuse', 'malformed-frame']])
  })

  it('of clients of which it is required: nothing else comes before it', () => {
    const required = { ...SASL, requiredSchemes: new Set(['sasl']) }
    const early = opened(required)
    deepStrictEqual(early.take(get, get), [
      true,
      [
        ['note', 'not-authenticated'],
        ['tree.authenticated', 0, 9, -124, false],
      ],
    ])
    const digest = opened(required)
    strictEqual(digest.take(authFrame('digest', 'bob:sesame'))[1].length, 2)
    deepStrictEqual(digest.take(get)[1][0], ['note', 'not-authenticated'])
    const wrong = opened({ ...required, allowSaslFailedClients: true })
    deepStrictEqual(prove(wrong, 'wrong')[1], ['tree.authenticated', 0, 2, -124, true])
    const right = opened(required)
    prove(right)
    strictEqual(right.take(get)[1][0]?.[0], 'tree.request')
  })

  it('of which any address will do, keeps nobody out', () => {
    const fixture = opened({ requiredSchemes: new Set(['ip', 'sasl']) })
    strictEqual(fixture.take(get)[1][0]?.[0], 'tree.request')
  })

  it('that failed makes the next proof of the address wait, and nothing else', () => {
    const fixture = opened({ ...SASL, allowSaslFailedClients: true })
    prove(fixture, 'wrong')
    strictEqual(fixture.take(get)[1].length, 1)
    deepStrictEqual(fixture.take(authFrame('digest', 'a:b')), [true, []])
    fixture.clock.nowMs = 99
    deepStrictEqual(fixture.take(), [true, []])
    fixture.clock.nowMs = 100
    deepStrictEqual(fixture.take()[1][0]?.slice(0, 3), ['tree.identified', 0, 'digest'])
  })
})

describe('the password of a session', () => {
  it('is a guess when it is wrong; the next one waits, and no new session does', () => {
    const fixture = new InputFixture()
    fixture.password = Buffer.alloc(16, 'q')
    const again = (sessionId: SessionId): unknown => {
      fixture.connection.state = 'new'
      return fixture.take(connect(sessionId))[1].map(([what]) => what)
    }
    const passed = ['handshaken', 'tree.opened', 'sessions.connect']
    deepStrictEqual(again(SESSION), ['note', ...passed])
    deepStrictEqual(again(SESSION_NONE), passed)
    deepStrictEqual(again(SESSION), [])
    fixture.clock.nowMs = 99
    deepStrictEqual(fixture.take(), [true, []])
    fixture.clock.nowMs = 100
    fixture.password = Buffer.alloc(16, 'p')
    deepStrictEqual(
      fixture.take()[1].map(([what]) => what),
      passed,
    )
  })
})

describe('the superuser by digest', () => {
  const superDigest = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU='
  it('is a guess when it is wrong, whatever the client is told', () => {
    const fixture = new InputFixture({ superDigest })
    fixture.open()
    const [, said] = fixture.take(authFrame('digest', 'super:wrong'))
    deepStrictEqual(said[0], ['note', 'authentication-failed'])
    deepStrictEqual(said[2], ['tree.authenticated', 0, -4, 0, false])
  })
  it('is who knows the password', () => {
    const fixture = new InputFixture({ superDigest })
    fixture.open()
    const [, said] = fixture.take(authFrame('digest', 'super:test'))
    deepStrictEqual(said[1], ['tree.identified', 0, 'super', ''])
  })
})
