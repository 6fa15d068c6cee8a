// What a login configuration comes to, and who has to authenticate.

import { deepStrictEqual, doesNotMatch, match, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Configuration } from '../../config/configuration.ts'
import { configurationFrom } from '../../config/zoo-cfg.ts'

const PROVIDER = 'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n'
const MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
const JAAS = `
Server { ${MODULE} user_super="sesame" user_bob="b"; };
Other { ${MODULE} user_carol="c"; };
Tickets { com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true; };
Keys { com.sun.security.auth.module.Krb5LoginModule required
  useKeyTab=true storeKey=true keyTab="/k" principal="zk/host@R"; };`

function read(text: string, properties: Record<string, string> = {}, jaas = JAAS): Configuration {
  const sources = Object.entries({
    'java.security.auth.login.config': '/jaas.conf',
    ...properties,
  }).map(([name, value]) => ({ name, written: name, value, origin: 'JVMFLAGS' }))
  const file = { path: 'zoo.cfg', text: `dataDir=/d\nclientPort=1\n${text}` }
  return configurationFrom(file, sources, (path) => {
    if (path !== '/jaas.conf') throw new Error(`no file ${path}`)
    return jaas
  })
}

const warnings = ({ remarks }: Configuration): string[] =>
  remarks.filter(({ level }) => level === 'warn').map(({ text }) => text)

describe('logins', () => {
  test('are those of the section Server', () => {
    const { options, remarks } = read(PROVIDER)
    deepStrictEqual(
      [...(options.saslLogin ?? [])],
      [
        ['super', 'sesame'],
        ['bob', 'b'],
      ],
    )
    strictEqual(options.saslProvider, true)
    deepStrictEqual(remarks, [])
  })

  test('are those of the section that is named, in the file or by a property', () => {
    deepStrictEqual(
      [...(read('sasl.serverconfig=Other').options.saslLogin ?? [])],
      [['carol', 'c']],
    )
    const properties = { 'zookeeper.sasl.serverconfig': 'Other' }
    deepStrictEqual([...(read('', properties).options.saslLogin ?? [])], [['carol', 'c']])
  })

  test('of the user super may come from a property', () => {
    const key = 'zookeeper.SASLAuthenticationProvider.superPassword'
    strictEqual(read(PROVIDER, { [key]: 'x' }).options.saslLogin?.get('super'), 'x')
    const other = read('sasl.serverconfig=Other', { [key]: 'x' })
    strictEqual(other.options.saslLogin?.get('super'), undefined)
  })

  test('may be found by what Java takes for a file', () => {
    for (const written of [
      '=/jaas.conf',
      'file:/jaas.conf',
      'file:///jaas.conf',
      '=file:/jaas.conf',
    ]) {
      const { options } = read('', { 'java.security.auth.login.config': written })
      strictEqual(options.saslLogin?.size, 2, written)
    }
  })

  test('that cannot be read stop the start', () => {
    throws(
      () => read('', { 'java.security.auth.login.config': '/x' }),
      /login\.config: no file \/x/,
    )
    throws(
      () => read('', {}, `\n${JAAS.replace('"b"', '"b')}`),
      /^ConfigurationError: \/jaas\.conf:3: a quoted value/,
    )
  })

  test('that are missing are said, if something asks for them', () => {
    deepStrictEqual(warnings(read('', {}, '')), [])
    match(
      warnings(read(PROVIDER, {}, ''))[0] ?? '',
      /no client can authenticate with SASL.*section Server/,
    )
  })

  test('of Kerberos are a key and whose it is', () => {
    const { options } = read(
      'sasl.serverconfig=Keys\nkerberos.removeRealmFromPrincipal=true\nsecurity.auth_to_local=DEFAULT',
      { 'java.security.krb5.conf': '/krb5.conf' },
    )
    const { saslLogin, saslKerberos, kerberosRemoveRealmFromPrincipal, krb5Conf } = options
    deepStrictEqual(
      [saslLogin, kerberosRemoveRealmFromPrincipal, krb5Conf, saslKerberos],
      [null, true, '/krb5.conf', { principal: 'zk/host@R', keyTab: '/k', ticketCache: null }],
    )
    throws(() => read('sasl.serverconfig=Tickets'), /section Tickets needs useKeyTab=true/)
    throws(() => read('security.auth_to_local=RULE:x'), /must be rules such as RULE:/)
  })

  test('are shown to nobody', () => {
    const { remarks } = read(`${PROVIDER}snapCuont=1`)
    doesNotMatch(JSON.stringify(remarks), /sesame/)
  })
})

describe('superusers with SASL', () => {
  test('are all that are named', () => {
    const text = `${PROVIDER}superUser=a\nsuperUser.1=b\n`
    const { options } = read(text, { 'zookeeper.superUser.x': 'c' })
    deepStrictEqual([...options.saslSuperUsers].sort(), ['a', 'b', 'c'])
    deepStrictEqual(warnings(read(text)), [])
  })
  test('are not those of a name that merely begins so', () => {
    match(warnings(read('superUserz=a'))[0] ?? '', /superUserz has no effect/)
  })
})

describe('who has to authenticate', () => {
  const required = (text: string): string[] | null => {
    const { requiredSchemes } = read(text).options
    return requiredSchemes && [...requiredSchemes]
  }
  test('is nobody unless it is asked for', () => {
    strictEqual(required('enforce.auth.schemes=sasl'), null)
    strictEqual(required('enforce.auth.enabled=yes\nenforce.auth.schemes=nonsense'), null)
  })
  test('is everybody, by one of the schemes', () => {
    deepStrictEqual(
      required(`${PROVIDER}enforce.auth.enabled=true\nenforce.auth.schemes=digest, sasl`),
      ['digest', 'sasl'],
    )
    deepStrictEqual(required(`${PROVIDER}sessionRequireClientSASLAuth=true`), ['sasl'])
  })
  test('needs a scheme that is there', () => {
    const enforce = (schemes: string): string =>
      `enforce.auth.enabled=true\nenforce.auth.schemes=${schemes}`
    throws(() => read(enforce('')), /must name a scheme/)
    throws(() => read(enforce('sasl')), /the scheme sasl is not there: it needs authProvider\.1/)
    throws(() => read(enforce('x')), /the scheme x is not there; there are ip, digest/)
    throws(
      () => read(`${enforce('digest')}\nDigestAuthenticationProvider.enabled=false`),
      /the scheme digest is not there/,
    )
  })
  test('needs somebody who can', () => {
    const text = `${PROVIDER}sessionRequireClientSASLAuth=true`
    throws(() => read(text, {}, ''), /everybody has to authenticate with SASL, and nobody can/)
  })
})

describe('members', () => {
  const MEMBERS = `
QuorumServer { ${MODULE} user_a="1" user_b="2"; };
QuorumLearner { ${MODULE} username="a" password="1"; };
L2 { ${MODULE} username="b"; };
S2 { ${MODULE} required="x"; };`
  const ENSEMBLE =
    'initLimit=1\nsyncLimit=1\nserver.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n' +
    'quorum.auth.enableSasl=true\n'
  const member = (text: string, jaas = MEMBERS): Configuration['options'] => {
    const file = { path: 'zoo.cfg', text: `dataDir=/d\nclientPort=3\n${ENSEMBLE}${text}` }
    const name = 'java.security.auth.login.config'
    const source = { name, written: name, value: '/jaas.conf', origin: 'JVMFLAGS' }
    return configurationFrom(file, [source], (path) => (path === '/jaas.conf' ? jaas : '1')).options
  }

  test('authenticate as their sections say, as far as they have to', () => {
    const users = new Map([
      ['a', '1'],
      ['b', '2'],
    ])
    const learner = { user: 'a', password: '1' }
    const plain = { server: { users }, learner, learnerRequires: false, serverRequires: false }
    deepStrictEqual(member('').quorumAuth, plain)
    const all = 'quorum.auth.learnerRequireSasl=true\nquorum.auth.serverRequireSasl=true'
    deepStrictEqual(member(all).quorumAuth, {
      ...plain,
      learnerRequires: true,
      serverRequires: true,
    })
    strictEqual(read('quorum.auth.enableSasl=true').options.quorumAuth, null)
  })

  test('do not start without what they need', () => {
    throws(() => member('', ''), /section QuorumServer\n.*section QuorumLearner/)
    throws(
      () => member('quorum.auth.learner.saslLoginContext=L2'),
      /L2 needs a username and a pass/,
    )
    throws(() => member('quorum.auth.server.saslLoginContext=S2'), /section S2 needs a user_NAME/)
  })

  test('may do so with Kerberos, each end by its section', () => {
    const contexts =
      'quorum.auth.server.saslLoginContext=Keys\nquorum.auth.learner.saslLoginContext='
    const kerberos = { principal: 'zk/host@R', keyTab: '/k', ticketCache: null }
    const { quorumAuth } = member(
      `${contexts}Keys\nquorum.auth.kerberos.servicePrincipal=zk/_HOST`,
      MEMBERS + JAAS,
    )
    deepStrictEqual(quorumAuth?.server, { kerberos })
    deepStrictEqual(quorumAuth?.learner, { kerberos, servicePrincipal: 'zk/_HOST' })
    deepStrictEqual(member(`${contexts}QuorumLearner`, MEMBERS + JAAS).quorumAuth?.learner, {
      user: 'a',
      password: '1',
    })
    const tickets = { principal: null, keyTab: null, ticketCache: '' }
    deepStrictEqual(member(`${contexts}Tickets`, MEMBERS + JAAS).quorumAuth?.learner, {
      kerberos: tickets,
      servicePrincipal: 'zkquorum/localhost',
    })
    throws(
      () => member('quorum.auth.server.saslLoginContext=Tickets', MEMBERS + JAAS),
      /section Tickets needs useKeyTab=true/,
    )
    throws(
      () => member('quorum.auth.kerberos.servicePrincipal=zkquorum'),
      /servicePrincipal=zkquorum: must be a principal such as/,
    )
  })
})
