// What a client's frames mean before they reach an actor, by itself: who may ask what, and when.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULTS } from '../../../../config/options.ts'
import { IDENTITIES_BYTES_MAX } from '../../../../protocol/limits.ts'
import { ServingMode } from '../../../../protocol/messages/network.ts'
import { OpCode } from '../../../../protocol/op-code.ts'
import { SESSION_NONE, type SessionId } from '../../../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../../../protocol/zxid.ts'
import { ClientConnection } from '../../../../runtime/net/client-connection.ts'
import { ClientInput } from '../../../../runtime/net/input/client-input.ts'
import { NetworkStats } from '../../../../runtime/net/network-stats.ts'
import { OutputBuffers } from '../../../../runtime/net/output/output-buffers.ts'
import { Serving } from '../../../../runtime/net/server-mode.ts'
import { authFrame, connectFrame, requestFrame } from '../../../simulator/clients/client-stream.ts'
import { FarEnd, read, recorder, SESSION } from '../loop-fixture.ts'

const CLOCK = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => 0 }

class InputFixture {
  readonly said: unknown[][] = []
  blocked = false
  readonly serving = new Serving({ leaderServes: false, localSessionsEnabled: false })
  readonly input: ClientInput
  readonly connection: ClientConnection

  constructor(options: Partial<typeof DEFAULTS> = {}) {
    const fixture = this
    const port = {
      tree: recorder('tree', this.said),
      sessions: recorder('sessions', this.said),
      get blocked() {
        return fixture.blocked
      },
      announceWrite: () => this.said.push(['announceWrite']),
    }
    this.input = new ClientInput({ ...DEFAULTS, ...options }, CLOCK, port as never, {
      command: () => null,
      stats: new NetworkStats(),
      refuse: (connection, reason) => {
        connection.state = 'closing'
        this.said.push(['refuse', reason])
      },
      finish: () => this.said.push(['finish']),
      serving: this.serving,
      handshaken: () => this.said.push(['handshaken']),
      after: () => () => {},
    })
    const { socket } = new FarEnd('10.0.0.1')
    this.connection = new ClientConnection(0, socket, '10.0.0.1', CLOCK, new OutputBuffers())
    this.serving.begin(ServingMode.follower, 0)
  }

  /** What is said when these frames come; whether something is left that has to wait. */
  take(...frames: readonly Uint8Array[]): [boolean, unknown[][]] {
    this.connection.input.feed(Buffer.concat(frames))
    const waits = this.input.pump(this.connection)
    this.connection.input.keep()
    return [waits, this.said.splice(0)]
  }

  open(): void {
    this.connection.state = 'open'
    this.connection.input.lengthMax = DEFAULTS.juteMaxBuffer
  }
}

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
        ['tree.authenticated', 0, -4, true],
      ],
    ],
    'by an address': [
      authFrame('ip', ''),
      [
        ['tree.identified', 0, 'ip', '10.0.0.1'],
        ['tree.authenticated', 0, -4, true],
      ],
    ],
    'by a scheme that is none': [authFrame('foo', 'bar'), [['tree.authenticated', 0, -4, false]]],
    'too long with all the others': [
      authFrame('digest', `${'u'.repeat(IDENTITIES_BYTES_MAX)}:x`),
      [['tree.authenticated', 0, -4, false]],
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
