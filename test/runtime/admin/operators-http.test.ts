// Which listeners there are: by the settings, and never at the cost of the server.

import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, afterEach, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { DEFAULTS } from '../../../config/options.ts'
import { quorumTlsOf } from '../../../config/settings/quorum-tls.ts'
import { ENSEMBLE_DEFAULTS } from '../../../config/settings/registry.ts'
import type { TlsSettings } from '../../../config/settings/ssl.ts'
import { HttpListener, type Pages } from '../../../runtime/admin/http-listener.ts'
import {
  type OperatorsHttpOptions,
  openOperatorsHttp,
} from '../../../runtime/admin/operators-http.ts'
import type { Logger } from '../../../runtime/process/logger.ts'
import { readCredentials } from '../../../runtime/tls/credentials.ts'
import { type Holder, OPENSSL_MISSING, TestCa } from '../../support/test-ca.ts'
import { until } from '../../support/until.ts'
import { fakeSource } from '../reports/fake-source.ts'

const HOST = '127.0.0.1'
/** It looks once a second, and waits until a file has stayed the same. */
const RELOAD_MS_MAX = 20_000

interface Opened {
  readonly ports: number[]
  readonly lines: string[]
}

/** What a test has opened; closed behind it, also when it fails. */
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function opened(options: Partial<OperatorsHttpOptions>): Promise<Opened> {
  const ports: number[] = []
  const lines: string[] = []
  const write = (fields: { port?: number; problem?: string } | string, text?: string): void => {
    if (typeof fields !== 'string' && fields.port !== undefined) ports.push(fields.port)
    lines.push(typeof fields === 'string' ? fields : `${text}: ${fields.problem ?? 'yes'}`)
  }
  const logger = { info: write, warn: write, error: write } as unknown as Logger
  const all = { ...DEFAULTS, adminServerPort: 0, metricsProviderHttpHost: HOST, ...options }
  const listeners = await openOperatorsHttp(fakeSource(), all, logger)
  for (const listener of listeners) closing.push(() => listener.close())
  return { ports, lines }
}

test('the admin server is on, on this machine alone, and metrics are off', async () => {
  deepStrictEqual(
    [DEFAULTS.adminEnableServer, DEFAULTS.adminServerAddress, DEFAULTS.adminServerPort],
    [true, HOST, 8080],
  )
  const { ports, lines } = await opened({})
  deepStrictEqual(lines, ['admin server: listening: yes'])
  const answer = await fetch(`http://${HOST}:${ports[0]}${DEFAULTS.adminCommandUrl}/ruok`)
  deepStrictEqual(await answer.json(), { command: 'ruok', error: null })
})

test('both, where both are asked for', async () => {
  const { ports, lines } = await opened({
    metricsProviderClassName: 'prometheus',
    metricsProviderHttpPort: 0,
  })
  deepStrictEqual(lines.sort(), [
    'admin server: listening: yes',
    'metrics over HTTP: listening: yes',
  ])
  const asked = ports.flatMap((port) =>
    ['/metrics', '/commands/ruok'].map((path) => fetch(`http://${HOST}:${port}${path}`)),
  )
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  deepStrictEqual(statuses.sort(), [200, 200, 404, 404])
})

test('none, where none is asked for', async () => {
  const { lines } = await opened({ adminEnableServer: false })
  deepStrictEqual(lines, [])
})

test('a port that is taken is said, and no more', async () => {
  const taken = createServer().listen(0, HOST)
  closing.push(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const { lines } = await opened({ adminServerPort: port })
  strictEqual(lines.length, 1)
  match(lines[0] ?? '', /^no admin server: cannot listen: .*EADDRINUSE/)
})

test('nothing is open that has no port', async () => {
  const metrics = { adminEnableServer: false, metricsProviderClassName: 'prometheus' as const }
  const { lines } = await opened(metrics)
  deepStrictEqual(lines, ['no metrics over HTTP: metricsProvider.httpPort is not set'])
})

describe('the admin server over HTTPS', { skip: OPENSSL_MISSING }, () => {
  let ca: TestCa
  let server: Holder
  let ann: Holder
  before(() => {
    ca = new TestCa()
    server = ca.issue('server', { names: 'DNS:localhost,IP:127.0.0.1' })
    ann = ca.issue('ann')
  })
  after(() => ca?.remove())

  const https = (options: Partial<OperatorsHttpOptions> = {}): Promise<Opened> =>
    opened({ ...options, adminTls: tlsOf(server.both, ca.root) })

  /** The status, one header, and whether it came at all. */
  const ask = (port: number | undefined, options: RequestOptions = {}): Promise<string> =>
    new Promise((resolve) => {
      const wanted = {
        host: HOST,
        port,
        path: '/commands/ruok',
        ca: readFileSync(ca.root),
        ...options,
      }
      const made = request({ ...wanted, agent: false }, (answer) => {
        answer.resume()
        resolve(`${answer.statusCode} ${answer.headers['strict-transport-security']}`)
      })
      made.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end()
    })
  const HSTS = '200 max-age=86400; includeSubDomains'

  test('alone', async () => {
    const { ports } = await https({ adminForceHttps: true })
    strictEqual(await ask(ports[0]), HSTS)
    await rejects(fetch(`http://${HOST}:${ports[0]}/commands/ruok`))
    match(await ask(ports[0], { ca: [] }), /SELF_SIGNED|UNABLE/)
  })

  test('and by HTTP on the same port', async () => {
    const { ports } = await https()
    strictEqual(await ask(ports[0]), HSTS)
    const plain = await fetch(`http://${HOST}:${ports[0]}/commands/ruok`)
    deepStrictEqual([plain.status, plain.headers.get('strict-transport-security')], [200, null])
    // One byte at a time, as no client does.
    const socket = connect(ports[0] ?? 0, HOST)
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    for (const letter of 'GET /commands/ruok HTTP/1.0\r\n\r\n') socket.write(letter)
    await once(socket, 'close')
    match(text, /^HTTP\/1\.1 200 OK/)
  })

  test('with certificates of its clients', async () => {
    const { ports } = await https({ adminForceHttps: true, adminNeedClientAuth: true })
    strictEqual(
      await ask(ports[0], { cert: readFileSync(ann.certificate), key: readFileSync(ann.key) }),
      HSTS,
    )
    match(await ask(ports[0]), /ERR_SSL|ECONNRESET|EPIPE/)
    const strangers = new TestCa('Strangers')
    closing.push(() => strangers.remove())
    const eve = strangers.issue('ann')
    const asEve = { cert: readFileSync(eve.certificate), key: readFileSync(eve.key) }
    match(await ask(ports[0], asEve), /ERR_SSL|ECONNRESET|EPIPE/)
  })

  test('knows who they are by their certificates', async () => {
    const pages: Pages = (_path, _query, { identities }) => ({
      status: 200,
      type: null,
      body: identities.map(({ scheme, id }) => `${scheme}:${id}`).join(),
    })
    const { context } = await readCredentials(tlsOf(server.both, ca.root), Date.now())
    const wanted = { ...DEFAULTS, x509SuperUser: 'CN=ann', context, takesPlain: true }
    const listener = new HttpListener(pages, 10_000, { ...wanted, needsCertificate: true })
    closing.push(() => listener.close())
    const port = await listener.listen(0, HOST)
    const asAnn = { cert: readFileSync(ann.certificate), key: readFileSync(ann.key) }
    const made = request({ host: HOST, port, ca: readFileSync(ca.root), agent: false, ...asAnn })
    made.end()
    const [answer] = await once(made, 'response')
    strictEqual(String(await buffer(answer)), 'super:CN=ann,x509:CN=ann')
    strictEqual(await (await fetch(`http://${HOST}:${port}/`)).text(), '')
  })

  test('uses certificates that replace its own, and keeps those it has if they are no good', async () => {
    const file = join(ca.folder, 'replaced.pem')
    copyFileSync(server.both, file)
    const { ports, lines } = await opened({
      adminForceHttps: true,
      adminReloadsCertFiles: true,
      adminTls: tlsOf(file, ca.root),
    })
    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({ host: HOST, port: ports[0] ?? 0, ca: readFileSync(ca.root) })
        socket.on('secureConnect', () => {
          resolve(String(socket.getPeerCertificate().subject.CN))
          socket.destroy()
        })
        socket.on('error', reject)
      })
    strictEqual(await shown(), 'server')
    const next = ca.issue('next', { names: 'DNS:localhost,IP:127.0.0.1' })
    copyFileSync(next.both, `${file}.new`)
    renameSync(`${file}.new`, file)
    await until('the new one is shown', RELOAD_MS_MAX, async () => (await shown()) === 'next')
    writeFileSync(file, 'nothing that could be used')
    const isSaid = (): boolean =>
      lines.some((line) => line.startsWith('new certificates cannot be'))
    await until('it says so', RELOAD_MS_MAX, isSaid)
    strictEqual(await shown(), 'next')
  })

  test('is not there without a certificate, and the server is', async () => {
    const { lines } = await opened({ adminTls: tlsOf('/nowhere.pem', ca.root) })
    strictEqual(lines.length, 1)
    match(lines[0] ?? '', /^no admin server: its certificates cannot be used: .*nowhere/)
  })
})

function tlsOf(keyStore: string, trustStore: string): TlsSettings {
  return quorumTlsOf({
    ...ENSEMBLE_DEFAULTS,
    sslQuorumKeyStoreLocation: keyStore,
    sslQuorumTrustStoreLocation: trustStore,
  })
}
