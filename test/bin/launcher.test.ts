// npm start: its arguments, the folders it writes, the lines it shows, and how it starts, watches
// and stops servers (which are stood for by test/bin/fake-member.ts).

import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { helpOf, NPM_START, parseStart, type StartRequest } from '../../bin/launcher/arguments.ts'
import { type Prepared, prepareEnsemble, zooCfg } from '../../bin/launcher/ensemble-folder.ts'
import { Launcher } from '../../bin/launcher/launcher.ts'
import { type LineDetail, LogLines } from '../../bin/launcher/log-lines.ts'
import { takenPorts } from '../../bin/launcher/probe.ts'
import { freePort } from '../../perf/ensemble/ports.ts'
import { removeFolder, run, temporaryFolder, until } from './launch.ts'

const FAKE = fileURLToPath(new URL('./fake-member.js', import.meta.url))

describe('the arguments', () => {
  const CASES: readonly (readonly [string, Partial<StartRequest>])[] = [
    ['', { servers: 3, port: null, data: 'data/ensemble', verbose: false }],
    ['--servers 1', { servers: 1, data: 'data/standalone' }],
    ['--servers 1 --port 0', { port: 0 }],
    ['--port 0 --json', { port: 0, json: true }],
    ['--servers 5 --verbose', { servers: 5, verbose: true }],
    ['--port 3000 --data /x', { port: 3000, data: '/x' }],
  ]
  for (const [text, expected] of CASES) {
    test(`"${text}"`, () => {
      const request = parseStart(text === '' ? [] : text.split(' ')) as StartRequest
      for (const [name, value] of Object.entries(expected)) {
        strictEqual(request[name as keyof StartRequest], value, name)
      }
    })
  }

  const WRONG: readonly (readonly [string, RegExp])[] = [
    ['--servers 0', /--servers 0: must be a number from 1 to 9/],
    ['--servers 10', /must be a number from 1 to 9/],
    ['--servers x', /must be/],
    ['--port 63827', /--port 63827: must be a number from 0 to 63826, so that the ports behind it/],
    ['--servers 1 --port 65536', /--port 65536: must be a number from 0 to 65535$/],
    ['--port', /--port/],
    ['--data=', /--data: must name a folder/],
    ['--frob', /--frob/],
    ['2181', /2181/],
  ]
  for (const [text, expected] of WRONG) {
    test(`"${text}"`, () => {
      const parsed = parseStart(text.split(' '))
      ok(typeof parsed === 'object' && 'problem' in parsed)
      match(parsed.problem, expected)
    })
  }

  test('--help, and what is wrong, without starting anything', async () => {
    const help = await run('dist/bin/start.js', ['--help'])
    deepStrictEqual([help.code, help.out], [0, helpOf(NPM_START)])
    const wrong = await run('dist/bin/start.js', ['--servers', '0'])
    strictEqual(wrong.code, 2)
    match(wrong.err, /^--servers 0: must be .*\nnpm start -- --help lists the options\.\n$/)
  })
})

describe('the lines that are shown', () => {
  const shown = (detail: LineDetail, ...chunks: readonly string[]): string[] => {
    const lines: string[] = []
    const log = new LogLines(2, detail, (line) => lines.push(line))
    for (const chunk of chunks) log.feed(chunk)
    log.end()
    return lines
  }
  const INFO = '{"level":30,"time":"t","msg":"binding to port"}\n'

  test('warnings, errors, and who leads', () => {
    deepStrictEqual(shown('matters', INFO), [])
    const warn = '{"level":40,"time":"t","ms":5,"who":"a b","msg":"slow"}\n'
    deepStrictEqual(shown('matters', warn), ['[2] warn: slow ms=5 who=a b'])
    const led = '{"level":30,"time":"t","epoch":1,"msg":"leading"}\n'
    deepStrictEqual(shown('matters', led), ['[2] info: leading epoch=1'])
    const event = '{"level":30,"time":"t","event":"following","leader":3}\n'
    deepStrictEqual(shown('matters', event), ['[2] info: following leader=3'])
    const error = '{"level":60,"err":{"message":"m","stack":"Error: m"},"msg":"cannot"}\n'
    deepStrictEqual(shown('matters', error), ['[2] fatal: cannot err=Error: m'])
  })
  test('everything', () =>
    deepStrictEqual(shown('everything', INFO), ['[2] info: binding to port']))
  test('lines come in pieces, and the last one without an end', () => {
    const pieces = [...'{"level":50,"msg":"a"}\r\n\nlast'].map(String)
    deepStrictEqual(shown('matters', ...pieces), ['[2] error: a', '[2] last'])
  })
  test('what is no record is shown as it is', () => {
    for (const line of ['Error: x', '{"level":', '{}', '[1]', '{"a":1}']) {
      deepStrictEqual(shown('matters', `${line}\n`), [`[2] ${line}`])
    }
  })
  test('a line without end is shown in pieces', () => {
    const lines = shown('matters', 'x'.repeat(100_000))
    strictEqual(lines.length, 7)
    strictEqual(lines.join('').replaceAll('[2] ', '').length, 100_000)
  })
})

interface Started {
  readonly launcher: Launcher
  readonly said: string[]
  readonly ended: () => boolean
  readonly hasLeader: Promise<boolean>
}

describe('an ensemble', () => {
  let folder: string
  let data: string
  let port: number
  const launchers: Launcher[] = []

  beforeEach(async () => {
    folder = temporaryFolder()
    data = join(folder, 'data')
    port = await portsFor(3)
  })
  afterEach(async () => {
    for (const launcher of launchers.splice(0)) await launcher.stop()
    removeFolder(folder)
  })

  const request = (more: Partial<StartRequest> = {}): StartRequest => ({
    servers: 3,
    port,
    data,
    verbose: false,
    json: false,
    ...more,
  })

  function launch(prepared: Prepared, env: Readonly<Record<string, string>>): Started {
    const said: string[] = []
    let ended = false
    Object.assign(process.env, { FAKE_LEADER: '', FAKE_FAILURE: '' }, env)
    const launcher = new Launcher({
      members: prepared.members,
      command: [process.execPath, FAKE],
      detail: 'matters',
      say: (line) => said.push(line),
      onAllEnded: () => {
        ended = true
      },
    })
    launchers.push(launcher)
    return { launcher, said, ended: () => ended, hasLeader: launcher.start() }
  }

  test('its folders are written once, and then read', () => {
    const prepared = prepareEnsemble(request())
    strictEqual(prepared.isNew, true)
    deepStrictEqual(
      prepared.members.map(({ id, clientHost, clientPort }) => [id, clientHost, clientPort]),
      [1, 2, 3].map((id) => [id, '127.0.0.1', port + id - 1]),
    )
    deepStrictEqual(
      prepared.members[1]?.ports.map((each) => [each.port - port, each.purpose]),
      [
        [1, 'clients'],
        [708, 'followers'],
        [1708, 'votes'],
      ],
    )
    strictEqual(readFileSync(join(data, '2', 'myid'), 'utf8'), '2\n')
    const path = join(data, '2', 'zoo.cfg')
    strictEqual(prepared.members[1]?.configuration, path)
    const text = readFileSync(path, 'utf8')
    strictEqual(text, zooCfg(join(data, '2'), 2, 3, port))
    match(zooCfg('/d', 1, 3, 2181), /^server\.3=127\.0\.0\.1:2890:3890;127\.0\.0\.1:2183$/m)

    const edited = text.replace('tickTime=2000', 'tickTime=1000')
    writeFileSync(path, edited)
    strictEqual(prepareEnsemble(request({ port: null })).isNew, false)
    strictEqual(readFileSync(path, 'utf8'), edited)
  })

  test('a folder that does not fit is left alone', () => {
    prepareEnsemble(request())
    throws(
      () => prepareEnsemble(request({ servers: 5 })),
      /of 3 servers, and --servers 5.*\n.*--data/,
    )
    strictEqual(existsSync(join(data, '4')), false)
    throws(() => prepareEnsemble(request({ port: port + 1 })), /says \d+\.\nChange the ports/)
    writeFileSync(join(data, '2', 'myid'), '3\n')
    throws(() => prepareEnsemble(request()), /2\/zoo\.cfg: its myid says 3, and the folder says 2/)
    rmSync(join(data, '2', 'myid'))
    throws(() => prepareEnsemble(request()), /2\/myid: is missing: it must hold this server's id/)
    writeFileSync(join(data, '2', 'zoo.cfg'), `dataDir=${data}\nclientPort=1\n`)
    throws(() => prepareEnsemble(request()), /is a standalone server's/)
  })

  test('a folder that is a file, and a backslash in its name', () => {
    writeFileSync(data, '')
    throws(() => prepareEnsemble(request()), /ENOTDIR/)
    const odd = join(folder, 'back\\slash')
    strictEqual(prepareEnsemble(request({ data: odd })).members.length, 3)
  })

  test('a port that is in use is said before anything starts', async () => {
    const prepared = prepareEnsemble(request())
    deepStrictEqual(await takenPorts(prepared.members), [])
    const other = createServer().listen(port + 1708, '127.0.0.1')
    await once(other, 'listening')
    const ended = await run('dist/bin/start.js', ['--data', data])
    other.close()
    strictEqual(ended.code, 1)
    match(ended.err, new RegExp(`^Port ${port + 1708} \\(server 2, for votes; .*is in use`))
    match(ended.err, /Nothing was started/)
    strictEqual(ended.out, '')
  })

  test('who leads is said, and who ends', async () => {
    const { launcher, said, hasLeader } = launch(prepareEnsemble(request()), { FAKE_LEADER: '2' })
    strictEqual(await hasLeader, true)
    strictEqual(said.at(-1), 'server 2 leads; with it: 1 (follower), 3 (follower)')
    deepStrictEqual(
      said.slice(0, -1).sort(),
      [1, 2, 3].map((id) => `[${id}] warn: slow disk ms=${id}`),
    )
    const pid = launcher.pids.get(3) ?? 0
    ok(pid > 0)
    process.kill(pid, 'SIGKILL')
    await until('it is said', () => said.some((line) => line.startsWith('server 3')))
    strictEqual(
      said.at(-1),
      `server 3 (process ${pid}) ended with SIGKILL; the others go on. To start it again:\n` +
        `  bin/zkServer.sh start-foreground ${join(data, '3', 'zoo.cfg')}`,
    )
    process.kill(launcher.pids.get(1) ?? 0, 'SIGKILL')
    await until('that is said too', () => said.some((line) => line.startsWith('server 1')))
    match(said.at(-1) ?? '', /; only 1 of 3 left, which is no majority: no client is served\./)
    const last = launcher.pids.get(2) ?? 0
    await launcher.stop()
    throws(() => process.kill(last, 0))
    strictEqual(said.filter((line) => line.startsWith('server 2 (')).length, 0)
  })

  test('servers that all end before there is a leader', async () => {
    const { launcher, said, ended } = launch(prepareEnsemble(request()), { FAKE_FAILURE: '1' })
    await until('one has ended', () => said.some((line) => line.includes('exit code 7')))
    ok(said.includes('[1] no disk'))
    for (const pid of launcher.pids.values()) process.kill(pid, 'SIGKILL')
    await until('all have ended', ended)
    match(said.at(-1) ?? '', /ended with SIGKILL; no server is left$/)
    await launcher.stop()
  })
})

/** A first client port of which all ports of so many servers were free a moment ago. */
async function portsFor(servers: number): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port + 1707 + servers > 65_535) continue
    const host = '127.0.0.1'
    const offsets = Array.from({ length: servers }, (_, i) => [i, i + 707, i + 1707]).flat()
    const ports = offsets.map((offset) => ({ host, port: port + offset, purpose: '' }))
    const members = [{ id: 1, configuration: '', clientHost: host, clientPort: port, ports }]
    if ((await takenPorts(members)).length === 0) return port
  }
}
