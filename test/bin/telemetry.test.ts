// A server that is told of a collector of OpenTelemetry: with the packages it sends, without them it says what to
// install, and serves all the same.

import { match, ok, strictEqual } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Client } from '../../client/client.ts'
import { freePort } from '../../perf/ensemble/ports.ts'
import { removeFolder, run, start, temporaryFolder, text, until, writeConfig } from './launch.ts'

const SERVER = 'dist/bin/server.js'
const INTERVAL_MS = 1000
const INVOCATION = 2

/** Loaded before the server: its packages are the tests', or there are none. */
const hook = (body: string): string => `
import { register } from 'node:module'
const hook = \`export async function resolve(name, context, next) {
  if (!name.startsWith('@opentelemetry/')) return next(name, context)
  ${body}
}\`
register('data:text/javascript,' + encodeURIComponent(hook))
`
const NONE = hook(
  `if (/\\\\/runtime\\\\/telemetry\\\\//.test(context.parentURL))
    throw Object.assign(new Error("Cannot find package '" + name + "'"), { code: 'ERR_MODULE_NOT_FOUND' })
  return next(name, context)`,
)
const OF_TESTS = hook(
  `const isOurs = /\\\\/runtime\\\\/telemetry\\\\//.test(context.parentURL)
  return next(name, isOurs ? { ...context, parentURL: '${import.meta.url}' } : context)`,
)

describe('OpenTelemetry', () => {
  let folder: string
  before(() => {
    folder = temporaryFolder()
    writeFileSync(join(folder, 'none.mjs'), NONE)
    writeFileSync(join(folder, 'tests.mjs'), OF_TESTS)
  })
  after(() => removeFolder(folder))

  const withHook = (name: string): Record<string, string> => ({
    NODE_OPTIONS: `--import=${pathToFileURL(join(folder, name))}`,
  })

  async function serves(endpoint: string, module: string, isSaid: RegExp): Promise<string> {
    const port = await freePort()
    const more = `admin.enableServer=false\nringkeeper.otlpEndpoint=${endpoint}\nringkeeper.otlpIntervalMs=${INTERVAL_MS}\n`
    const child = start(SERVER, [writeConfig(folder, port, more)], withHook(module))
    const said = text(child.stdout)
    try {
      await until('it is said', () => isSaid.test(said()))
      const client = new Client({ servers: `127.0.0.1:${port}` })
      ok((await client.exists('/')) !== null)
      await client.close()
      return said()
    } finally {
      child.kill('SIGKILL')
    }
  }

  test('without its packages a server says what to install, and serves', async () => {
    const said = await serves('http://127.0.0.1:4318', 'none.mjs', /no OpenTelemetry/)
    match(said, /npm install @opentelemetry\/api .*Cannot find package/)
  })

  test('with them the collector gets metrics again and again', async () => {
    const paths: string[] = []
    const collector = createServer(async (request, response) => {
      paths.push(`${request.url} ${/"znode_count"/.test(await textOf(request))}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    }).listen(0, '127.0.0.1')
    try {
      await until('the collector listens', () => collector.listening)
      const { port } = collector.address() as AddressInfo
      await serves(`http://127.0.0.1:${port}/`, 'tests.mjs', /the collector takes what it is sent/)
      strictEqual(paths[0], '/v1/metrics true')
    } finally {
      collector.close()
      collector.closeAllConnections()
    }
  })

  test('an address that is none stops the start', async () => {
    const configuration = writeConfig(
      folder,
      await freePort(),
      'ringkeeper.otlpEndpoint=localhost:4318\n',
    )
    const { code, err } = await run(SERVER, [configuration], {})
    strictEqual(code, INVOCATION)
    match(err, /ringkeeper\.otlpEndpoint.*must be a URL that begins with http:\/\/ or https:\/\//)
  })
})
