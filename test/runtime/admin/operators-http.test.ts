// Which listeners there are: by the settings, and never at the cost of the server.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, test } from 'node:test'
import { DEFAULTS } from '../../../config/options.ts'
import {
  type OperatorsHttpOptions,
  openOperatorsHttp,
} from '../../../runtime/admin/operators-http.ts'
import type { Logger } from '../../../runtime/process/logger.ts'
import { fakeSource } from '../reports/fake-source.ts'

const HOST = '127.0.0.1'

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
  const logger = { info: write, warn: write } as unknown as Logger
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

test('nothing is open that is to have HTTPS, or has no port', async () => {
  for (const options of [{ adminForceHttps: true }, { adminNeedClientAuth: true }]) {
    const { lines } = await opened(options)
    deepStrictEqual(lines, ['no admin server: HTTPS is asked for, and is not supported yet'])
  }
  const metrics = { adminEnableServer: false, metricsProviderClassName: 'prometheus' as const }
  const { lines } = await opened(metrics)
  deepStrictEqual(lines, ['no metrics over HTTP: metricsProvider.httpPort is not set'])
})
