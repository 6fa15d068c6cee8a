// What the shell is told by CLIENT_JVMFLAGS, JVMFLAGS and the file of -client-configuration.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { clientConfiguration } from '../../config/client-configuration.ts'

test('without zookeeper.client.secure there is no TLS, and nothing to say', () => {
  const flags = '-Xmx9m -Dzookeeper.client.secure=false -Dzookeeper.ssl.keyStore.location=/k'
  deepStrictEqual(clientConfiguration({ CLIENT_JVMFLAGS: flags }, null), {
    tls: null,
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

test('what cannot be is a problem, and no password is shown', () => {
  const text =
    'zookeeper.client.secure=true\nzookeeper.ssl.keyStore.location=/k\n' +
    'zookeeper.ssl.ciphersuites=X\nzookeeper.ssl.ocsp=true\nzookeeper.sasl.client=true\n' +
    'zookeeper.ssl.keyStore.password=sesame\n'
  const { problems, remarks } = clientConfiguration({}, { path: 'c', text })
  match(problems.join('\n'), /^c:3: zookeeper\.ssl\.ciphersuites=X: must be names out of TLS_/)
  match(problems.join('\n'), /ssl\.ocsp=true: not supported/)
  match(problems.join('\n'), /ssl\.keyStore\.location=\/k: the name must end in/)
  match(remarks.join('\n'), /^c:5: zookeeper\.sasl\.client=true has no effect: no SASL here yet/)
  strictEqual([...problems, ...remarks].join('').includes('sesame'), false)
})
