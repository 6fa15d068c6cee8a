// Who a client is by its certificate, and that no bytes do more than to be refused.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { isDistinguishedName } from '../../../protocol/distinguished-name.ts'
import { DerError } from '../../../runtime/tls/der.ts'
import { alternativeNames, subjectOf } from '../../../runtime/tls/identity/certificate.ts'
import { type IdentityOptions, identityOf } from '../../../runtime/tls/identity/client-identity.ts'
import { distinguishedName } from '../../../runtime/tls/identity/distinguished-name.ts'
import { OPENSSL_MISSING, TestCa } from '../../support/test-ca.ts'

const NONE: IdentityOptions = {
  x509SuperUser: null,
  clientCertIdType: null,
  clientCertIdSanMatchType: null,
  clientCertIdSanMatchRegex: null,
  clientCertIdSanExtractRegex: null,
  clientCertIdSanExtractMatcherGroupIndex: 0,
}
const SAN: IdentityOptions = {
  ...NONE,
  clientCertIdType: 'SAN',
  clientCertIdSanMatchType: 6,
  clientCertIdSanMatchRegex: '^spiffe:',
  clientCertIdSanExtractRegex: '/sa/(.*)$',
  clientCertIdSanExtractMatcherGroupIndex: 1,
}

describe('a certificate', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  before(() => {
    ca = new TestCa()
  })
  after(() => ca.remove())

  const issue = (subject: string, names?: string): X509Certificate => {
    const { certificate } = ca.issue('x', { subject, ...(names !== undefined && { names }) })
    return new X509Certificate(readFileSync(certificate))
  }

  const SUBJECTS: readonly (readonly [string, string])[] = [
    ['/CN=alice', 'CN=alice'],
    ['/C=DE/O=Example/CN=alice', 'CN=alice,O=Example,C=DE'],
    ['/O=a+OU=b/CN=c', 'CN=c,O=a+OU=b'],
    ['/CN=a\\, b\\+c"d\\\\e<f>g;h=i', 'CN=a\\, b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i'],
    ['/CN= x ', 'CN=\\ x\\ '],
    ['/CN=a/emailAddress=a@b.c', '1.2.840.113549.1.9.1=#16056140622e63,CN=a'],
    ['/CN=Jürgen', 'CN=Jürgen'],
  ]
  for (const [subject, expected] of SUBJECTS) {
    test(`of ${subject}`, () => strictEqual(subjectOf(issue(subject)), expected))
  }

  const IDENTITIES: readonly (readonly [string, string, IdentityOptions, string, boolean])[] = [
    ['its subject', 'URI:spiffe://a/sa/bob', NONE, 'CN=x', false],
    ['a part of the one name that matches', 'URI:spiffe://a/sa/bob,DNS:b', SAN, 'bob', false],
    ['its subject, if two match', 'URI:spiffe://a/sa/b,URI:spiffe://a/sa/c', SAN, 'CN=x', true],
    ['its subject, if none matches', 'DNS:spiffe', SAN, 'CN=x', true],
    ['its subject, if nothing is to be taken out', 'URI:spiffe://a/b', SAN, 'CN=x', true],
  ]
  for (const [name, names, options, expected, isSaid] of IDENTITIES) {
    test(`its holder is ${name}`, () => {
      const { ids, remark } = identityOf(issue('/CN=x', names), options)
      deepStrictEqual(ids, [{ scheme: 'x509', id: expected }])
      strictEqual(remark !== null, isSaid)
    })
  }

  test('its holder may be the superuser', () => {
    const { ids } = identityOf(issue('/O=a/CN=root'), { ...NONE, x509SuperUser: 'CN=root,O=a' })
    deepStrictEqual(ids, [
      { scheme: 'super', id: 'CN=root,O=a' },
      { scheme: 'x509', id: 'CN=root,O=a' },
    ])
  })

  test('that is damaged is refused at most', () => {
    const { raw } = issue('/O=a+OU=b/CN=c', 'DNS:a,IP:10.0.0.1,URI:x')
    fc.assert(
      fc.property(fc.nat(raw.length - 1), fc.nat(255), fc.nat(raw.length), (at, byte, length) => {
        const changed = Buffer.from(raw)
        changed[at] = byte
        const certificate = { raw: changed.subarray(0, length) } as X509Certificate
        for (const read of [subjectOf, alternativeNames]) {
          try {
            read(certificate)
          } catch (error) {
            ok(error instanceof DerError, String(error))
          }
        }
      }),
      { numRuns: 3000 },
    )
  })
})

test('a name without an end is none', () => {
  for (const hex of [
    '',
    '30',
    '3005',
    '30800000',
    '3001',
    '310100',
    '300731053003060155',
    '3f00',
  ]) {
    throws(() => distinguishedName(Buffer.from(hex, 'hex')), DerError, hex)
  }
})

test('which texts access lists may have as names', () => {
  const good = [
    'CN=a',
    'cn=a, O=b',
    'CN="a,b",C=DE',
    'CN=a\\,b;OU=x',
    '1.2.3=#04',
    'OID.1.2=x',
    'O=a+OU=b',
  ]
  const bad = ['', 'a', 'CN', 'X=a', 'CN=a,', 'CN=a,b', ',CN=a', 'CN="a",x']
  deepStrictEqual(
    good.filter((text) => !isDistinguishedName(text)),
    [],
  )
  deepStrictEqual(
    bad.filter((text) => isDistinguishedName(text)),
    [],
  )
})
