// The same bytes said to Apache ZooKeeper 3.8.0 and to ours: what comes back must be the same, but
// for a list of differences that are on purpose (differential/differences.ts), which is printed.

import { ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { APACHE_MISSING, ApacheServer } from '../support/apache.ts'
import { OwnServer, type TestOptions } from '../support/own-server.ts'
import { DIFFERENCES } from './differential/differences.ts'
import { compare, type Uses } from './differential/differential.ts'
import {
  ACCESS_SCRIPTS,
  digestOf,
  ENSEMBLE_NAME_SCRIPTS,
  SUPER,
  SUPER_SCRIPTS,
} from './differential/scripts-access.ts'
import { MULTI_SCRIPTS } from './differential/scripts-multi.ts'
import { NODE_SCRIPTS } from './differential/scripts-nodes.ts'
import { RUBBISH_SCRIPTS } from './differential/scripts-rubbish.ts'
import { SESSION_SCRIPTS } from './differential/scripts-sessions.ts'
import { LIMIT_SCRIPTS, TYPE_SCRIPTS } from './differential/scripts-types.ts'
import { WATCH_SCRIPTS } from './differential/scripts-watches.ts'
import type { Script } from './differential/world.ts'

interface Setting {
  readonly name: string
  readonly properties: readonly string[]
  readonly options: TestOptions
  readonly scripts: Readonly<Record<string, Script>>
}

const CONFIGURATION = ['minSessionTimeout=4000', 'maxSessionTimeout=600000', 'maxClientCnxns=0']
const SESSIONS: TestOptions = { maxSessionTimeoutMs: 600_000, maxClientCnxns: 0 }

const SETTINGS: readonly Setting[] = [
  {
    name: 'as installed',
    properties: [],
    options: {},
    scripts: {
      ...NODE_SCRIPTS,
      ...MULTI_SCRIPTS,
      ...WATCH_SCRIPTS,
      ...ACCESS_SCRIPTS,
      ...RUBBISH_SCRIPTS,
      ...LIMIT_SCRIPTS,
      // Last: a session that expires takes a zxid when its time comes, not when a script expects it.
      ...SESSION_SCRIPTS,
    },
  },
  {
    name: 'with everything on',
    properties: [
      'zookeeper.extendedTypesEnabled=true',
      'zookeeper.enforceQuota=true',
      `zookeeper.DigestAuthenticationProvider.superDigest=${digestOf(SUPER)}`,
    ],
    options: { extendedTypes: true, enforceQuota: true, superDigest: digestOf(SUPER) },
    scripts: { ...TYPE_SCRIPTS, ...SUPER_SCRIPTS },
  },
  {
    name: 'of an ensemble with a name',
    properties: [
      'zookeeper.authProvider.1=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider',
      'zookeeper.ensembleAuthName=mine, also mine',
    ],
    options: { ensembleAuth: { names: new Set(['mine', 'also mine']) } },
    scripts: ENSEMBLE_NAME_SCRIPTS,
  },
]

const uses: Uses = new Map()

for (const { name, properties, options, scripts } of SETTINGS) {
  describe(`answers compared with Apache’s, ${name}`, { skip: APACHE_MISSING }, () => {
    let theirs: ApacheServer
    let ours: OwnServer

    before(async () => {
      const starting = ApacheServer.start({ properties, configuration: CONFIGURATION })
      ours = await OwnServer.start({ ...SESSIONS, ...options })
      theirs = await starting
    })
    after(async () => {
      await ours?.stop()
      await theirs?.stop()
    })

    for (const [script, run] of Object.entries(scripts)) {
      test(script, async (t) => {
        const count = await compare(script, run, theirs.port, ours.port, DIFFERENCES, uses)
        ok(count > 0)
        t.diagnostic(`${count} exchanges`)
      })
    }
  })
}

test('every difference is there, and known', { skip: APACHE_MISSING }, (t) => {
  for (const difference of DIFFERENCES) {
    t.diagnostic(`${uses.get(difference) ?? 0} x ${difference.why}`)
    strictEqual(uses.has(difference), true, `no longer there: ${difference.why}`)
  }
})
