// Settings of TLS: what is read, what has to be there, what stops the start.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Configuration } from '../../config/configuration.ts'
import { clientTlsOf } from '../../config/settings/tls.ts'
import { openSslNames } from '../../config/tls/cipher-suites.ts'
import { configurationFrom } from '../../config/zoo-cfg.ts'

const LEAST = `dataDir=/d
secureClientPort=2281
ssl.keyStore.location=/k.pem
ssl.trustStore.location=/t.pem
`

function read(text: string): Configuration {
  return configurationFrom({ path: 'zoo.cfg', text }, [], () => '')
}

function refusal(text: string): string {
  try {
    read(text)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

test('a port for TLS is enough', () => {
  const { options, remarks } = read(LEAST)
  deepStrictEqual([options.clientPort, options.secureClientPort], [-1, 2281])
  deepStrictEqual(remarks, [])
  const tls = clientTlsOf(options)
  deepStrictEqual(tls.versions, ['TLSv1.2', 'TLSv1.3'])
  deepStrictEqual([tls.clientAuth, tls.ciphers, tls.crl], ['need', null, false])
})

describe('what is read', () => {
  const CASES: readonly (readonly [string, (of: Configuration) => unknown, unknown])[] = [
    ['ssl.protocol=TLSv1.2', ({ options }) => clientTlsOf(options).versions, ['TLSv1.2']],
    ['ssl.enabledProtocols=TLSv1.3', ({ options }) => clientTlsOf(options).versions, ['TLSv1.3']],
    [
      'ssl.enabledProtocols=TLSv1.2,TLSv1.1',
      ({ options, remarks }) => [clientTlsOf(options).versions, remarks[0]?.level],
      [['TLSv1.2'], 'warn'],
    ],
    [
      'ssl.ciphersuites=TLS_AES_128_GCM_SHA256, SSL_RSA_WITH_AES_128_CBC_SHA',
      ({ options }) => options.sslCiphersuites,
      ['TLS_AES_128_GCM_SHA256', 'AES128-SHA'],
    ],
    ['ssl.clientAuth=WANT', ({ options }) => options.sslClientAuth, 'want'],
    ['ssl.keyStore.type=pkcs12', ({ options }) => options.sslKeyStoreType, 'PKCS12'],
    ['ssl.keyStore.password=', ({ options }) => options.sslKeyStorePassword, null],
    [
      'ringkeeper.ssl.crlLocations=/a.pem, /b.crl',
      ({ options }) => options.sslCrlLocations,
      ['/a.pem', '/b.crl'],
    ],
    [
      'ssl.X509AuthenticationProvider.clientCertIdType=san',
      ({ options, remarks }) => [options.clientCertIdType, remarks.length],
      ['SAN', 1],
    ],
  ]
  for (const [text, of, expected] of CASES) {
    test(text, () => deepStrictEqual(of(read(`${LEAST}${text}\n`)), expected))
  }
})

describe('what stops the start', () => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ['ssl.keyStore.location=', /TLS for clients needs ssl\.keyStore\.location/],
    ['ssl.trustStore.location=', /ssl\.clientAuth=need needs ssl\.trustStore\.location/],
    ['ssl.keyStore.location=/k.bcfks', /the name must end in \.jks, \.p12 or \.pem/],
    ['ssl.trustStore.type=BCFKS', /must be JKS or PEM or PKCS12/],
    ['ssl.ciphersuites=TLS_NULL', /=TLS_NULL: must be names out of TLS_AES_256_GCM_SHA384, /],
    [
      'ssl.enabledProtocols=TLSv1.3\nssl.ciphersuites=TLS_RSA_WITH_AES_128_CBC_SHA',
      /none of the cipher suites is for TLSv1\.3/,
    ],
    ['ssl.enabledProtocols=SSLv3', /must be TLSv1\.2 or TLSv1\.3/],
    ['ssl.protocol=DTLS', /must be TLSv1\.2 or TLSv1\.3/],
    [
      'ssl.ocsp=true',
      /ssl\.ocsp=true: not supported, and without it.* Set ssl\.crl=true instead.*ssl\.crlLocations/,
    ],
    ['ssl.context.supplier.class=a.B', /a\.B: Java classes cannot be loaded/],
    ['ssl.authProvider=mine', /ssl\.authProvider=mine: must be x509/],
    ['ssl.clientAuth=maybe', /must be none or want or need/],
    [
      'ssl.X509AuthenticationProvider.clientCertIdType=SAN\n' +
        'ssl.X509AuthenticationProvider.clientCertIdSanMatchRegex=(',
      /\( is not a regular expression/,
    ],
  ]
  for (const [text, expected] of CASES)
    test(text, () => match(refusal(`${LEAST}${text}\n`), expected))
})

test('without TLS its settings are no problem, and said', () => {
  const { remarks } = read('dataDir=/d\nclientPort=1\nssl.keyStore.location=/k\nssl.ocsp=true\n')
  match(
    remarks[0]?.text ?? '',
    /have no effect without TLS .*: ssl\.keyStore\.location, ssl\.ocsp$/,
  )
})

test('a list of cipher suites may have the signal that is none', () => {
  deepStrictEqual(openSslNames('TLS_EMPTY_RENEGOTIATION_INFO_SCSV,TLS_AES_128_GCM_SHA256'), [
    'TLS_AES_128_GCM_SHA256',
  ])
  strictEqual(openSslNames('TLS_EMPTY_RENEGOTIATION_INFO_SCSV'), undefined)
  strictEqual(openSslNames(''), undefined)
})
