// Quorum SASL in ensembles of both kinds: every layout of three, strangers, and the rolling upgrade, with
// a client that writes all the while.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import { removeFolder, temporaryFolder } from '../../support/own-server.ts'
import { until } from '../../support/until.ts'
import { Writer } from './acknowledged.ts'
import { type Kind, SERVING_MS_MAX } from './member.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'

const WRITES = 100
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
  test(`${leader} leads ${one} and ${two}, with SASL alone`, { skip: APACHE_MISSING }, async () => {
    const properties = [login('right.conf', 'members')]
    const ensemble = await MixedEnsemble.prepare({ kinds, configuration: REQUIRED, properties })
    try {
      await ensemble.start(3)
      const modes = await Promise.all(ensemble.members.map((member) => member.mode()))
      deepStrictEqual(modes, ['follower', 'follower', 'leader'])
      const client = ensemble.client()
      const writer = new Writer('/w', client)
      await writer.start()
      await writer.goesOn(WRITES)
      await ensemble.member(3).kill()
      await ensemble.leader()
      await writer.goesOn(WRITES)
      ensemble.member(3).start()
      await ensemble.member(3).serves('follower')
      await writer.stop()
      writer.check(await ensemble.agrees())
      await client.close()
    } finally {
      await ensemble.stop()
    }
  })
}

describe('a server with a wrong password', { skip: APACHE_MISSING }, () => {
  for (const kinds of [
    ['ours', 'ours', 'apache'],
    ['apache', 'ours', 'ours'],
  ] as const) {
    test(`${kinds[2]} stays outside of ${kinds[0]} and ${kinds[1]}`, async () => {
      const properties = [login('right.conf', 'members')]
      const ensemble = await MixedEnsemble.prepare({ kinds, configuration: REQUIRED, properties })
      try {
        ensemble.member(3).redefine(login('wrong.conf', 'guessed'))
        for (const member of ensemble.members) member.start()
        await ensemble.member(2).serves('leader')
        await ensemble.member(1).serves('follower')
        const isRefused = (): boolean =>
          ensemble.members.some(({ log }) =>
            /wrong user or password: ..member.*peer-refused/.test(log),
          )
        await until('ours says so', SERVING_MS_MAX, isRefused)
        strictEqual(await ensemble.member(3).mode(), null)
      } finally {
        await ensemble.stop()
      }
    })
  }
})

test('a rolling upgrade, and back, under load', { skip: APACHE_MISSING }, async () => {
  const kinds: readonly Kind[] = ['ours', 'apache', 'ours']
  const properties = [login('right.conf', 'members')]
  const ensemble = await MixedEnsemble.prepare({ kinds, properties })
  try {
    await ensemble.start(3)
    const client = ensemble.client()
    const writer = new Writer('/w', client)
    await writer.start()
    const back = [
      ['quorum.auth.serverRequireSasl=false'],
      ['quorum.auth.learnerRequireSasl=false'],
      ['quorum.auth.enableSasl=false'],
    ]
    for (const step of [ENABLED, [LEARNERS], [SERVERS], ...back]) {
      for (const member of ensemble.members) {
        await member.stop()
        member.configure(...step)
        await ensemble.leader()
        member.start()
        await member.serves()
        await writer.goesOn(10)
      }
    }
    await writer.stop()
    writer.check(await ensemble.agrees())
    match(ensemble.member(3).log, /serving clients/)
    await client.close()
  } finally {
    await ensemble.stop()
  }
})
