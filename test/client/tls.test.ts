// Our client over TLS: who it is at the server, and what it says of a server that it does not take.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { clientTls } from '../../bin/client-tls.ts'
import { Client } from '../../client/client.ts'
import type { TlsOptions } from '../../client/open-socket.ts'
import { clientConfiguration } from '../../config/client-configuration.ts'
import { OwnServer } from '../support/own-server.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../support/test-ca.ts'
import { within } from '../support/until.ts'

const WAIT_MS = 20_000

describe('our client over TLS', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let other: TestCa
  let alice: Holder
  before(() => {
    ca = new TestCa()
    other = new TestCa('Another CA')
    alice = ca.issue('alice')
  })
  after(() => {
    ca.remove()
    other.remove()
  })

  /** As operators set it. */
  const tlsOf = async (lines: Readonly<Record<string, string>>): Promise<TlsOptions> => {
    const all = {
      'client.secure': 'true',
      'ssl.keyStore.location': alice.both,
      'ssl.trustStore.location': ca.root,
      ...lines,
    }
    const text = Object.entries(all).map(([name, value]) => `zookeeper.${name}=${value}\n`)
    const { tls, problems } = clientConfiguration({}, { path: 'client.cfg', text: text.join('') })
    deepStrictEqual(problems, [])
    return (await clientTls(tls!)).tls
  }
  const withServer = async (
    holder: Holder,
    body: (server: OwnServer) => Promise<void>,
  ): Promise<void> => {
    const options = { ...ca.options(holder), secureClientPort: 0, x509Provider: true }
    const server = await OwnServer.start(options)
    try {
      await body(server)
    } finally {
      await server.stop()
    }
  }

  test('is who its certificate says', async () => {
    await withServer(ca.issue('server', { names: 'DNS:localhost' }), async (server) => {
      const tls = await tlsOf({})
      const client = new Client({ servers: `localhost:${server.securePort}`, tls })
      const ids = await within('an answer', WAIT_MS, client.whoAmI())
      deepStrictEqual(
        ids.map(({ authScheme, user }) => `${authScheme} ${user}`),
        ['ip 127.0.0.1', 'x509 CN=alice'],
      )
      await client.close()
    })
  })

  interface Case {
    readonly server: () => Holder
    readonly lines?: () => Readonly<Record<string, string>>
    readonly said: RegExp
  }
  const named = { names: 'DNS:localhost' }
  const CASES: Readonly<Record<string, Case>> = {
    'another name': {
      server: () => ca.issue('other', { names: 'DNS:elsewhere.example.org' }),
      said: /^localhost:\d+: the server's certificate is for other hosts \(/,
    },
    'a certificate that has expired': {
      server: () => ca.issue('late', { ...named, from: -9, to: -1 }),
      said: /: the server's certificate has expired \(/,
    },
    'a certificate that is not valid yet': {
      server: () => ca.issue('early', { ...named, from: 1, to: 9 }),
      said: /: the server's certificate is not valid yet \(/,
    },
    'a revoked certificate': {
      server: () => ca.issue('revoked', named),
      lines: () => ({ 'ssl.crl': 'true' }),
      said: /: the server's certificate is revoked \(/,
    },
    'nobody that we trust behind it': {
      server: () => ca.issue('server', named),
      lines: () => ({ 'ssl.trustStore.location': other.root }),
      said: /: nobody whom we trust signed the server's certificate \(/,
    },
  }
  for (const [name, { server: holder, lines, said }] of Object.entries(CASES)) {
    test(`does not take a server with ${name}, and says so`, async () => {
      const own = holder()
      const crl =
        lines?.()['ssl.crl'] === undefined ? {} : { 'ringkeeper.ssl.crlLocations': ca.revoke(own) }
      const tls = await tlsOf({ ...lines?.(), ...crl })
      await withServer(own, async (server) => {
        const problem = new Promise<string>((resolve) => {
          const servers = `localhost:${server.securePort}`
          const client = new Client({
            servers,
            tls,
            onProblem: (text) => {
              resolve(text)
              client.connection.abandon()
            },
          })
        })
        match(await within('a problem', WAIT_MS, problem), said)
        strictEqual(server.server.network.isServing, true)
      })
    })
  }

  test('takes a server of another name, if names do not matter', async () => {
    await withServer(ca.issue('other', { names: 'DNS:elsewhere' }), async (server) => {
      const tls = await tlsOf({ 'ssl.hostnameVerification': 'false' })
      const client = new Client({ servers: `localhost:${server.securePort}`, tls })
      await within('an answer', WAIT_MS, client.exists('/'))
      await client.close()
    })
  })
})
