// Quorum SASL in ensembles of both kinds: every layout of three, strangers, and the rolling upgrade, with
// a client that writes all the while.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import { removeFolder, temporaryFolder } from '../../support/own-server.ts'
import type { Kind } from './member.ts'
import { withEnsemble } from './mixed-ensemble.ts'
import { livesOn, shutsOutTheThird, takesSteps } from './secured.ts'

const ENABLED = ['quorum.auth.enableSasl=true']
const LEARNERS = 'quorum.auth.learnerRequireSasl=true'
const SERVERS = 'quorum.auth.serverRequireSasl=true'
const REQUIRED = [...ENABLED, LEARNERS, SERVERS]

/** By id; the third leads. */
const LAYOUTS: readonly (readonly [Kind, Kind, Kind])[] = [
  ['ours', 'ours', 'ours'],
  ['ours', 'ours', 'apache'],
  ['ours', 'apache', 'ours'],
  ['ours', 'apache', 'apache'],
  ['apache', 'apache', 'ours'],
]

let folder: string
before(() => {
  folder = temporaryFolder()
})
after(() => removeFolder(folder))

/** The property that names such a login configuration. */
function login(name: string, password: string): string {
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
  const path = join(folder, name)
  writeFileSync(
    path,
    `QuorumServer { ${module} user_member="members"; };\n` +
      `QuorumLearner { ${module} username="member" password="${password}"; };\n`,
  )
  return `java.security.auth.login.config=${path}`
}

for (const kinds of LAYOUTS) {
  const [one, two, leader] = kinds
  test(`${leader} leads ${one} and ${two}, with SASL alone`, { skip: APACHE_MISSING }, () => {
    const properties = [login('right.conf', 'members')]
    return withEnsemble({ kinds, configuration: REQUIRED, properties }, livesOn)
  })
}

describe('a server with a wrong password', { skip: APACHE_MISSING }, () => {
  for (const kinds of [
    ['ours', 'ours', 'apache'],
    ['apache', 'ours', 'ours'],
  ] as const) {
    test(`${kinds[2]} stays outside of ${kinds[0]} and ${kinds[1]}`, () => {
      const properties = [login('right.conf', 'members')]
      return withEnsemble({ kinds, configuration: REQUIRED, properties }, (ensemble) => {
        ensemble.member(3).redefine(login('wrong.conf', 'guessed'))
        return shutsOutTheThird(ensemble, /wrong user or password: ..member.*peer-refused/)
      })
    })
  }
})

test('a rolling upgrade, and back, under load', { skip: APACHE_MISSING }, () => {
  const kinds: readonly Kind[] = ['ours', 'apache', 'ours']
  const properties = [login('right.conf', 'members')]
  const back = [
    ['quorum.auth.serverRequireSasl=false'],
    ['quorum.auth.learnerRequireSasl=false'],
    ['quorum.auth.enableSasl=false'],
  ]
  return withEnsemble({ kinds, properties }, (ensemble) =>
    takesSteps(ensemble, [ENABLED, [LEARNERS], [SERVERS], ...back]),
  )
})
