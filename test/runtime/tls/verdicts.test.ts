// Whose certificate it is: what it has to name, and who has no say in that.

import { strictEqual } from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { reverse } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { names } from '../../../runtime/tls/verdicts.ts'
import { OPENSSL_MISSING, TestCa } from '../../support/test-ca.ts'

const ADDRESS = '127.0.0.1'
/** What this machine makes of the address: `localhost`, as a rule. */
const [resolved] = await reverse(ADDRESS).catch(() => [])

describe('a certificate', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  before(() => {
    ca = new TestCa()
  })
  after(() => ca?.remove())

  const certificate = (wanted: string): X509Certificate =>
    new X509Certificate(readFileSync(ca.issue('holder', { names: wanted }).certificate))

  test('names an address, or one of the hosts it is known by', async () => {
    strictEqual(await names(certificate(`IP:${ADDRESS}`), ADDRESS, [], false), true)
    strictEqual(await names(certificate('DNS:zk1'), ADDRESS, ['zk2', 'zk1'], false), true)
    strictEqual(await names(certificate('DNS:zk1'), ADDRESS, ['zk2'], false), false)
    strictEqual(await names(certificate('IP:127.0.0.2'), ADDRESS, [], false), false)
  })

  const skip = resolved === undefined && `nothing resolves ${ADDRESS} to a name`
  test('names no address by reverse DNS (CVE-2026-24281)', { skip }, async () => {
    const named = certificate(`DNS:${resolved}`)
    strictEqual(await names(named, ADDRESS, [], false), false)
    // Only where the setting says so.
    strictEqual(await names(named, ADDRESS, [], true), true)
    strictEqual(await names(certificate('DNS:elsewhere'), ADDRESS, [], true), false)
  })

  test('of an address that nothing resolves is not named', async () => {
    strictEqual(await names(certificate('DNS:zk1'), 'no address', [], true), false)
  })
})
