// What the entry point of Bitnami's image makes of its variables.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { ROOT, start, text } from './launch.ts'

const BITNAMI = join(ROOT, 'docker', 'bitnami', 'entrypoint.sh')

describe("the entry point for Bitnami's values", () => {
  const root = mkdtempSync(join(tmpdir(), 'ringkeeper-bitnami-'))
  after(() => rmSync(root, { recursive: true, force: true }))

  /** What it writes for these variables. */
  function written(env: Readonly<Record<string, string>>): {
    status: number | null
    err: string
    lines: readonly string[]
    conf: string
  } {
    const conf = mkdtempSync(join(root, 'bitnami-conf-'))
    const volume = mkdtempSync(join(root, 'bitnami-'))
    const bin = join(volume, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'run.sh'), '#!/bin/sh\nexit 0\n')
    chmodSync(join(bin, 'run.sh'), 0o755)
    const all = { PATH: process.env['PATH'] ?? '', ZOO_CONF_DIR: conf, ZOO_VOLUME_DIR: volume }
    const ended = spawnSync('bash', [BITNAMI, join(bin, 'run.sh')], {
      env: { ...all, ...env },
      encoding: 'utf8',
    })
    const path = join(conf, 'zoo.cfg')
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
    return { status: ended.status, err: ended.stderr, lines, conf }
  }

  const CASES: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] =
    [
      [
        'nothing set',
        {},
        [
          'clientPort=2181',
          'tickTime=2000',
          'initLimit=10',
          'maxSessionTimeout=40000',
          '4lw.commands.whitelist=srvr, mntr',
          'admin.enableServer=false',
        ],
      ],
      ['one server is standalone', { ZOO_SERVERS: 'a:2888:3888' }, ['clientPort=2181']],
      [
        'servers, numbered from 1',
        { ZOO_SERVERS: 'a:2888:3888,b:2888:3888:observer c:2888:3888' },
        [
          'server.1=a:2888:3888;2181',
          'server.2=b:2888:3888:observer;2181',
          'server.3=c:2888:3888;2181',
        ],
      ],
      [
        'servers with their ids',
        { ZOO_SERVERS: 'a:2888:3888::5;b:2888:3888::7', ZOO_PORT_NUMBER: '2182' },
        ['server.5=a:2888:3888;2182', 'server.7=b:2888:3888;2182'],
      ],
      [
        'any key',
        { ZOO_CFG_globalOutstandingLimit: '7', ZOO_CFG_fsync_warningthresholdms: '9' },
        ['globalOutstandingLimit=7', 'fsync.warningthresholdms=9'],
      ],
      [
        'metrics and the admin server',
        { ZOO_ENABLE_PROMETHEUS_METRICS: 'TRUE', ZOO_ENABLE_ADMIN_SERVER: '1' },
        ['metricsProvider.httpPort=7000', 'admin.enableServer=true'],
      ],
      [
        'TLS for clients',
        {
          ZOO_TLS_CLIENT_ENABLE: 'true',
          ZOO_TLS_CLIENT_KEYSTORE_FILE: '/k.jks',
          ZOO_TLS_CLIENT_KEYSTORE_PASSWORD: 'p',
        },
        [
          'secureClientPort=3181',
          'ssl.clientAuth=need',
          'ssl.keyStore.location=/k.jks',
          'ssl.keyStore.password=p',
        ],
      ],
      [
        'TLS between servers',
        {
          ZOO_TLS_QUORUM_ENABLE: 'yes',
          ZOO_TLS_QUORUM_TRUSTSTORE_FILE: '/t.pem',
          ZOO_TLS_QUORUM_TRUSTSTORE_TYPE: 'PEM',
        },
        [
          'sslQuorum=true',
          'ssl.quorum.clientAuth=need',
          'ssl.quorum.trustStore.location=/t.pem',
          'ssl.quorum.trustStore.type=PEM',
        ],
      ],
    ]
  for (const [what, env, expected] of CASES) {
    test(what, () => {
      const { status, err, lines } = written(env)
      strictEqual(status, 0, err)
      for (const line of expected)
        deepStrictEqual(
          lines.filter((each) => each === line),
          [line],
        )
      const isPlain = env['ZOO_TLS_CLIENT_ENABLE'] === undefined
      strictEqual(
        lines.some((line) => line.startsWith('clientPort=')),
        isPlain,
      )
      if (env['ZOO_SERVERS'] === 'a:2888:3888') {
        strictEqual(
          lines.some((line) => line.startsWith('server.')),
          false,
        )
      }
    })
  }

  test('users, their passwords from files, and no stray ones', async () => {
    const secret = join(root, 'secret')
    writeFileSync(secret, 'se"same,two')
    const auth = { ZOO_ENABLE_AUTH: 'yes', ZOO_SERVER_USERS: 'alice,bob' }
    const { status, err, lines, conf } = written({ ...auth, ZOO_SERVER_PASSWORDS_FILE: secret })
    strictEqual(status, 0, err)
    strictEqual(lines.includes('sessionRequireClientSASLAuth=true'), true)
    const jaas = readFileSync(join(conf, 'zoo_jaas.conf'), 'utf8')
    match(
      jaas,
      /^Server \{\n.*DigestLoginModule required\n {4}user_alice="se\\"same"\n {4}user_bob="two"\n/,
    )
    strictEqual(statSync(join(conf, 'zoo_jaas.conf')).mode & 0o777, 0o600)
    const wrong = written({ ...auth, ZOO_SERVER_PASSWORDS: 'one' })
    strictEqual(wrong.status, 2)
    match(wrong.err, /there are 2 users and 1 passwords/)
    const nobody = written({ ALLOW_ANONYMOUS_LOGIN: 'no' })
    strictEqual(nobody.status, 2)
    match(nobody.err, /ZOO_ENABLE_AUTH is not yes/)
    const checked = start('dist/bin/check.js', [join(conf, 'zoo.cfg')])
    const out = text(checked.stdout)
    await once(checked, 'close')
    match(out(), /sessionRequireClientSASLAuth=true: /)
  })
})
