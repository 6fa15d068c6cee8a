// SASL with the clients of others: kazoo, the C client, and with a JAAS file ZooKeeper's own shell and
// Curator.

import { doesNotMatch, match, notStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from '../../client/client.ts'
import { classPath } from '../../perf/servers/apache-command.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { Perm } from '../../protocol/op-code.ts'
import { APACHE_MISSING, javaArguments } from '../support/apache.ts'
import { type Ended, run, runs, skipUnless, successOf } from '../support/foreign.ts'
import { OwnServer, removeFolder, temporaryFolder } from '../support/own-server.ts'
import { until } from '../support/until.ts'
import { C_SASL_MISSING, compileCClient } from './c-client.ts'
import { CURATOR_CONNECTS, CURATOR_JARS, CURATOR_MISSING } from './curator.ts'
import { PYTHON } from './kazoo.ts'
import { type Invocation, Running } from './running.ts'

const SCRIPT = fileURLToPath(new URL('../../../test/compat/kazoo/sasl.py', import.meta.url))
const WAIT_MS = 60_000
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

    /** Names a file with this login, to Java. */
    const jaasFile = (name: string, user: string, password: string): string => {
      const path = join(folder, `${name}.conf`)
      const module = 'org.apache.zookeeper.server.auth.DigestLoginModule'
      writeFileSync(
        path,
        `Client { ${module} required username="${user}" password="${password}"; };`,
      )
      return `-Djava.security.auth.login.config=${path}`
    }

    const shell = (user: string, password: string, ...command: string[]): Promise<Ended> => {
      const options = [jaasFile(user, user, password)]
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

    /** A client with a good password is served; one with a bad password is not, and is counted. */
    async function checkBoth(invoke: (password: string) => Invocation): Promise<void> {
      const count = (): number => {
        return server.server.network.refusals.counts().get('authentication-failed') ?? 0
      }
      const good = new Running(invoke('bobs "secret"'))
      const served = until('it is served', WAIT_MS, () => good.isServed)
      await served.finally(() => good.end())
      const before = count()
      const bad = new Running(invoke('wrong'))
      const refused = until('it is refused', WAIT_MS, () => count() > before)
      await refused.finally(() => bad.end())
      strictEqual(bad.isServed, false, bad.output)
    }

    test('Curator', { skip: CURATOR_MISSING }, async () => {
      await checkBoth((password) => {
        const jaas = jaasFile('curator', 'bob', password.replaceAll('"', '\\"'))
        const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', jaas]
        const args = [...flags, '-cp', classPath(CURATOR_JARS), CURATOR_CONNECTS, server.address]
        return { program: 'java', args }
      })
    })

    test('the C client', { skip: C_SASL_MISSING }, async () => {
      const program = compileCClient(folder)
      await checkBoth((password) => {
        const secret = join(folder, 'secret')
        writeFileSync(secret, password)
        const who = ['-n', 'DIGEST-MD5', '-o', 'zk-sasl-md5', '-u', 'bob', '-p', secret]
        return { program, args: ['-h', server.address, ...who, '-c', 'ls /'] }
      })
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
      const env = { CLIENT_JVMFLAGS: jaasFile('ours', 'root', 'r\u00f6\u00f6t') }
      const cli = fileURLToPath(new URL('../../bin/cli.js', import.meta.url))
      const args = [cli, '-server', server.address, 'create', '/by-shell', 'x']
      const made = await run(process.execPath, args, { env })
      successOf('our shell', made)
      match(made.out + made.err, /Created \/by-shell/)
    })
  })
}
