// Kerberos with the clients of others and our own, against MIT's key distribution centre.

import { deepStrictEqual, doesNotMatch, match, notStrictEqual, rejects } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from '../../client/client.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { Perm } from '../../protocol/op-code.ts'
import { KerberosUser } from '../../runtime/kerberos/kerberos.ts'
import { APACHE_MISSING, javaArguments } from '../support/apache.ts'
import { type Ended, run, runs, skipUnless, successOf } from '../support/foreign.ts'
import { Kdc, KERBEROS_MISSING } from '../support/kdc.ts'
import { OwnServer, removeFolder, temporaryFolder } from '../support/own-server.ts'
import { until } from '../support/until.ts'
import { PYTHON } from './kazoo.ts'

const SCRIPT = fileURLToPath(new URL('../../../test/compat/kazoo/tickets.py', import.meta.url))
const PYTHON_MISSING = skipUnless(
  runs(PYTHON, ['-c', 'import kazoo, puresasl, kerberos']),
  'kazoo with Kerberos',
  'python3-kazoo python3-pure-sasl python3-kerberos',
)
const SERVICE = 'zookeeper/localhost'
const MODULE = 'com.sun.security.auth.module.Krb5LoginModule required'

describe('Kerberos', { skip: KERBEROS_MISSING }, () => {
  let kdc: Kdc
  let server: OwnServer
  let folder: string
  let bob: string

  before(async () => {
    kdc = await Kdc.start()
    folder = temporaryFolder()
    bob = kdc.keyTab('bob', 'bob', 'bob/desk')
    server = await OwnServer.start({
      saslKerberos: {
        principal: SERVICE,
        keyTab: kdc.keyTab('server', SERVICE, 'zookeeper/elsewhere'),
        ticketCache: null,
      },
      saslProvider: true,
      saslSuperUsers: new Set([`root@${kdc.realm}`]),
      kerberosRemoveHostFromPrincipal: true,
    })
  })
  after(async () => {
    await server?.stop()
    kdc?.stop()
    removeFolder(folder)
  })

  /** A shell's environment: who it is, and where the service is. */
  const flags = (name: string, options: string): string[] => {
    const path = join(folder, `${name}.conf`)
    writeFileSync(path, `Client { ${MODULE} ${options}; };`)
    return [
      `-Djava.security.auth.login.config=${path}`,
      `-Djava.security.krb5.conf=${kdc.configuration}`,
      `-Dzookeeper.server.principal=${SERVICE}@${kdc.realm}`,
    ]
  }

  const apache = (name: string, options: string, ...command: string[]): Promise<Ended> => {
    const main = 'org.apache.zookeeper.ZooKeeperMain'
    const args = [
      ...javaArguments(main, flags(name, options)),
      '-server',
      server.address,
      ...command,
    ]
    return run('java', args)
  }

  const ours = (name: string, options: string, ...command: string[]): Promise<Ended> => {
    const cli = fileURLToPath(new URL('../../bin/cli.js', import.meta.url))
    const env = { CLIENT_JVMFLAGS: flags(name, options).join(' ') }
    return run(process.execPath, [cli, '-server', server.address, ...command], { env })
  }

  const keys = (keyTab: string, principal: string): string =>
    `useKeyTab=true storeKey=true keyTab="${keyTab}" principal="${principal}"`

  test('ZooKeeper’s shell', { skip: APACHE_MISSING }, async () => {
    const acl = `sasl:bob@${kdc.realm}:cdrwa`
    const made = await apache('bob', keys(bob, 'bob'), 'create', '/theirs', 'x', acl)
    match(made.out, /SaslAuthenticated/)
    match(made.err + made.out, /Created \/theirs/)
    // The host is taken away, as the configuration says.
    const read = await apache('desk', keys(bob, 'bob/desk'), 'get', '/theirs')
    match(read.out, /^x$/m)
    const eve = await apache('eve', keys(kdc.keyTab('eve', 'eve'), 'eve'), 'get', '/theirs')
    match(eve.err + eve.out, /Insufficient permission|NoAuth/)
    const root = await apache('root', keys(kdc.keyTab('root', 'root'), 'root'), 'get', '/theirs')
    match(root.out, /^x$/m)
  })

  test('kazoo', { skip: PYTHON_MISSING }, async () => {
    const env = { KRB5CCNAME: kdc.tickets(bob, 'bob') }
    const args = [SCRIPT, `localhost:${server.port}`, `bob@${kdc.realm}`]
    deepStrictEqual(successOf('kazoo', await run(PYTHON, args, { env })).trim(), 'own')
  })

  test('our shell, by a key and by tickets', async () => {
    const made = await ours(
      'ours',
      keys(bob, 'bob'),
      'create',
      '/ours',
      'x',
      `sasl:bob@${kdc.realm}:r`,
    )
    match(made.out + made.err, /Created \/ours/)
    const tickets = `useTicketCache=true ticketCache="${kdc.tickets(bob, 'bob/desk')}"`
    match((await ours('tickets', tickets, 'get', '/ours')).out, /^x$/m)
    const none = await ours('none', 'useTicketCache=true ticketCache="/nowhere"', 'ls', '/')
    notStrictEqual(none.status, 0)
    doesNotMatch(none.out, /zookeeper\]/)
  })

  test('our client, whatever happens to its connection', async () => {
    const user = await KerberosUser.load(
      { principal: 'bob', keyTab: bob, ticketCache: null },
      kdc.configuration,
    )
    let times = 0
    const client = new Client({
      servers: server.address,
      sasl: { begin: () => user.begin(SERVICE) },
      onState: (state) => {
        if (state === 'connected') times++
      },
    })
    const acl = [{ perms: Perm.all, id: { scheme: 'sasl', id: `bob@${kdc.realm}` } }]
    await client.create('/again', null, { acl })
    for (let i = 2; i < 20; i++) {
      client.connection.breakSocket()
      await until('the client is back', 20_000, () => times === i)
      await client.get('/again')
    }
    await client.close()
  })

  test('a ticket for another service of the same keys is no ticket', async () => {
    const user = await KerberosUser.load(
      { principal: 'bob', keyTab: bob, ticketCache: null },
      kdc.configuration,
    )
    const problems: string[] = []
    const client = new Client({
      servers: server.address,
      sasl: { begin: () => user.begin('zookeeper/elsewhere') },
      onProblem: (problem) => problems.push(problem),
    })
    await rejects(client.get('/'), { code: ErrorCode.authFailed })
    match(problems.join(), /AuthFailed|refuses/i)
    await client.close()
  })
})
