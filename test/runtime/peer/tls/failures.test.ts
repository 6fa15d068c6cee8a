// Of handshakes that failed all are counted, and few are logged.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Failures, handshakeProblem } from '../../../../runtime/peer/tls/failures.ts'

let nowMs: number
let counted: number
let logged: Readonly<Record<string, unknown>>[]
let failures: Failures

beforeEach(() => {
  nowMs = 0
  counted = 0
  logged = []
  failures = new Failures({
    log: (event, fields) => logged.push({ event, ...fields }),
    count: () => counted++,
    nowMs: () => nowMs,
  })
})

describe('of one address', () => {
  test('there is a line a second, which says how many there were besides', () => {
    for (nowMs of [0, 400, 999, 1000, 1500]) failures.add('refused', '10.0.0.1', { at: nowMs })
    deepStrictEqual(logged, [
      { event: 'refused', at: 0 },
      { event: 'refused', at: 1000, unlogged: 2 },
    ])
    strictEqual(counted, 5)
  })

  test('the lines of others take nothing away', () => {
    failures.add('refused', '10.0.0.1', {})
    failures.add('refused', '10.0.0.2', {})
    strictEqual(logged.length, 2)
  })
})

test('however many addresses there are, a second has 64 lines', () => {
  for (let i = 0; i < 1000; i++) failures.add('refused', `10.0.${i >> 8}.${i & 255}`, {})
  deepStrictEqual([logged.length, counted], [64, 1000])
  nowMs = 1000
  failures.add('refused', '10.9.9.9', {})
  deepStrictEqual(logged.at(-1), { event: 'refused', unlogged: 936 })
})

const TEXTS: readonly (readonly [string, RegExp])[] = [
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', /does not trust our certificate/],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', /our certificate has expired/],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /wants a certificate of us/],
  ['ERR_SSL_NO_SHARED_CIPHER', /no cipher suite that both allow/],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /no version of TLS that both allow/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS/],
  ['ECONNRESET', /hung up/],
]
for (const [code, words] of TEXTS) {
  test(code, () => {
    const text = handshakeProblem(Object.assign(new Error('what OpenSSL says'), { code }))
    match(text, words)
  })
}

test('what has no words of ours keeps its own', () => {
  strictEqual(handshakeProblem(new Error('what OpenSSL says')), 'what OpenSSL says')
})
