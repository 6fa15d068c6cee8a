// What a start says where something optional is missing: the package koffi, and MD5 in OpenSSL. Both are taken
// away by a module that Node loads before the server.

import { match, ok, strictEqual } from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Client } from '../../client/client.ts'
import { freePort } from '../../perf/ensemble/ports.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { removeFolder, run, start, temporaryFolder, text, until } from './launch.ts'

const SERVER = 'dist/bin/server.js'
const DIGEST = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
const TICKETS =
  'com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab="/k" principal="zk/h@R"'
const ENSEMBLE =
  'initLimit=5\nsyncLimit=5\nserver.1=127.0.0.1:1:2\nserver.2=127.0.0.1:3:4\nserver.3=127.0.0.1:5:6\n'
const QUORUM =
  'quorum.auth.enableSasl=true\nquorum.auth.learnerRequireSasl=true\n' +
  'quorum.auth.serverRequireSasl=true\n'
/** ExitCode.unexpected and ExitCode.invocation. */
const [UNEXPECTED, INVOCATION] = [1, 2]

const NO_KOFFI = `
import { register } from 'node:module'
const hook = \`export async function resolve(name, context, next) {
  if (name !== 'koffi') return next(name, context)
  throw Object.assign(new Error("Cannot find package 'koffi'"), { code: 'ERR_MODULE_NOT_FOUND' })
}\`
register('data:text/javascript,' + encodeURIComponent(hook))
`
const NO_MD5 = `
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
const { createHash } = crypto
crypto.createHash = (name, ...more) => {
  if (/md5/i.test(name)) throw new Error('error:0308010C:digital envelope routines::unsupported')
  return createHash(name, ...more)
}
syncBuiltinESMExports()
`

let folder: string
before(() => {
  folder = temporaryFolder()
  writeFileSync(join(folder, 'no-koffi.mjs'), NO_KOFFI)
  writeFileSync(join(folder, 'no-md5.mjs'), NO_MD5)
})
after(() => removeFolder(folder))

const without = (module: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(join(folder, module))}`,
})

/** The arguments of a server with this JAAS file. */
function configured(name: string, port: number, jaas: string, more: string): string[] {
  const data = join(folder, name)
  mkdirSync(data)
  writeFileSync(join(data, 'myid'), '1')
  writeFileSync(join(data, 'jaas.conf'), jaas)
  const configuration = join(data, 'zoo.cfg')
  const own = `dataDir=${data}\nclientPort=${port}\nclientPortAddress=127.0.0.1\n`
  writeFileSync(configuration, `${own}admin.enableServer=false\n${more}`)
  return [`-Djava.security.auth.login.config=${join(data, 'jaas.conf')}`, configuration]
}

describe('without koffi', () => {
  for (const [name, jaas, more, who] of [
    ['clients', `Server { ${TICKETS}; };`, '', 'no client can'],
    [
      'members',
      `QuorumServer { ${TICKETS}; }; QuorumLearner { ${TICKETS}; };`,
      ENSEMBLE + QUORUM,
      'members cannot',
    ],
  ] as const) {
    test(`a server with a login for Kerberos of ${name} says what to install`, async () => {
      const { code, out } = await run(
        SERVER,
        configured(name, 0, jaas, more),
        without('no-koffi.mjs'),
      )
      strictEqual(code, INVOCATION)
      match(out, new RegExp(`${who} authenticate with SASL: Kerberos needs the package koffi`))
      match(out, /npm install koffi.*apt-get install libgssapi-krb5-2.*Cannot find package 'koffi'/)
    })
  }
})

describe('without MD5', () => {
  test('a server says what is off, and serves without it', async () => {
    const port = await freePort()
    const more =
      'DigestAuthenticationProvider.digestAlg=MD5\n' +
      'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n'
    const args = configured('fips', port, `Server { ${DIGEST} user_bob="b"; };`, more)
    const child = start(SERVER, args, without('no-md5.mjs'))
    const said = text(child.stdout)
    try {
      await until('it serves', () => said().includes('serving clients'))
      match(said(), /no client can authenticate with SASL: DIGEST-MD5 is off.*unsupported/)
      match(said(), /the scheme digest is off:.*digestAlg is MD5.*choose SHA-256/)
      const client = new Client({ servers: `127.0.0.1:${port}` })
      await client.create('/here', null)
      let error: unknown = null
      await client.addAuth('digest', Buffer.from('bob:b')).catch((thrown) => {
        error = thrown
      })
      strictEqual((error as { code?: unknown } | null)?.code, ErrorCode.authFailed)
      client.connection.abandon()
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('a member whose peers prove themselves with DIGEST-MD5 does not start', async () => {
    const logins = `QuorumServer { ${DIGEST} user_a="1"; }; QuorumLearner { ${DIGEST} username="a" password="1"; };`
    const args = configured('member', 0, logins, ENSEMBLE + QUORUM)
    const { code, out } = await run(SERVER, args, without('no-md5.mjs'))
    strictEqual(code, UNEXPECTED)
    match(out, /quorum\.auth\.enableSasl=true: members cannot authenticate with DIGEST-MD5/)
    ok(!out.includes('listening for clients'))
  })
})
