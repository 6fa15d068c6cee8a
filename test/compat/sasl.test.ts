// SASL with the clients of others: kazoo, and ZooKeeper's own shell with a JAAS file.

import { doesNotMatch, match, notStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from '../../client/client.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { Perm } from '../../protocol/op-code.ts'
import { APACHE_MISSING, javaArguments } from '../support/apache.ts'
import { type Ended, run, runs, skipUnless, successOf } from '../support/foreign.ts'
import { OwnServer, removeFolder, temporaryFolder } from '../support/own-server.ts'
import { until } from '../support/until.ts'
import { PYTHON } from './kazoo.ts'

const SCRIPT = fileURLToPath(new URL('../../../test/compat/kazoo/sasl.py', import.meta.url))
const SASL_MISSING = skipUnless(
  runs(PYTHON, ['-c', 'import kazoo, puresasl']),
  'kazoo with SASL',
  'python3-kazoo python3-pure-sasl',
)
const USERS = new Map([
  ['bob', 'bobs "secret"'],
  ['root', 'r\u00f6\u00f6t'],
])

for (const isRequired of [false, true]) {
  describe(`SASL, ${isRequired ? 'required' : 'as one likes'}`, () => {
    let server: OwnServer
    let folder: string

    before(async () => {
      folder = temporaryFolder()
      server = await OwnServer.start({
        saslLogin: USERS,
        saslProvider: true,
        saslSuperUsers: new Set(['root']),
        requiredSchemes: isRequired ? new Set(['sasl']) : null,
      })
    })
    after(async () => {
      await server?.stop()
      removeFolder(folder)
    })

    const kazoo = (user: string, password: string): Promise<Ended> =>
      run(PYTHON, [
        SCRIPT,
        server.address,
        user,
        password,
        isRequired ? 'alone' : 'with-a-stranger',
      ])

    test('kazoo', { skip: SASL_MISSING }, async () => {
      const steps = isRequired ? 'own' : 'own\nkept-out'
      strictEqual(successOf('kazoo', await kazoo('bob', 'bobs "secret"')).trim(), steps)
      // Kazoo 2.8 runs forever when it is told that everybody has to authenticate.
      if (isRequired) return
      match((await kazoo('bob', 'wrong')).err, /AuthFailedError/)
    })

    const shell = (user: string, password: string, ...command: string[]): Promise<Ended> => {
      const path = join(folder, `${user}.conf`)
      const module = 'org.apache.zookeeper.server.auth.DigestLoginModule'
      writeFileSync(
        path,
        `Client { ${module} required username="${user}" password="${password}"; };`,
      )
      const options = [`-Djava.security.auth.login.config=${path}`]
      const main = 'org.apache.zookeeper.ZooKeeperMain'
      const args = [...javaArguments(main, options), '-server', server.address, ...command]
      return run('java', args)
    }

    test('ZooKeeper’s shell', { skip: APACHE_MISSING }, async () => {
      const made = await shell(
        'bob',
        'bobs \\"secret\\"',
        'create',
        '/theirs',
        'x',
        'sasl:bob:cdrwa',
      )
      match(made.out, /SaslAuthenticated/)
      match(made.err + made.out, /Created \/theirs/)
      const read = await shell('root', 'r\u00f6\u00f6t', 'get', '/theirs')
      ok(/^x$/m.test(read.out), `the superuser reads everything: ${read.out}${read.err}`)
      const refused = await shell('bob', 'wrong', 'ls', '/')
      doesNotMatch(refused.out, /SaslAuthenticated|zookeeper\]/)
      notStrictEqual(refused.status, 0)
    })

    test('our client', async () => {
      const open = (password: string, states: string[] = []): Client => {
        const sasl = { user: 'bob', password }
        const { address } = server
        return new Client({ servers: address, sasl, onState: (state) => states.push(state) })
      }
      const seen: string[] = []
      const client = open('bobs "secret"', seen)
      const acl = [{ perms: Perm.all, id: { scheme: 'sasl', id: 'bob' } }]
      await client.create('/ours', null, { acl })
      client.connection.breakSocket()
      const isBack = (): boolean => seen.join() === 'connected,connecting,connected'
      await until('the client is back', 20_000, isBack)
      strictEqual((await client.get('/ours')).stat.version, 0)
      await client.close()
      const states: string[] = []
      const wrong = open('wrong', states)
      await rejects(wrong.get('/ours'), { code: ErrorCode.authFailed })
      strictEqual(states.at(-1), 'authFailed')
    })

    test('our shell', async () => {
      const path = join(folder, 'ours.conf')
      const module = 'org.apache.zookeeper.server.auth.DigestLoginModule'
      writeFileSync(
        path,
        `Client { ${module} required username="root" password="r\u00f6\u00f6t"; };`,
      )
      const env = { CLIENT_JVMFLAGS: `-Djava.security.auth.login.config=${path}` }
      const cli = fileURLToPath(new URL('../../bin/cli.js', import.meta.url))
      const args = [cli, '-server', server.address, 'create', '/by-shell', 'x']
      const made = await run(process.execPath, args, { env })
      successOf('our shell', made)
      match(made.out + made.err, /Created \/by-shell/)
    })
  })
}
