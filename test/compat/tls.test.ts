// What programs do with foreign clients, over TLS against our server: kazoo, Apache's shell, Curator.
// certificates.test.ts has who is let in.

import { match, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { classPath } from '../../perf/servers/apache-command.ts'
import { APACHE_MISSING, javaArguments } from '../support/apache.ts'
import { run, successOf } from '../support/foreign.ts'
import { OwnServer } from '../support/own-server.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../support/test-ca.ts'
import { CURATOR_JARS, CURATOR_MISSING, CURATOR_SOURCE, CURATOR_STEPS } from './curator.ts'
import { KAZOO_MISSING, KAZOO_STEPS, PYTHON, SESSION_SCRIPT } from './kazoo.ts'

const SHELL = 'org.apache.zookeeper.ZooKeeperMain'
describe('over TLS', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let alice: Holder
  let server: OwnServer

  before(async () => {
    ca = new TestCa()
    alice = ca.issue('alice', { subject: '/O=Example/CN=alice' })
    server = await serverOf(ca.issue('server', { names: 'DNS:localhost' }))
  })
  after(async () => {
    await server.stop()
    ca.remove()
  })

  function serverOf(holder: Holder): Promise<OwnServer> {
    return OwnServer.start({
      ...ca.options(holder),
      secureClientPort: 0,
      x509Provider: true,
      extendedTypes: true,
    })
  }

  function javaFlags(holder: Holder | null, trusted: string = ca.root): string[] {
    const properties: Record<string, string> = {
      'client.secure': 'true',
      clientCnxnSocket: 'org.apache.zookeeper.ClientCnxnSocketNetty',
      'ssl.trustStore.location': trusted,
      ...(holder !== null && { 'ssl.keyStore.location': holder.both }),
    }
    return Object.entries(properties).map(([name, value]) => `-Dzookeeper.${name}=${value}`)
  }

  test('kazoo does everything a program does with it', { skip: KAZOO_MISSING }, async () => {
    const args = [SESSION_SCRIPT, `localhost:${server.securePort}`, ca.root, alice.both]
    const ended = await run(PYTHON, args, { timeoutMs: 120_000 })
    strictEqual(successOf('kazoo', ended).trim(), KAZOO_STEPS.join('\n'))
  })

  test('Apache’s shell is who its certificate says', { skip: APACHE_MISSING }, async () => {
    const script = 'create /of-alice x auth::cdrwa\ngetAcl /of-alice\nwhoami\nquit\n'
    const args = [...javaArguments(SHELL, javaFlags(alice)), '-server']
    const ended = await run('java', [...args, `localhost:${server.securePort}`], { input: script })
    const printed = successOf('zkCli', ended)
    match(printed, /^'x509,'CN=alice%2CO=Example$/m)
    match(printed, /^x509: CN=alice,O=Example$/m)
  })

  test('Curator’s recipes', { skip: CURATOR_MISSING }, async () => {
    const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', ...javaFlags(alice)]
    const args = [...flags, '-cp', classPath(CURATOR_JARS), CURATOR_SOURCE]
    const address = `localhost:${server.securePort}`
    const ended = await run('java', [...args, address], { timeoutMs: 120_000 })
    strictEqual(successOf('Curator', ended).trim(), CURATOR_STEPS.join('\n'))
  })
})
