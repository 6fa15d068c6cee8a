// bin/zkServer.sh, the launcher: what it prints, its exit codes, its files.

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  notStrictEqual,
  ok,
  strictEqual,
  throws,
} from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { MAIN_CLASS } from '../../bin/process-title.ts'
import { freePort } from '../../perf/ensemble/ports.ts'
import { OPENSSL_MISSING, TestCa } from '../support/test-ca.ts'
import {
  type Ended,
  type Env,
  ROOT,
  removeFolder,
  run,
  start,
  temporaryFolder,
  text,
  until,
  writeConfig,
} from './launch.ts'

const SCRIPT = 'bin/zkServer.sh'

describe('zkServer.sh', () => {
  let folder: string
  let port: number
  let config: string
  const zkServer = (...args: readonly string[]): Promise<Ended> =>
    run(SCRIPT, args, { ZOO_LOG_DIR: join(folder, 'logs') })
  const pidFile = (): string => join(folder, 'data', 'zookeeper_server.pid')

  before(async () => {
    folder = temporaryFolder()
    port = await freePort()
    config = writeConfig(folder, port)
  })
  after(async () => {
    await zkServer('stop', config)
    removeFolder(folder)
  })

  test('from start to stop', async () => {
    const none = await zkServer('status', config)
    strictEqual(none.code, 1)
    match(none.out, /Error contacting service\. It is probably not running\./)

    const started = await zkServer('start', config)
    strictEqual(started.code, 0, started.out + started.err)
    strictEqual(started.out, 'Starting zookeeper ... STARTED\n')
    const pid = Number(readFileSync(pidFile(), 'utf8'))
    ok(process.kill(pid, 0))
    const title = `ringkeeper ${MAIN_CLASS} ${config}`
    strictEqual(spawnSync('ps', ['-o', 'args=', String(pid)]).stdout.toString(), `${title}\n`)

    const status = await zkServer('status', config)
    strictEqual(status.code, 0)
    match(status.err, new RegExp(`Using config: ${config}`))
    const found = `Client port found: ${port}. Client address: 127.0.0.1. Client SSL: false.`
    strictEqual(status.out, `${found}\nMode: standalone\n`)

    const again = await zkServer('start', config)
    strictEqual(again.code, 1)
    match(again.out, new RegExp(`already running as process ${pid}\\.`))

    strictEqual((await zkServer('restart', config)).code, 0)
    notStrictEqual(Number(readFileSync(pidFile(), 'utf8')), pid)

    const stopped = await zkServer('stop', config)
    strictEqual(stopped.code, 0)
    strictEqual(stopped.out, 'Stopping zookeeper ... STOPPED\n')
    strictEqual(existsSync(pidFile()), false)
    match((await zkServer('stop', config)).out, /no zookeeper to stop \(could not find file/)
  })

  test('a member starts before there is anybody to lead it', async () => {
    const data = join(folder, 'member')
    mkdirSync(data)
    writeFileSync(join(data, 'myid'), '1')
    const servers = [1, 2, 3].map(async (id) => {
      return `server.${id}=127.0.0.1:${await freePort()}:${await freePort()}`
    })
    const path = join(data, 'zoo.cfg')
    const lines = [
      `dataDir=${data}`,
      `clientPort=${await freePort()}`,
      'initLimit=5',
      'syncLimit=5',
      'admin.enableServer=false',
      ...(await Promise.all(servers)),
    ]
    writeFileSync(path, lines.join('\n'))
    const started = await zkServer('--config', data, 'start', path)
    deepStrictEqual([started.code, started.out], [0, 'Starting zookeeper ... STARTED\n'])
    const [name = ''] = readdirSync(join(folder, 'logs'))
    const log = readFileSync(join(folder, 'logs', name), 'utf8')
    match(log, /"msg":"listening for clients"/)
    doesNotMatch(log, /serving clients/)
    strictEqual((await zkServer('stop', path)).code, 0)
  })

  test('neither Ctrl-C nor the end of the terminal that started it ends it', async () => {
    const shell = spawn('bash', [join(ROOT, SCRIPT), 'start', config], {
      detached: true,
      env: { ...process.env, ZOO_LOG_DIR: join(folder, 'logs') },
      stdio: 'ignore',
    })
    strictEqual((await once(shell, 'exit'))[0], 0)
    const pid = Number(readFileSync(pidFile(), 'utf8'))
    for (const signal of ['SIGINT', 'SIGHUP'] as const) {
      throws(() => process.kill(-(shell.pid ?? 0), signal), { code: 'ESRCH' })
    }
    process.kill(pid, 'SIGHUP')
    match((await zkServer('status', config)).out, /Mode: standalone/)
    strictEqual((await zkServer('stop', config)).code, 0)
  })

  test('a server that cannot start: its exit code and its last words', async () => {
    const bad = writeConfig(join(folder), port, 'syncLimit=lots')
    const ended = await zkServer('start', bad)
    writeConfig(folder, port)
    strictEqual(ended.code, 2)
    match(ended.out, /FAILED TO START/)
    match(ended.err, /syncLimit=lots: must be a whole number/)
    strictEqual(existsSync(pidFile()), false)
  })

  test('no room for the process id: nothing runs on', async () => {
    const occupied = join(folder, 'occupied')
    mkdirSync(occupied)
    const ended = await run(SCRIPT, ['--config', folder, 'start', config], {
      ZOO_LOG_DIR: join(folder, 'logs'),
      ZOOPIDFILE: occupied,
    })
    strictEqual(ended.code, 1)
    match(ended.out, /FAILED TO WRITE PID/)
    // The folder is free for another.
    strictEqual((await zkServer('start', config)).code, 0)
    strictEqual((await zkServer('stop', config)).code, 0)
  })

  test('stop leaves a process alone that only has the old server’s id', async () => {
    mkdirSync(dirname(pidFile()), { recursive: true })
    writeFileSync(pidFile(), String(process.pid))
    strictEqual((await zkServer('stop', config)).out, 'Stopping zookeeper ... STOPPED\n')
  })

  test('start-foreground is the server, with the script’s own process id', async () => {
    const data = join(folder, 'data')
    const child = start(SCRIPT, ['start-foreground', '-Dzookeeper.snapCount=9', config])
    const log = text(child.stdout)
    await until('it serves', () => log().includes('serving clients') || child.exitCode !== null)
    strictEqual(readFileSync(join(data, 'ringkeeper.lock'), 'utf8').trim(), String(child.pid))
    child.kill('SIGTERM')
    strictEqual((await once(child, 'exit'))[0], 0)
  })

  test('--config, ZOOCFGDIR, ZOOCFG and a link to the script', async () => {
    const link = join(folder, 'zkServer.sh')
    symlinkSync(join(ROOT, SCRIPT), link)
    const printed = (args: readonly string[], env: Env = {}): Promise<string> =>
      printedBy(SCRIPT, args, env)
    const tail = new RegExp(`dist/bin/server\\.js" "${MAIN_CLASS}" "${config}" \n$`)
    match(await printed(['--config', folder, 'print-cmd']), tail)
    match(await printed(['print-cmd'], { ZOOCFGDIR: folder }), tail)
    match(await printed(['print-cmd', config]), tail)
    const other = await printed(['print-cmd'], { ZOOCFGDIR: folder, ZOOCFG: 'other.cfg' })
    match(other, /other\.cfg" \n$/)
    match(await printed(['print-cmd', '-Da=b', config]), /"-Da=b" "/)
    match(await printedBy(link, ['print-cmd', config]), tail)
  })

  test('the version, a wrong verb, no configuration', async () => {
    match((await zkServer('version')).out, /ZooKeeper version: 3\.9\.\d+-ringkeeper-/)
    const wrong = await zkServer('begin')
    strictEqual(wrong.code, 2)
    match(wrong.err, /Usage: .*start\|start-foreground\|stop/)
    const missing = await zkServer('start', join(folder, 'none.cfg'))
    strictEqual(missing.code, 2)
    match(missing.err, /There is no configuration/)
  })

  describe('status finds where clients connect', () => {
    const MODE = 'Zookeeper version: 0\nMode: observer\nNode count: 5\n'
    let member: Server
    let at: number
    before(async () => {
      member = createServer((socket) => socket.once('data', () => socket.end(MODE)))
      member.listen(0, '127.0.0.1')
      await once(member, 'listening')
      at = (member.address() as AddressInfo).port
    })
    after(() => member.close())

    type Case = readonly [
      name: string,
      myid: string,
      lines: (port: number) => string,
      dynamic?: string,
    ]
    const two = (first: string): string => `server.2=b:1:2;2\nserver.12=c:1:2:observer;${first}\n`
    const CASES: readonly Case[] = [
      ['clientPort', '', (port) => `clientPort=${port}`],
      [
        'clientPort, and lines that do not say',
        '1',
        (port) => `clientPort=${port}\nserver.1=a:1:2`,
      ],
      ['a single line and no myid', '', (port) => `server.1=a:1:2;${port}`],
      ['its own line', '12', (port) => two(String(port))],
      ['its own line with an address', '12\n', (port) => two(`127.0.0.1:${port}`)],
      ['its own line with any address', '12', (port) => two(`0.0.0.0:${port}`)],
      ['its own line, which counts more', '12', (port) => `clientPort=1\n${two(String(port))}`],
      ['the dynamic configuration', '12', (port) => two(String(port)), 'dynamic'],
    ]
    for (const [name, myid, lines, dynamic] of CASES) {
      test(name, async () => {
        const data = join(folder, 'status')
        mkdirSync(data, { recursive: true })
        writeFileSync(join(data, 'myid'), myid)
        const other = join(data, 'members')
        writeFileSync(other, lines(at))
        const path = join(data, 'zoo.cfg')
        const more = dynamic === undefined ? lines(at) : `dynamicConfigFile=${other}`
        writeFileSync(path, `dataDir=${data}\n${more}\n`)
        const { code, out } = await zkServer('status', path)
        match(out, new RegExp(`^Client port found: ${at}\\. .*\\nMode: observer\\n$`))
        strictEqual(code, 0)
      })
    }

    test('secureClientPort, over TLS', { skip: OPENSSL_MISSING }, async () => {
      const ca = new TestCa()
      const holder = ca.issue('server', { names: 'DNS:localhost' })
      const pem = readFileSync(holder.both)
      const server = createTlsServer({ key: pem, cert: pem }, (socket) => {
        socket.once('data', () => socket.end(MODE))
      })
      try {
        server.listen(0, 'localhost')
        await once(server, 'listening')
        const { port: secure } = server.address() as AddressInfo
        const path = join(folder, 'secure.cfg')
        writeFileSync(path, `dataDir=${folder}\nsecureClientPort=${secure}\n`)
        const CLIENT_JVMFLAGS = `-Dzookeeper.ssl.trustStore.location=${ca.root}`
        const { code, out } = await run(SCRIPT, ['status', path], { CLIENT_JVMFLAGS })
        match(
          out,
          new RegExp(`^Client port found: ${secure}\\. .* SSL: true\\.\nMode: observer\n$`),
        )
        strictEqual(code, 0)
        const stranger = await zkServer('status', path)
        match(stranger.err, /nobody whom we trust signed the server's certificate/)
        strictEqual(stranger.code, 1)
      } finally {
        server.close()
        ca.remove()
      }
    })

    test('or says that it does not', async () => {
      const path = join(folder, 'lines.cfg')
      writeFileSync(path, `dataDir=${folder}\n${two(String(at))}`)
      const { code, out } = await zkServer('status', path)
      strictEqual(code, 1)
      strictEqual(out, 'Client port not found in the server configs\n')
    })
  })

  test('datadir autocreate can be switched off', async () => {
    const env = { ZOO_DATADIR_AUTOCREATE_DISABLE: '1' }
    const printed = await run(SCRIPT, ['print-cmd', config], env)
    match(printed.out, /"-Dzookeeper\.datadir\.autocreate=false"/)
  })
})

async function printedBy(script: string, args: readonly string[], env: Env = {}): Promise<string> {
  return (await run(script, args, env)).out
}
