// From principals to identities: ZooKeeper's rules and properties.

import { strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  identities,
  type PrincipalRules,
  RulesError,
} from '../../../protocol/sasl/kerberos-name.ts'

const HERE = 'HERE.ORG'
const LOCAL: PrincipalRules = { authToLocal: 'DEFAULT', removeHost: false, removeRealm: false }

const identity = (principal: string, rules: Partial<PrincipalRules> = {}): string =>
  identities({ ...LOCAL, ...rules })(principal, HERE)

describe('a principal becomes an identity', () => {
  test('of its name, host and realm', () => {
    strictEqual(identity('bob@HERE.ORG'), 'bob@HERE.ORG')
    strictEqual(identity('bob/desk@HERE.ORG'), 'bob/desk@HERE.ORG')
  })

  test('without its host, its realm, or both', () => {
    strictEqual(identity('bob/desk@HERE.ORG', { removeHost: true }), 'bob@HERE.ORG')
    strictEqual(identity('bob/desk@HERE.ORG', { removeRealm: true }), 'bob/desk')
    const both = { removeHost: true, removeRealm: true }
    strictEqual(identity('bob/desk@HERE.ORG', both), 'bob')
  })

  test('which nobody of another realm gets, as long as no rule says so', () => {
    const both = { removeHost: true, removeRealm: true }
    strictEqual(identity('bob@THERE.ORG', both), 'bob@THERE.ORG')
    const authToLocal = 'RULE:[1:$1@$0](.*@THERE\\.ORG)s/@.*// DEFAULT'
    strictEqual(identity('bob@THERE.ORG', { ...both, authToLocal }), 'bob')
    strictEqual(identity('bob@ELSEWHERE.ORG', { ...both, authToLocal }), 'bob@ELSEWHERE.ORG')
    strictEqual(identity('bob@XTHERE.ORG.X', { ...both, authToLocal }), 'bob@XTHERE.ORG.X')
  })

  test('by the first rule for so many parts that matches', () => {
    const authToLocal =
      'RULE:[2:$1;$2](zk;.*)s/.*/keeper/ RULE:[2:$1] RULE:[1:$1](a+)s/a/b/g RULE:[1:$1]s/a/c/'
    const plain = { authToLocal, removeHost: true, removeRealm: true }
    strictEqual(identity('zk/host@X', plain), 'keeper')
    strictEqual(identity('bob/host@X', plain), 'bob')
    strictEqual(identity('aaa@X', plain), 'bbb')
    strictEqual(identity('aab@X', plain), 'cab')
  })

  test('but never of a rule that makes no simple name', () => {
    const authToLocal = 'RULE:[1:$1@$0]'
    strictEqual(identity('bob@X', { authToLocal, removeRealm: true }), 'bob@X')
  })

  test('that is what it is, if it is no principal', () => {
    strictEqual(identity('a/b/c@X', { removeHost: true }), 'a/b/c@X')
    strictEqual(identity('bob', { removeRealm: true }), 'bob')
  })

  test('by rules that are rules', () => {
    for (const authToLocal of ['RULE', 'RULE:[1:$1](', 'DEFAULT x', 'RULE:[1:$1](()', 'DEFAULT:']) {
      throws(() => identities({ ...LOCAL, authToLocal }), RulesError, authToLocal)
    }
  })
})
