// Quorum SASL with Kerberos in ensembles of both kinds, against MIT's key distribution centre: members have
// hosts, keys and principals of their own, and a client writes all the while.

import { match } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import { Kdc, KERBEROS_MISSING } from '../../support/kdc.ts'
import { removeFolder, temporaryFolder } from '../../support/own-server.ts'
import { until } from '../../support/until.ts'
import { type Kind, SERVING_MS_MAX } from './member.ts'
import { MixedEnsemble, type MixedOptions, withEnsemble } from './mixed-ensemble.ts'
import { livesOn, shutsOutTheThird } from './secured.ts'

const REQUIRED = [
  'quorum.auth.enableSasl=true',
  'quorum.auth.learnerRequireSasl=true',
  'quorum.auth.serverRequireSasl=true',
  'quorum.auth.kerberos.servicePrincipal=zkquorum/_HOST',
]
const HOST_IDS = [1, 2, 3]
const STRANGER = 'zkquorum/127.0.0.9'

/** By id; the third leads. */
const LAYOUTS: readonly (readonly [Kind, Kind, Kind])[] = [
  ['ours', 'ours', 'ours'],
  ['ours', 'ours', 'apache'],
  ['ours', 'apache', 'ours'],
  ['apache', 'apache', 'ours'],
]

const skip = KERBEROS_MISSING || APACHE_MISSING

describe('members with Kerberos', { skip }, () => {
  let kdc: Kdc
  let folder: string
  let krb5: string

  before(async () => {
    kdc = await Kdc.start()
    folder = temporaryFolder()
    for (const id of HOST_IDS) login(String(id), `zkquorum/127.0.0.${id}`)
    login('stranger', STRANGER)
    krb5 = `java.security.krb5.conf=${kdc.configuration}`
    // The property alone says where it is.
    delete process.env['KRB5_CONFIG']
  })
  after(() => {
    kdc?.stop()
    removeFolder(folder)
  })

  /** Makes a principal, its key, and a login configuration for both ends of a connection. */
  const login = (name: string, principal: string): void => {
    const keyTab = kdc.keyTab(name, principal)
    const module =
      'com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true ' +
      `useTicketCache=false keyTab="${keyTab}" principal="${principal}@${kdc.realm}";`
    const text = `QuorumServer { ${module} };\nQuorumLearner { ${module} };\n`
    writeFileSync(join(folder, `${name}.conf`), text)
  }

  const loginOf = (name: string): string =>
    `java.security.auth.login.config=${join(folder, `${name}.conf`)}`

  const options = (kinds: readonly Kind[]): MixedOptions => ({
    kinds,
    hosts: (id) => ({ peers: `127.0.0.${id}`, clients: '127.0.0.1' }),
    configuration: REQUIRED,
    properties: [krb5],
  })

  const withMembers = (
    kinds: readonly Kind[],
    use: (ensemble: MixedEnsemble) => Promise<void>,
  ): Promise<void> =>
    withEnsemble(options(kinds), (ensemble) => {
      for (const member of ensemble.members) member.redefine(loginOf(String(member.id)))
      return use(ensemble)
    })

  for (const kinds of LAYOUTS) {
    const [one, two, leader] = kinds
    test(`${leader} leads ${one} and ${two}`, () => withMembers(kinds, livesOn))
  }

  for (const kinds of [
    ['ours', 'ours', 'apache'],
    ['apache', 'ours', 'ours'],
  ] as const) {
    test(`a ticket of no member keeps ${kinds[2]} outside of ${kinds[0]} and ${kinds[1]}`, () =>
      withMembers(kinds, (ensemble) => {
        ensemble.member(3).redefine(loginOf('stranger'))
        const why = /zkquorum\/127\.0\.0\.9@.* names no host of a server.*peer-refused/
        return shutsOutTheThird(ensemble, why)
      }))
  }

  test('a key that is not there stops the start', async () => {
    const ensemble = await MixedEnsemble.prepare(options(['ours', 'ours', 'ours']))
    const member = ensemble.member(1)
    try {
      const path = join(folder, 'wrong.conf')
      const module =
        'com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true ' +
        `keyTab="${join(folder, 'no.keytab')}" principal="${STRANGER}@${kdc.realm}";`
      writeFileSync(path, `QuorumServer { ${module} };\nQuorumLearner { ${module} };\n`)
      member.redefine(`java.security.auth.login.config=${path}`)
      member.start()
      await until('it ends', SERVING_MS_MAX, () => !member.isRunning)
      match(
        member.log,
        /members cannot authenticate with SASL: no key for .*9@.* in .*no\.keytab: Kerb/,
      )
    } finally {
      await member.kill()
    }
  })
})
