// The server as a process in surroundings that fail: its own log cannot be written, its terminal is
// gone, signals come that are not for it, file descriptors run out, its data is removed.

import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict'
import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { modeOf } from '../../bin/launcher/probe.ts'
import { Client } from '../../client/client.ts'
import { freePort } from '../../perf/ensemble/ports.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { rawSocket } from '../hostile/hostile.ts'
import { DiskFaults, shimSkip } from '../support/disk-shim/disk-shim.ts'
import { until as untilWithin } from '../support/until.ts'
import {
  ask,
  type Env,
  ROOT,
  removeFolder,
  start,
  temporaryFolder,
  text,
  writeConfig,
} from './launch.ts'
import { threadReports } from './thread-reports.ts'

const SERVER = 'dist/bin/server.js'
const READY_MS_MAX = 60_000

describe('in surroundings that fail', () => {
  let folder: string
  let port: number
  let child: ChildProcess | null = null
  before(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await end('SIGKILL')
    removeFolder(join(folder, 'data'))
  })
  after(() => removeFolder(folder))

  async function serving(
    stdio: StdioOptions,
    more: string = '',
    env: Env = {},
  ): Promise<ChildProcess> {
    port = await freePort()
    const config = writeConfig(folder, port, `4lw.commands.whitelist=*\n${more}`)
    child = start(SERVER, [config], env, stdio)
    return child
  }

  async function served(log: () => string = () => ''): Promise<void> {
    await untilWithin('it serves', READY_MS_MAX, async () => {
      strictEqual(child?.exitCode, null, log())
      return (await modeOf('127.0.0.1', port)) !== null
    })
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child
    child = null
    if (ending === null || ending.signalCode !== null) return null
    if (ending.exitCode !== null) return ending.exitCode
    const gone = once(ending, 'exit')
    ending.kill(signal)
    return (await gone)[0]
  }

  async function metric(name: string): Promise<number> {
    const line = new RegExp(`^zk_${name}\\t(.*)$`, 'm').exec(await ask(port, 'mntr'))
    return Number(line?.[1])
  }

  const withoutDevice = existsSync('/dev/full') ? false : 'there is no /dev/full'
  test('a full disk under its log, and under its errors', { skip: withoutDevice }, async () => {
    const full = openSync('/dev/full', 'w')
    await serving(['ignore', full, full])
    closeSync(full)
    await served()
    strictEqual((await metric('ringkeeper_lost_log_lines')) > 0, true)
    strictEqual(await end('SIGTERM'), 0)
  })

  test('a pipe whose reader sleeps', async () => {
    const { pid } = await serving(['ignore', 'pipe', 'pipe'])
    await served()
    await untilWithin('more than the pipe and we hold', READY_MS_MAX, async () => {
      process.kill(pid!, 'SIGQUIT')
      return (await metric('ringkeeper_lost_log_lines')) > 0
    })
    strictEqual(await end('SIGTERM'), 0)
  })

  test('a pipe that nobody reads any more', async () => {
    const { stdout, stderr } = await serving(['ignore', 'pipe', 'pipe'])
    stdout?.destroy()
    stderr?.destroy()
    await served()
    strictEqual((await metric('ringkeeper_lost_log_lines')) > 0, true)
    strictEqual(await end('SIGTERM'), 0)
  })

  const withoutScript = spawnSync('script', ['--version']).status === 0 ? false : 'no script(1)'
  test('its terminal is gone', { skip: withoutScript }, async () => {
    port = await freePort()
    const config = writeConfig(folder, port, '4lw.commands.whitelist=*')
    const command = `exec ${process.execPath} ${join(ROOT, SERVER)} ${config}`
    const terminal = spawn('script', ['-qc', command, join(folder, 'typescript')], {
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    const served = async (): Promise<boolean> => (await modeOf('127.0.0.1', port)) !== null
    await untilWithin('it serves', READY_MS_MAX, served)
    const pid = Number(readFileSync(join(folder, 'data', 'ringkeeper.lock'), 'utf8'))
    try {
      const gone = once(terminal, 'exit')
      terminal.kill('SIGKILL')
      await gone
      await untilWithin('a line is lost', READY_MS_MAX, async () => {
        process.kill(pid, 'SIGQUIT')
        return (await metric('ringkeeper_lost_log_lines')) > 0
      })
    } finally {
      process.kill(pid, 'SIGTERM')
    }
    await untilWithin('it has stopped', READY_MS_MAX, async () => !(await served()))
  })

  /** With so many file descriptors. */
  async function limited(count: number, more: string = ''): Promise<ChildProcess> {
    port = await freePort()
    const lines = `4lw.commands.whitelist=*\nmaxClientCnxns=0\n${more}`
    const config = writeConfig(folder, port, lines)
    const command = `ulimit -n ${count}; exec "$0" "$@"`
    child = spawn('bash', ['-c', command, process.execPath, join(ROOT, SERVER), config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return child
  }

  for (const count of [30, 40, 64, 100]) {
    test(`${count} file descriptors are too few to start with`, async () => {
      const { stdout, stderr } = await limited(count)
      const [log, errors] = [text(stdout), text(stderr)]
      strictEqual((await once(child!, 'close'))[0], 1)
      match(log(), new RegExp(`may have ${count} file descriptors .* a server needs 160 `))
      strictEqual(errors(), '')
    })
  }

  test('more clients than file descriptors: some are refused, and the rest served', async () => {
    const { stdout } = await limited(256)
    const log = text(stdout)
    await served(log)
    const sockets = await Promise.all(Array.from({ length: 768 }, () => rawSocket(port)))
    await untilWithin('the others are refused', READY_MS_MAX, () => {
      return sockets.filter(({ closed }) => closed).length >= 768 - 128
    })
    match(log(), /"reason":"too-few-descriptors"/)
    const [first, second] = sockets.filter(({ closed }) => !closed)
    first!.destroy()
    second!.destroy()
    await served()
    // The log opens its first file, and a worker starts for the snapshot.
    const client = new Client({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 20_000 })
    await client.create('/a', null)
    await client.close()
    match(await ask(port, 'mntr'), /^zk_connection_rejected\t6[0-9][0-9]$/m)
    strictEqual(await end('SIGTERM'), 0)
  })

  test('strangers at the ports for peers leave enough for clients and the log', async () => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'myid'), '1')
    const lines = await member()
    const { stdout } = await limited(256, lines)
    const log = text(stdout)
    await served(log)
    const [quorumPort, electionPort] = /:(\d+):(\d+)$/.exec(lines)!.slice(1).map(Number)
    const ports = Array.from({ length: 300 }, () => [quorumPort!, electionPort!, port]).flat()
    const sockets = await Promise.all(ports.map(rawSocket))
    await untilWithin('most are refused', READY_MS_MAX, () => {
      return sockets.filter(({ closed }) => closed).length >= ports.length - 128
    })
    sockets.find(({ closed }, i) => ports[i] === port && !closed)!.destroy()
    await served(log)
    const client = new Client({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 20_000 })
    await client.create('/a', null)
    await client.close()
    strictEqual(await end('SIGTERM'), 0, log())
  })

  const member = async (): Promise<string> => {
    const line = `server.1=127.0.0.1:${await freePort()}:${await freePort()}`
    return `standaloneEnabled=false\ninitLimit=5\nsyncLimit=5\n${line}`
  }
  const REMOVED: readonly (readonly [string, (data: string) => void, RegExp])[] = [
    ['removed', (data) => removeAll(data), /(version-2|ringkeeper\.lock) was removed, renamed or/],
    ['renamed', (data) => renameSync(data, `${data}.old`), /version-2 was removed, renamed or/],
    [
      'rid of its log',
      (data) => rmSync(join(data, 'version-2/log.1')),
      /log\.1, which is being written, was removed/,
    ],
    ['unlocked', (data) => rmSync(join(data, 'ringkeeper.lock')), /\.lock was removed, renamed or/],
  ]
  for (const [what, remove, expected] of REMOVED) {
    test(`a data folder that is ${what} while it runs`, async () => {
      const { stdout } = await serving(['ignore', 'pipe', 'pipe'])
      const log = text(stdout)
      await served(log)
      const client = new Client({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 20_000 })
      await client.create('/a', null)
      client.connection.abandon()
      const gone = once(child!, 'exit')
      remove(join(folder, 'data'))
      strictEqual((await gone)[0], 3)
      match(log(), expected)
      match(log(), /put the data back before the next start/)
    })
  }

  test('the same of a member without a leader', async () => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'myid'), '1')
    const other = `server.2=127.0.0.1:${await freePort()}:${await freePort()}`
    const { stdout } = await serving(['ignore', 'pipe', 'pipe'], `${await member()}\n${other}`)
    const log = text(stdout)
    await untilWithin('it looks', READY_MS_MAX, () => {
      strictEqual(child?.exitCode, null, log())
      return log().includes('log-recovered')
    })
    const gone = once(child!, 'exit')
    removeAll(join(folder, 'data'))
    strictEqual((await gone)[0], 3)
    match(log(), /(version-2|ringkeeper\.lock) was removed, renamed or replaced/)
  })

  test('no room for the lock: exit code 3, and why', { skip: shimSkip }, async () => {
    const faults = await DiskFaults.prepare(folder)
    faults.set({ call: 'write', path: 'ringkeeper.lock', what: 'error', code: 'ENOSPC' })
    const { stdout } = await serving(['ignore', 'pipe', 'ignore'], '', faults.environment)
    const log = text(stdout)
    strictEqual((await once(child!, 'close'))[0], 3)
    match(log(), /Cannot use the data folder .*: ENOSPC/)
  })

  test('a disk that hangs does not keep it from ending', { skip: shimSkip }, async () => {
    const faults = await DiskFaults.prepare(folder)
    await serving(['ignore', 'ignore', 'ignore'], '', faults.environment)
    await served()
    faults.set({ call: 'sync', path: 'version-2/log.', what: 'hang' })
    const client = new Client({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 20_000 })
    const lost = rejects(client.create('/a', null))
    await untilWithin('it hangs', READY_MS_MAX, () => faults.isFelt())
    const gone = once(child!, 'exit')
    child!.kill('SIGTERM')
    await untilWithin('it stops', READY_MS_MAX, async () => !(await isListening(port)))
    child!.kill('SIGTERM')
    deepStrictEqual(await gone, [null, 'SIGKILL'])
    client.connection.abandon()
    await lost
  })

  const STRAY: readonly (readonly [string, string, RegExp])[] = [
    ['an error that nobody catches', 'throw new Error("stray")', /"message":"stray"/],
    ['a promise that nobody awaits', 'Promise.reject(new Error("stray"))', /"message":"stray"/],
    ['a thread that just ends', 'globalThis.end()', /the thread of election has ended/],
  ]
  for (const [name, code, expected] of STRAY) {
    test(`${name}: the last words are in the log, exit code 1`, async () => {
      const hook = join(folder, 'hook.cjs')
      writeFileSync(
        hook,
        `const { isMainThread, workerData, BroadcastChannel } = require('node:worker_threads')
        const channel = new BroadcastChannel('end')
        channel.unref()
        globalThis.end = () => channel.postMessage('')
        if (isMainThread) process.on('SIGWINCH', () => { ${code} })
        else if (workerData?.actor === 'election') channel.onmessage = () => process.exit(0)`,
      )
      mkdirSync(join(folder, 'data'))
      writeFileSync(join(folder, 'data', 'myid'), '1')
      const env = { NODE_OPTIONS: `--require ${hook}` }
      const { stdout, pid } = await serving(['ignore', 'pipe', 'ignore'], await member(), env)
      const log = text(stdout)
      await served(log)
      const gone = once(child!, 'close')
      process.kill(pid!, 'SIGWINCH')
      strictEqual((await gone)[0], 1)
      match(log(), expected)
      match(log(), /"level":60.*the server cannot go on/)
    })
  }

  test('a clock that jumps by an hour, and back again, expires no session', async () => {
    const [hook, jumped] = [join(folder, 'hook.cjs'), join(folder, 'jumped')]
    writeFileSync(
      hook,
      `const { existsSync } = require('node:fs')
      const now = Date.now
      Date.now = () => now() + (existsSync(${JSON.stringify(jumped)}) ? 3_600_000 : 0)`,
    )
    const env = { NODE_OPTIONS: `--require ${hook}` }
    await serving(['ignore', 'ignore', 'ignore'], 'tickTime=100', env)
    await served()
    const client = new Client({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 2000 })
    await client.create('/mine', null, { mode: CreateMode.ephemeral })
    const { id } = client.connection.session
    for (const jump of [() => writeFileSync(jumped, ''), () => rmSync(jumped)]) {
      jump()
      const { mtime } = await client.set('/mine', null)
      strictEqual(Number(mtime) > Date.now() + 1_800_000, existsSync(jumped))
      const turns = await metric('ringkeeper_sessions_turns')
      await untilWithin('sessions looks for those that have expired', READY_MS_MAX, async () => {
        return (await metric('ringkeeper_sessions_turns')) > turns + 5
      })
      strictEqual(client.connection.session.id, id)
      strictEqual(await metric('stale_sessions_expired'), 0)
    }
    await client.close()
    strictEqual(await end('SIGTERM'), 0)
  })

  const THREADS = ['network', 'tree', 'zab', 'log', 'sessions', 'watches']
  const KINDS = [
    ['a server on its own', async () => '', THREADS],
    ['a member', member, [...THREADS, 'election']],
  ] as const
  for (const [name, lines, threads] of KINDS) {
    test(`signals that are not for it, and SIGQUIT's report of ${name}`, async () => {
      mkdirSync(join(folder, 'data'))
      writeFileSync(join(folder, 'data', 'myid'), '1')
      const { pid, stdout, stderr } = await serving(['ignore', 'pipe', 'pipe'], await lines())
      const [log, errors] = [text(stdout), text(stderr)]
      await served(log)
      for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGQUIT'] as const) {
        process.kill(pid!, signal)
      }
      await untilWithin('all have reported', READY_MS_MAX, () => {
        return threadReports(log()).length === threads.length
      })
      deepStrictEqual(
        threadReports(log()).map(({ thread }) => thread),
        threads,
      )
      if (threads.length > THREADS.length) {
        match(log(), /"listening for clients".*"mode":"leader","msg":"serving clients"/s)
      }
      match(log(), /"residentMiB":\d+.*"msg":"process report"/)
      for (const { thread, state, is } of threadReports(log())) {
        match(is, /^(awake|parked|in its event loop)$/)
        if (thread !== 'network') match(state, new RegExp(`^${thread}.*; heap \\d+ MiB$`))
      }
      await served()
      strictEqual(errors(), '', 'no debugger listens')
      strictEqual(await end('SIGTERM'), 0)
    })
  }
})

/** The server may just put another file there. */
function removeAll(folder: string): void {
  const TRIES = 10
  for (let tries = 1; existsSync(folder); tries++) {
    try {
      rmSync(folder, { recursive: true })
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
