// bin/server.ts as a process: exit codes, signals, one server a data folder.

import { doesNotMatch, match, strictEqual } from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { freePort } from '../../perf/ensemble/ports.ts'
import {
  ask,
  ROOT,
  removeFolder,
  run,
  start,
  temporaryFolder,
  text,
  until,
  writeConfig,
} from './launch.ts'

const SERVER = 'dist/bin/server.js'

describe('the server as a process', () => {
  let folder: string
  before(() => {
    folder = temporaryFolder()
  })
  beforeEach(() => rmSync(join(folder, 'data'), { recursive: true, force: true }))
  after(() => removeFolder(folder))

  async function serving(config: string): Promise<{ child: ChildProcess; log: () => string }> {
    const child = start(SERVER, [config])
    const log = text(child.stdout)
    await until('it serves', () => log().includes('serving clients') || child.exitCode !== null)
    strictEqual(child.exitCode, null, log())
    return { child, log }
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    const exit = once(child, 'exit') as Promise<[number | null]>
    child.kill(signal)
    return (await exit)[0]
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} stops it cleanly`, async () => {
      const { child, log } = await serving(writeConfig(folder, 0))
      strictEqual(await end(child, signal), 0)
      match(log(), /binding to port 127\.0\.0\.1:0/)
      match(log(), /"msg":"stopped"/)
    })
  }

  test('a signal while it starts stops it cleanly too', async () => {
    const child = start(SERVER, [writeConfig(folder, 0)])
    const log = text(child.stdout)
    await until('it begins', () => log().includes('binding to port'))
    strictEqual(await end(child, 'SIGTERM'), 0, log())
  })

  test('a member without a client port stands until it is stopped', async () => {
    const config = join(folder, 'no-port.cfg')
    const lines: string[] = []
    for (const id of [1, 2, 3]) {
      lines.push(`server.${id}=127.0.0.1:${await freePort()}:${await freePort()}`)
    }
    const data = join(folder, 'data')
    mkdirSync(data, { recursive: true })
    writeFileSync(join(data, 'myid'), '1')
    const own = ['initLimit=5', 'syncLimit=5', `dataDir=${data}`, 'admin.enableServer=false']
    writeFileSync(config, [...own, ...lines].join('\n'))
    const child = start(SERVER, [config])
    const log = text(child.stdout)
    await until('it stands', () => log().includes('not listening for clients') || hasEnded(child))
    strictEqual(await end(child, 'SIGTERM'), 0, log())
  })

  test('a bad configuration: exit code 2, nothing started, nothing written', async () => {
    const ended = await run(SERVER, [writeConfig(folder, 0, 'syncLimit=many')])
    strictEqual(ended.code, 2)
    match(ended.err, /zoo\.cfg:5: syncLimit=many: must be a whole number/)
    match(ended.err, /Invalid config, exiting abnormally/)
    strictEqual(existsSync(join(folder, 'data')), false)
  })

  test('no arguments: exit code 2 and the usage', async () => {
    const ended = await run(SERVER, [])
    strictEqual(ended.code, 2)
    match(ended.err, /Usage: server/)
  })

  test('a second server on the folder is refused, and the first serves on', async () => {
    const { child } = await serving(writeConfig(folder, 0))
    const second = await run(SERVER, [writeConfig(folder, 0)])
    strictEqual(second.code, 3)
    match(second.out, new RegExp(`is in use by another server \\(process ${child.pid}\\)`))
    strictEqual(await end(child, 'SIGTERM'), 0)
  })

  test('two servers that share only the log’s folder are refused as well', async () => {
    const { child } = await serving(writeConfig(folder, 0))
    const other = join(folder, 'other')
    mkdirSync(other)
    const config = writeConfig(other, 0, `dataLogDir=${join(folder, 'data')}`)
    strictEqual((await run(SERVER, [config])).code, 3)
    strictEqual(await end(child, 'SIGTERM'), 0)
  })

  test('after kill -9 the folder is free without anybody’s help', async () => {
    const first = await serving(writeConfig(folder, 0))
    await end(first.child, 'SIGKILL')
    const { child } = await serving(writeConfig(folder, 0))
    strictEqual(await end(child, 'SIGTERM'), 0)
  })

  test('a port that is taken: exit code 1 and which', async () => {
    const port = await freePort()
    const { child } = await serving(writeConfig(folder, port))
    const other = temporaryFolder()
    const ended = await run(SERVER, [writeConfig(other, port)])
    strictEqual(ended.code, 1)
    const problem = new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}`)
    match(ended.out, problem)
    const why = await run('bin/zkWhy.sh', ['--dir', join(other, 'data')])
    match(why.out, new RegExp(`it could not go on: ${problem.source}`))
    removeFolder(other)
    strictEqual(await end(child, 'SIGTERM'), 0)
  })

  test('an address for clients that does not resolve: exit code 2 and which', async () => {
    const config = writeConfig(folder, 0, 'clientPortAddress=nowhere.invalid')
    const ended = await run(SERVER, [config])
    strictEqual(ended.code, 2, ended.out)
    match(ended.out, /cannot listen on nowhere\.invalid:0: getaddrinfo \w+ nowhere\.invalid/)
    doesNotMatch(ended.out, /stack| at /)
  })

  test('a data folder that is a file: exit code 3', async () => {
    writeFileSync(join(folder, 'data'), '')
    const ended = await run(SERVER, [writeConfig(folder, 0)])
    strictEqual(ended.code, 3)
    match(ended.out, /Cannot use the data folder/)
  })

  test('datadir.autocreate=false and no folder: exit code 3, and none made', async () => {
    const ended = await run(SERVER, [writeConfig(folder, 0, 'datadir.autocreate=false')])
    strictEqual(ended.code, 3)
    strictEqual(existsSync(join(folder, 'data')), false)
  })

  test('secrets are not in the log', async () => {
    const secret = 'DigestAuthenticationProvider.superDigest=super:sesame\nssl.password=sesame'
    const { child, log } = await serving(writeConfig(folder, 0, secret))
    strictEqual(await end(child, 'SIGTERM'), 0)
    doesNotMatch(log(), /sesame/)
  })

  test('a server that npm start has started ends when npm start does', async () => {
    const child = fork(join(ROOT, SERVER), [writeConfig(folder, 0)], { silent: true, execArgv: [] })
    const log = text(child.stdout)
    await until('it serves', () => log().includes('serving clients') || hasEnded(child))
    const exit = once(child, 'exit')
    child.disconnect()
    strictEqual((await exit)[0], 0, log())
    match(log(), /"msg":"stopped"/)
  })

  test('npm start -- --servers 1: a server of its own, and how to reach it', async () => {
    const data = join(folder, 'data')
    const args = ['start', '--servers', '1', '--port', '0', '--data', data]
    const child = start('bin/bootstrap.mjs', args)
    const out = text(child.stdout)
    await until('it says how to connect', () => out().includes('zkCli.sh') || hasEnded(child))
    const port = Number(/zkCli\.sh -server 127\.0\.0\.1:(\d+)/.exec(out())?.[1])
    match(await ask(port, 'srvr'), /Mode: standalone/)
    strictEqual(await end(child, 'SIGINT'), 0)
  })
})

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
