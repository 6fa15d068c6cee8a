// Settings of TLS between servers: what is read, what has to be there, what is warned of.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Configuration } from '../../config/configuration.ts'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import { quorumTlsOf } from '../../config/settings/quorum-tls.ts'
import { configurationFrom } from '../../config/zoo-cfg.ts'

const MEMBER = `dataDir=/d
clientPort=2181
initLimit=5
syncLimit=2
server.1=a:1:2
server.2=b:1:2
server.3=c:1:2
`
const STORES = `ssl.quorum.keyStore.location=/k.pem
ssl.quorum.trustStore.location=/t.pem
`
const LEAST = `${MEMBER}sslQuorum=true\n${STORES}`

function read(text: string): Configuration {
  return configurationFrom({ path: 'zoo.cfg', text }, [], () => '1')
}

function ensembleOf(text: string): EnsembleOptions {
  const { ensemble } = read(text).options
  if (ensemble === null) throw new Error('no member')
  return ensemble
}

function refusal(text: string): string {
  try {
    read(text)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

function remarksOf(text: string): string[] {
  return read(text).remarks.map(({ level, text }) => `${level} ${text}`)
}

test('the switch and two stores are enough, and both ends prove who they are', () => {
  deepStrictEqual(remarksOf(LEAST), [])
  const tls = quorumTlsOf(ensembleOf(LEAST))
  deepStrictEqual(tls.versions, ['TLSv1.2', 'TLSv1.3'])
  deepStrictEqual(
    [tls.clientAuth, tls.hostnameVerification, tls.clientHostnameVerification],
    ['need', true, true],
  )
  deepStrictEqual([tls.allowReverseDnsLookup, tls.crl, tls.ciphers], [false, false, null])
})

test('nothing of it is on by itself', () => {
  const { sslQuorum, portUnification, sslQuorumReloadCertFiles } = ensembleOf(MEMBER)
  deepStrictEqual([sslQuorum, portUnification, sslQuorumReloadCertFiles], [false, false, false])
})

describe('what is read', () => {
  const CASES: readonly (readonly [string, (of: EnsembleOptions) => unknown, unknown])[] = [
    ['ssl.quorum.protocol=TLSv1.2', (of) => quorumTlsOf(of).versions, ['TLSv1.2']],
    ['ssl.quorum.enabledProtocols=TLSv1.3', (of) => quorumTlsOf(of).versions, ['TLSv1.3']],
    [
      'ssl.quorum.ciphersuites=TLS_AES_128_GCM_SHA256',
      (of) => quorumTlsOf(of).ciphers,
      ['TLS_AES_128_GCM_SHA256'],
    ],
    ['ssl.quorum.keyStore.type=pkcs12', (of) => quorumTlsOf(of).keyStore.type, 'PKCS12'],
    ['ssl.quorum.keyStore.password=p', (of) => quorumTlsOf(of).keyStore.password, 'p'],
    [
      'ssl.quorum.trustStore.passwordPath=/p',
      (of) => quorumTlsOf(of).trustStore.passwordPath,
      '/p',
    ],
    ['ssl.quorum.crl=true', (of) => quorumTlsOf(of).crl, true],
    [
      'ringkeeper.ssl.quorum.crlLocations=/a, /b',
      (of) => quorumTlsOf(of).crlLocations,
      ['/a', '/b'],
    ],
    [
      'ssl.quorum.clientHostnameVerification=false',
      (of) => quorumTlsOf(of).clientHostnameVerification,
      false,
    ],
    ['sslQuorumReloadCertFiles=true', (of) => of.sslQuorumReloadCertFiles, true],
    [
      'ssl.quorum.handshakeDetectionTimeoutMillis=7',
      (of) => of.sslQuorumHandshakeDetectionTimeoutMillis,
      7,
    ],
  ]
  for (const [text, of, expected] of CASES) {
    test(text, () => deepStrictEqual(of(ensembleOf(`${LEAST}${text}\n`)), expected))
  }
})

describe('what stops the start', () => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ['ssl.quorum.keyStore.location=', /needs ssl\.quorum\.keyStore\.location/],
    ['ssl.quorum.trustStore.location=', /needs ssl\.quorum\.trustStore\.location: .* be trusted/],
    ['ssl.quorum.keyStore.location=/k.bcfks', /the name must end in \.jks, \.p12 or \.pem/],
    [
      'ssl.quorum.ocsp=true',
      /ssl\.quorum\.ocsp=true: not supported.*Set ssl\.quorum\.crl=true instead.*quorum\.crlLocations/,
    ],
    ['ssl.quorum.context.supplier.class=a.B', /a\.B: Java classes cannot be loaded/],
    [
      'ssl.quorum.enabledProtocols=TLSv1.3\nssl.quorum.ciphersuites=TLS_RSA_WITH_AES_128_CBC_SHA',
      /none of the cipher suites is for TLSv1\.3/,
    ],
    ['sslQuorum=maybe', /sslQuorum=maybe: must be true or false/],
  ]
  for (const [text, expected] of CASES) {
    test(text, () => match(refusal(`${LEAST}${text}\n`), expected))
  }

  test('the stores are missing where both kinds are taken, too', () => {
    match(refusal(`${MEMBER}portUnification=true\n`), /needs ssl\.quorum\.keyStore\.location/)
  })
})

describe('what is warned of', () => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ['portUnification=true', /^warn .*portUnification=true: whoever reaches the ports/],
    ['ssl.quorum.clientAuth=none', /^warn .*clientAuth=none: whoever reaches the ports/],
    ['ssl.quorum.hostnameVerification=false', /^warn .* can pass for any server$/],
  ]
  for (const [text, expected] of CASES) {
    test(text, () => match(remarksOf(`${LEAST}${text}\n`).join(), expected))
  }

  test('settings without the switch are said to do nothing', () => {
    match(
      remarksOf(`${MEMBER}${STORES}ssl.quorum.ocsp=true\n`).join('\n'),
      /^info have no effect without TLS between servers: .*keyStore\.location, .*ssl\.quorum\.ocsp$/m,
    )
  })

  test('a server on its own has no other servers', () => {
    const text = `dataDir=/d\nclientPort=1\nsslQuorum=true\n${STORES}`
    match(remarksOf(text).join(), /only matter in an ensemble: .*sslQuorum/)
  })

  test('Java alone knows of its providers', () => {
    const remarks = remarksOf(`${LEAST}ssl.quorum.sslProvider=OPENSSL\n`)
    strictEqual(remarks.filter((text) => text.startsWith('warn')).length, 0)
  })
})

describe('HTTPS of the admin server', () => {
  const ALONE = 'dataDir=/d\nclientPort=2181\n'

  test('uses the stores of TLS between servers, on a server alone as well', () => {
    for (const text of [ALONE, MEMBER]) {
      for (const key of ['admin.forceHttps', 'admin.portUnification']) {
        const { options, remarks } = read(`${text}${key}=true\n${STORES}`)
        const { keyStore, trustStore } = options.adminTls ?? {}
        deepStrictEqual([keyStore?.location, trustStore?.location], ['/k.pem', '/t.pem'])
        deepStrictEqual(remarks, [])
      }
    }
    strictEqual(
      read(`${ALONE}admin.forceHttps=true\nadmin.enableServer=false`).options.adminTls,
      null,
    )
  })

  test('needs what it cannot do without', () => {
    match(refusal(`${ALONE}admin.forceHttps=true`), /needs ssl\.quorum\.keyStore\.location/)
    match(refusal(`${ALONE}admin.needClientAuth=true`), /needs admin\.forceHttps=true or/)
    const key =
      'admin.forceHttps=true\nadmin.needClientAuth=true\nssl.quorum.keyStore.location=/k.pem'
    match(refusal(ALONE + key), /needs ssl\.quorum\.trustStore\.location/)
  })

  test('warns of the door that it leaves open', () => {
    const both = `${ALONE}admin.portUnification=true\nadmin.needClientAuth=true\n${STORES}`
    match(
      read(both)
        .remarks.map(({ text }) => text)
        .join(),
      /comes by HTTP needs no certificate/,
    )
  })
})
