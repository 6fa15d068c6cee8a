// Names in certificates as Java writes them, compared with Java.

import { deepStrictEqual } from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { alternativeNames, subjectOf } from '../../../runtime/tls/identity/certificate.ts'
import { run, runs, skipUnless, successOf } from '../../support/foreign.ts'
import { OPENSSL_MISSING, TestCa } from '../../support/test-ca.ts'

const SOURCE = fileURLToPath(new URL('../../../../test/compat/tls/Subjects.java', import.meta.url))
const JAVA_MISSING = skipUnless(runs('javac', ['-version']), 'Java', 'default-jdk-headless')

/** As openssl takes them: a slash before each part. */
const SUBJECTS: readonly string[] = [
  '/CN=alice',
  '/C=DE/ST=BY/L=München/O=Example/OU=A/CN=alice',
  '/DC=org/DC=example/UID=u1/CN=x',
  '/O=a+OU=b/CN=c',
  '/CN=comma\\, plus\\+ quote" back\\\\slash <less> semi; equals=x #hash',
  '/CN=#first/O= blank before/OU=blank behind ',
  '/CN=alice/emailAddress=a@example.org/serialNumber=17/title=Dr',
  '/street=Main Street 1/CN=日本語 😀',
  '/CN=two  blanks   inside',
]
const NAMES =
  'DNS:a.example.org,DNS:*.example.org,email:a@example.org,URI:spiffe://example.org/ns/a,' +
  'IP:10.0.0.1,IP:2001:db8::1,RID:1.2.3.4'

test('subjects and alternative names', { skip: OPENSSL_MISSING || JAVA_MISSING }, async () => {
  const ca = new TestCa()
  try {
    const files = SUBJECTS.map((subject, i) => {
      return ca.issue(`s${i}`, { subject, ...(i === 0 && { names: NAMES }) }).certificate
    })
    const ours = files.flatMap((file) => {
      const certificate = new X509Certificate(readFileSync(file))
      const names = alternativeNames(certificate).map(({ type, text }) => `${type} ${text}`)
      return [subjectOf(certificate), ...names]
    })
    const args = ['-Xmx64m', '-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', SOURCE, ...files]
    const theirs = successOf('Java', await run('java', args, { timeoutMs: 120_000 }))
    deepStrictEqual(ours, theirs.trimEnd().split('\n'))
  } finally {
    ca.remove()
  }
})
