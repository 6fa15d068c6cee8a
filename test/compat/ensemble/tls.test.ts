// TLS between servers of both kinds: every layout of three, strangers, and the rolling upgrade, with a
// client that writes all the while.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import { OPENSSL_MISSING, TestCa } from '../../support/test-ca.ts'
import type { Kind } from './member.ts'
import { withEnsemble } from './mixed-ensemble.ts'
import { livesOn, shutsOutTheThird, takesSteps } from './secured.ts'

const skip = APACHE_MISSING || OPENSSL_MISSING

/** By id; the third leads. */
const LAYOUTS: readonly (readonly [Kind, Kind, Kind])[] = [
  ['ours', 'ours', 'apache'],
  ['ours', 'apache', 'ours'],
  ['ours', 'apache', 'apache'],
  ['apache', 'apache', 'ours'],
]

let ca: TestCa
let others: TestCa
let stores: string[]
let strangers: string[]

before(() => {
  if (skip !== false) return
  ca = new TestCa()
  const { both } = ca.issue('member', { names: 'IP:127.0.0.1,DNS:localhost' })
  const trust = `ssl.quorum.trustStore.location=${ca.root}`
  stores = [`ssl.quorum.keyStore.location=${both}`, trust]
  others = new TestCa('Other CA')
  const stranger = others.issue('stranger', { names: 'IP:127.0.0.1,DNS:localhost' })
  const path = `ssl.quorum.keyStore.location=${others.pkcs12(stranger, 'password')}`
  strangers = [path, 'ssl.quorum.keyStore.password=password', trust]
})
after(() => {
  ca?.remove()
  others?.remove()
})

for (const kinds of LAYOUTS) {
  test(`${kinds[2]} leads ${kinds[0]} and ${kinds[1]}, over TLS alone`, { skip }, () =>
    withEnsemble({ kinds, configuration: ['sslQuorum=true', ...stores] }, livesOn),
  )
}

test('SASL within TLS', { skip }, () => {
  const jaas = join(ca.folder, 'jaas.conf')
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
  writeFileSync(
    jaas,
    `QuorumServer { ${module} user_member="members"; };\n` +
      `QuorumLearner { ${module} username="member" password="members"; };\n`,
  )
  const sasl = ['enableSasl', 'learnerRequireSasl', 'serverRequireSasl']
  const required = sasl.map((name) => `quorum.auth.${name}=true`)
  return withEnsemble(
    {
      kinds: ['apache', 'ours', 'ours'],
      configuration: ['sslQuorum=true', ...stores, ...required],
      properties: [`java.security.auth.login.config=${jaas}`],
    },
    livesOn,
  )
})

describe('a server whom somebody else has signed', { skip }, () => {
  for (const kinds of [
    ['ours', 'ours', 'apache'],
    ['apache', 'ours', 'ours'],
  ] as const) {
    test(`${kinds[2]} stays outside of ${kinds[0]} and ${kinds[1]}`, () =>
      withEnsemble({ kinds, configuration: ['sslQuorum=true'] }, async (ensemble) => {
        for (const member of ensemble.members) {
          member.configure(...(member.id === 3 ? strangers : stores))
        }
        // Java shows none whose issuer is not among those that are asked for.
        const why = /"(is signed by nobody|has shown no certificate).*"peer-(refused|tls-failed)"/
        await shutsOutTheThird(ensemble, why)
      }))
  }
})

test('from plain to TLS and back, under load', { skip }, () => {
  const steps = [
    'portUnification=true',
    'sslQuorum=true',
    'portUnification=false',
    'portUnification=true',
    'sslQuorum=false',
    'portUnification=false',
  ]
  return withEnsemble({ kinds: ['ours', 'apache', 'ours'], configuration: stores }, (ensemble) =>
    takesSteps(
      ensemble,
      steps.map((step) => [step]),
    ),
  )
})
