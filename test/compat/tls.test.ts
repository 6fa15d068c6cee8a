// Foreign clients over TLS against our server: kazoo, Apache's shell, Curator; and the outcome of what is
// wrong, as they see it. Debian's C client is built without TLS.

import { match, ok, strictEqual } from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { classPath } from '../../perf/servers/apache-command.ts'
import type { RefusalReason } from '../../runtime/net/input/refusals.ts'
import { APACHE_MISSING, javaArguments } from '../support/apache.ts'
import { run, runs, skipUnless, successOf } from '../support/foreign.ts'
import { OwnServer } from '../support/own-server.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../support/test-ca.ts'
import { CURATOR_JARS, CURATOR_SOURCE, CURATOR_STEPS } from './curator.ts'
import { KAZOO_MISSING, KAZOO_STEPS, PYTHON, SESSION_SCRIPT } from './kazoo.ts'

const SHELL = 'org.apache.zookeeper.ZooKeeperMain'
const CURATOR_MISSING = skipUnless(
  existsSync('/usr/share/java/curator-recipes.jar') && runs('javac', ['-version']),
  'Curator',
  'libcurator-recipes-java default-jdk-headless',
)

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

  const count = (of: OwnServer, reason: RefusalReason): number => {
    return of.server.network.refusals.counts().get(reason) ?? 0
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

  describe('Apache’s shell is not served', { skip: APACHE_MISSING }, () => {
    /** Its one command fails. */
    const fails = async (port: number, flags: readonly string[]): Promise<void> => {
      const command = ['-timeout', '3000', '-waitforconnection', '-server', `localhost:${port}`]
      const args = [...javaArguments(SHELL, flags), ...command, 'get', '/']
      const { out, status } = await run('java', args, { timeoutMs: 60_000 })
      ok(status !== 0 || !out.includes('SyncConnected'), out)
    }

    test('without a certificate', async () => {
      await fails(server.securePort, javaFlags(null))
      ok(count(server, 'no-client-certificate') > 0)
    })

    test('with an expired one', async () => {
      const late = ca.issue('late', { from: -9, to: -1 })
      const before = count(server, 'untrusted-client-certificate')
      await fails(server.securePort, javaFlags(late))
      ok(count(server, 'untrusted-client-certificate') > before)
    })

    test('over TLS on the port without', async () => {
      await fails(server.port, javaFlags(alice))
      ok(count(server, 'tls-on-plain-port') > 0)
    })

    test('without TLS on the port with', async () => {
      await fails(server.securePort, [])
      ok(count(server, 'plain-text-on-tls-port') > 0)
    })

    test('by a server of another name, which it does not believe', async () => {
      const other = await serverOf(ca.issue('other', { names: 'DNS:elsewhere.example.org' }))
      try {
        await fails(other.securePort, javaFlags(alice))
        ok(count(other, 'tls-handshake-failed') > 0)
      } finally {
        await other.stop()
      }
    })
  })
})
