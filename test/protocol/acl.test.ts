// Whom the scheme `ip` lets in: addresses of both kinds, whole and by their first bits.

import { strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ipMatches, isIpPattern } from '../../protocol/acl.ts'

describe('ip', () => {
  /** Pattern, an address that it means, and one that it does not. */
  const CASES: readonly (readonly [string, string, string])[] = [
    ['10.1.2.3', '10.1.2.3', '10.1.2.4'],
    ['10.1.2.3/32', '10.1.2.3', '10.1.2.2'],
    ['10.1.2.3/31', '10.1.2.2', '10.1.2.4'],
    ['10.0.0.0/8', '10.255.255.255', '11.0.0.0'],
    ['10.1.2.3/8', '10.9.9.9', '11.1.2.3'],
    ['192.168.128.0/17', '192.168.255.1', '192.168.127.255'],
    ['0.0.0.0/0', '255.255.255.255', '::1'],
    ['::1', '::1', '::2'],
    ['::1', '0:0:0:0:0:0:0:1', '0.0.0.1'],
    ['2001:DB8::/32', '2001:db8:ffff::1', '2001:db9::'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
    ['2001:db8:1:2:3:4:5:6/128', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:7'],
    ['fe80::1', 'fe80::1%eth0', 'fe80::2%eth0'],
    ['::ffff:10.0.0.1', '::ffff:a00:1', '10.0.0.1'],
    ['::/0', 'ffff::', '10.0.0.1'],
  ]
  for (const [pattern, inside, outside] of CASES) {
    test(`${pattern} is ${inside}, and not ${outside}`, () => {
      strictEqual(isIpPattern(pattern), true)
      strictEqual(ipMatches(inside, pattern), true)
      strictEqual(ipMatches(outside, pattern), false)
    })
  }

  for (const pattern of [
    '',
    '/',
    '/8',
    '10.0.0',
    '10.0.0.0.0',
    '10.0.0.256',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/ 8',
    '10.0.0.0/8/8',
    '10.0.0.0/0x8',
    '10.0.0.0/x',
    ':',
    ':::',
    '1::2::3',
    '::/129',
    '::12345',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'localhost',
  ]) {
    test(`${JSON.stringify(pattern)} is no pattern, and nobody's`, () => {
      strictEqual(isIpPattern(pattern), false)
      for (const address of ['10.0.0.0', '::', '0.0.0.0', '::1']) {
        strictEqual(ipMatches(address, pattern), false)
      }
    })
  }

  test('any text is a pattern or nobody’s', () => {
    const part = fc.constantFrom('10', '.', ':', '::', '/', '0', '8', 'ffff', '%', 'x', '-1', ' ')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const pattern = parts.join('')
        return isIpPattern(pattern) || !ipMatches('10.0.0.8', pattern)
      }),
    )
  })
})
