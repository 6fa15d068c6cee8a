// Certificates that are replaced while a server runs: by a rename, by a symbolic link as Kubernetes does it,
// in place; and new ones that are no good.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { DEFAULTS } from '../../../config/options.ts'
import { clientTlsOf } from '../../../config/settings/tls.ts'
import { CredentialWatch } from '../../../runtime/tls/credential-watch.ts'
import { nameOf } from '../../../runtime/tls/identity/certificate.ts'
import { OPENSSL_MISSING, TestCa } from '../../support/test-ca.ts'

describe('a watch', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let count = 0
  let folder: string
  /** Names of the certificates that came into use, and what was logged. */
  let used: string[]
  let said: string[]

  before(() => {
    ca = new TestCa()
  })
  after(() => ca.remove())
  beforeEach(() => {
    folder = join(ca.folder, `watched-${count++}`)
    mkdirSync(folder)
    used = []
    said = []
  })

  const watchOf = (file: string): CredentialWatch => {
    const log = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
      said.push(`${level} ${message} ${fields['problem'] ?? ''}`.trim())
    }
    return new CredentialWatch(
      clientTlsOf({ ...DEFAULTS, sslKeyStoreLocation: file, sslTrustStoreLocation: ca.root }),
      ({ own }) => used.push(own === null ? 'nobody' : nameOf(own)),
      { info: log('info'), warn: log('warn'), error: log('error') },
      () => 1e12,
    )
  }
  /** As often as a change may need. */
  const look = async (watch: CredentialWatch): Promise<void> => {
    for (let i = 0; i < 3; i++) await watch.look()
  }
  const put = (name: string, holder: string): string => {
    const file = join(folder, name)
    copyFileSync(ca.issue(holder).both, file)
    return file
  }

  test('says nothing as long as nothing changes', async () => {
    const watch = watchOf(put('k.pem', 'one'))
    await look(watch)
    deepStrictEqual([used, said], [[], []])
  })

  test('sees a rename', async () => {
    const file = put('k.pem', 'one')
    const watch = watchOf(file)
    await look(watch)
    renameSync(put('new.pem', 'two'), file)
    await look(watch)
    deepStrictEqual(used, ['CN=two'])
    // The times of these certificates are far from the watch's clock.
    match(said.join('\n'), /^info certificates read again/)
  })

  test('sees a symbolic link that points elsewhere', async () => {
    for (const version of ['1', '2']) mkdirSync(join(folder, version))
    put('1/k.pem', 'one')
    put('2/k.pem', 'two')
    symlinkSync('1', join(folder, '..data'))
    symlinkSync('..data/k.pem', join(folder, 'k.pem'))
    const watch = watchOf(join(folder, 'k.pem'))
    await look(watch)
    symlinkSync('2', join(folder, '..tmp'))
    renameSync(join(folder, '..tmp'), join(folder, '..data'))
    await look(watch)
    deepStrictEqual(used, ['CN=two'])
  })

  test('waits for the end of a file that is written in place', async () => {
    const file = put('k.pem', 'one')
    const watch = watchOf(file)
    await look(watch)
    const next = readFileSync(ca.issue('two').both)
    writeFileSync(file, next.subarray(0, 50))
    await watch.look()
    writeFileSync(file, next)
    await watch.look()
    deepStrictEqual([used, said], [[], []])
    await watch.look()
    deepStrictEqual(used, ['CN=two'])
  })

  test('says once that the new ones are no good, and takes the next that are', async () => {
    const file = put('k.pem', 'one')
    const watch = watchOf(file)
    await look(watch)
    writeFileSync(file, 'rubbish')
    await look(watch)
    await look(watch)
    strictEqual(said.length, 1)
    match(
      said[0] ?? '',
      /^error new certificates cannot be used; .* k?.*k\.pem holds neither a key/,
    )
    unlinkSync(file)
    await look(watch)
    match(said[1] ?? '', /k\.pem does not exist$/)
    deepStrictEqual(used, [])
    put('k.pem', 'three')
    await look(watch)
    deepStrictEqual(used, ['CN=three'])
  })
})
