// The gate of a port that takes TLS, while there are too many for all to be served at once. Time is the
// test's, sockets are real.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect as connectPlain, createServer, type Server } from 'node:net'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { clientTlsOf } from '../../../../config/settings/tls.ts'
import { TlsGate } from '../../../../runtime/net/tls/tls-gate.ts'
import type { Guest } from '../../../../runtime/net/transport/client-transport.ts'
import { readCredentials } from '../../../../runtime/tls/credentials.ts'
import { HandshakeQueue } from '../../../../runtime/tls/handshake-queue.ts'
import { testOptions } from '../../../support/own-server.ts'
import { OPENSSL_MISSING, TestCa } from '../../../support/test-ca.ts'
import { until } from '../../../support/until.ts'

const WAIT_MS = 20_000
const DETECTION_MS = 5
/** OpenSSL's handshakes are bounded by it as well, and in real time. */
const HANDSHAKE_MS = 120_000

describe('who waits for its turn at a gate', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let server: Server
  let port: number
  let gate: TlsGate
  let timers: Set<{ readonly ms: number; readonly run: () => void }>
  let turns: (() => void)[]
  let said: string[]

  before(() => {
    ca = new TestCa()
  })
  after(() => ca.remove())

  beforeEach(async () => {
    timers = new Set()
    turns = []
    said = []
    const time = {
      after: (ms: number, run: () => void): (() => void) => {
        const timer = { ms, run }
        timers.add(timer)
        return () => timers.delete(timer)
      },
      soon: (run: () => void): void => void turns.push(run),
    }
    const holder = ca.issue('server', { names: 'DNS:localhost' })
    const options = testOptions({ ...ca.options(holder), secureClientPort: 0 })
    const settings = clientTlsOf(options)
    const guest: Guest = {
      enter: () => said.push('entered'),
      note: (reason) => said.push(reason),
      leave: () => said.push('left'),
      refuse: (reason, { problem }) => said.push(`${reason}: ${problem}`),
    }
    const user = { knock: () => guest, accept: () => {}, notAccepted: () => {} }
    gate = new TlsGate(
      {
        ...options,
        ...settings,
        clientAuth: 'none',
        detectionMs: DETECTION_MS,
        handshakeMs: HANDSHAKE_MS,
      },
      await readCredentials(settings, Date.now()),
      false,
      { user, queue: new HandshakeQueue(time, () => 0), time, wallMs: Date.now },
    )
    server = createServer({ allowHalfOpen: true }, (socket) => gate.take(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterEach(() => {
    gate.close()
    server.close()
  })

  const deadlines = (): number[] => [...timers].map(({ ms }) => ms)
  const isTurn = (): boolean => turns.length > 0
  const turn = (): void => turns.shift()?.()

  test('has no deadline until then, and comes in', async () => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      ca: readFileSync(ca.root),
      servername: 'localhost',
    })
    socket.on('error', () => {})
    await until('its first message has come', WAIT_MS, isTurn)
    deepStrictEqual(deadlines(), [])
    turn()
    deepStrictEqual(deadlines(), [HANDSHAKE_MS])
    await until('it has entered', WAIT_MS, () => said.length > 0)
    deepStrictEqual([said, deadlines()], [['entered'], []])
    socket.destroy()
  })

  test('has one from then on', async () => {
    const socket = connectPlain(port, '127.0.0.1', () =>
      socket.write(Buffer.from([22, 3, 1, 0, 200])),
    )
    await until('its first byte has come', WAIT_MS, isTurn)
    turn()
    for (const { run } of timers) run()
    const problem = `has not finished its handshake for ${HANDSHAKE_MS} ms`
    deepStrictEqual(said, [`tls-handshake-timeout: ${problem}`])
  })

  for (const bytes of [5, 20_000]) {
    test(`is gone as soon as it gives up, after ${bytes} bytes`, async () => {
      const message = Buffer.alloc(bytes, 22)
      const socket = connectPlain(port, '127.0.0.1', () => socket.write(message))
      await until('its first byte has come', WAIT_MS, isTurn)
      if (bytes > 16_384) socket.resetAndDestroy()
      else socket.end()
      await until('it has left', WAIT_MS, () => said.length > 0)
      turn()
      deepStrictEqual([said, deadlines(), turns.length], [['left'], [], 0])
      strictEqual(gate.arrivals, 0)
    })
  }
})
