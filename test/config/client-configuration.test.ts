// What the shell is told by CLIENT_JVMFLAGS, JVMFLAGS and the file of -client-configuration.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { clientConfiguration } from '../../config/client-configuration.ts'

test('without zookeeper.client.secure there is no TLS, and nothing to say', () => {
  const flags = '-Xmx9m -Dzookeeper.client.secure=false -Dzookeeper.ssl.keyStore.location=/k'
  deepStrictEqual(clientConfiguration({ CLIENT_JVMFLAGS: flags }, null), {
    tls: null,
    sasl: null,
    problems: [],
    remarks: [],
  })
})

test('of flags and file the last counts', () => {
  const env = {
    CLIENT_JVMFLAGS:
      '-Dzookeeper.client.secure=true -Dzookeeper.ssl.keyStore.location=/1.pem ' +
      '-Dzookeeper.ssl.trustStore.location=/1.jks -Dzookeeper.ssl.trustStore.password=sesame',
    JVMFLAGS: '-Dzookeeper.ssl.keyStore.location=/2.pem -Djava.security.auth.login.config=/servers',
  }
  const text =
    'zookeeper.ssl.trustStore.location=/3.p12\nzookeeper.ssl.hostnameVerification=false\n'
  const { tls, problems, remarks } = clientConfiguration(env, { path: 'c', text })
  deepStrictEqual([problems, remarks], [[], []])
  strictEqual(tls?.keyStore.location, '/2.pem')
  deepStrictEqual([tls.trustStore.location, tls.trustStore.password], ['/3.p12', 'sesame'])
  strictEqual(tls.hostnameVerification, false)
})

test('what cannot be is a problem, and no password is shown (CVE-2026-24308)', () => {
  const text =
    'zookeeper.client.secure=true\nzookeeper.ssl.keyStore.location=/k\n' +
    'zookeeper.ssl.ciphersuites=X\nzookeeper.ssl.ocsp=true\nzookeeper.sasl.client=true\n' +
    'zookeeper.ssl.keyStore.password=sesame\n'
  const { problems, remarks } = clientConfiguration({}, { path: 'c', text })
  match(problems.join('\n'), /^c:3: zookeeper\.ssl\.ciphersuites=X: must be names out of TLS_/)
  match(problems.join('\n'), /ssl\.ocsp=true: not supported/)
  match(problems.join('\n'), /ssl\.keyStore\.location=\/k: the name must end in/)
  strictEqual(remarks.join().includes('sasl'), false)
  strictEqual([...problems, ...remarks].join('').includes('sesame'), false)
})

test('the login configuration says who the client is', () => {
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
  const jaas =
    `Client { ${module} username="bob" password="sesame"; };\n` +
    `Other { ${module} username="eve" password="x"; };\n` +
    'Typed { com.sun.security.auth.module.Krb5LoginModule required; };\n' +
    'Tickets { com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true; };'
  const read = (flags: string, text = jaas): ReturnType<typeof clientConfiguration> => {
    const login = `-Djava.security.auth.login.config=/c.conf ${flags}`
    return clientConfiguration({ CLIENT_JVMFLAGS: login }, null, (path) => {
      if (path !== '/c.conf') throw new Error(`no file ${path}`)
      return text
    })
  }
  deepStrictEqual(read('').sasl, { user: 'bob', password: 'sesame' })
  deepStrictEqual(read('-Dzookeeper.sasl.clientconfig=Other').sasl, { user: 'eve', password: 'x' })
  deepStrictEqual(read('-Dzookeeper.sasl.client=false').sasl, null)
  // A server's file, which JVMFLAGS names to both.
  deepStrictEqual(read('', `Server { ${module} user_bob="x"; };`), {
    tls: null,
    sasl: null,
    problems: [],
    remarks: [],
  })
  const typed = read('-Dzookeeper.sasl.clientconfig=Typed').problems.join()
  match(typed, /section Typed needs useKeyTab=true or useTicketCache=true/)
  const { sasl } = read('-Dzookeeper.sasl.clientconfig=Tickets -Dzookeeper.server.realm=R')
  ok(sasl !== null && 'login' in sasl)
  deepStrictEqual(sasl.login, { principal: null, keyTab: null, ticketCache: '' })
  strictEqual(sasl.serviceAt('host'), 'zookeeper/host@R')
  match(read('', 'Client {').problems.join(), /^\/c\.conf:1: a login module/)
  const missing = read('-Djava.security.auth.login.config=/x').problems.join()
  match(missing, /login\.config: no file \/x/)
})
