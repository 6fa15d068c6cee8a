// Where there is no MD5: what is off, and what must not start.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DEFAULTS } from '../../../config/options.ts'
import { withoutMd5 } from '../../../runtime/process/fips.ts'

const PROBLEM = 'unsupported'

describe('without MD5', () => {
  test('nothing is different where nothing needs it', () => {
    const { options, remarks, refusal } = withoutMd5(DEFAULTS, PROBLEM)
    deepStrictEqual([options, remarks, refusal], [DEFAULTS, [], null])
  })

  test('SASL and an MD5 digest are off, and it is said', () => {
    const wanted = { ...DEFAULTS, saslLogin: new Map([['bob', 'secret']]), digestAlg: 'md5' }
    const { options, remarks, refusal } = withoutMd5(wanted, PROBLEM)
    deepStrictEqual([options.saslLogin, options.digestAuthEnabled, refusal], [null, false, null])
    match(remarks.join('\n'), /DIGEST-MD5 is off.*unsupported.*\n.*digestAlg is MD5/)
    strictEqual(withoutMd5(wanted, null).options, wanted)
  })

  test('members that must authenticate do not start', () => {
    const quorumAuth = {
      server: { users: new Map() },
      learner: { user: 'a', password: 'b' },
      learnerRequires: false,
      serverRequires: false,
    }
    match(
      withoutMd5({ ...DEFAULTS, quorumAuth }, PROBLEM).refusal ?? '',
      /enableSasl=true.*DIGEST-MD5/,
    )
    const kerberos = { principal: 'a/b', keyTab: '/k', ticketCache: null }
    const byTickets = {
      ...quorumAuth,
      server: { kerberos },
      learner: { kerberos, servicePrincipal: 'a/_HOST' },
    }
    strictEqual(withoutMd5({ ...DEFAULTS, quorumAuth: byTickets }, PROBLEM).refusal, null)
  })
})
