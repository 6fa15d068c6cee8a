// The container's entry point in a root file system of its own, the stand-in for Java, and the word to systemd.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, afterEach, describe, test } from 'node:test'
import { watchdogMs } from '../../bin/launcher/systemd.ts'
import { freePort } from '../../perf/ensemble/ports.ts'
import { runs } from '../support/foreign.ts'
import { ask, ROOT, start, text, until, writeConfig } from './launch.ts'

const JAVA = join(ROOT, 'docker', 'bin', 'java')
const ENTRY = join(ROOT, 'docker', 'docker-entrypoint.sh')
const IMAGE: Readonly<Record<string, string>> = {
  ZOO_TICK_TIME: '2000',
  ZOO_INIT_LIMIT: '5',
  ZOO_SYNC_LIMIT: '2',
  ZOO_AUTOPURGE_PURGEINTERVAL: '0',
  ZOO_AUTOPURGE_SNAPRETAINCOUNT: '3',
  ZOO_MAX_CLIENT_CNXNS: '60',
  ZOO_STANDALONE_ENABLED: 'true',
  ZOO_ADMINSERVER_ENABLED: 'true',
}
const CLASSES = 'org.apache.zookeeper'

describe('containers and services', () => {
  const root = mkdtempSync(join(tmpdir(), 'ringkeeper-container-'))
  const children: ChildProcess[] = []
  afterEach(async () => {
    for (const child of children.splice(0)) await end(child)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  function environment(more: Readonly<Record<string, string>> = {}): {
    env: Record<string, string>
    conf: string
    data: string
  } {
    const place = mkdtempSync(join(root, 'volumes-'))
    const folder = (name: string): string => {
      mkdirSync(join(place, name))
      return join(place, name)
    }
    const [conf, data, log, logs] = ['conf', 'data', 'datalog', 'logs'].map(folder)
    const env = {
      ...IMAGE,
      PATH: `${join(ROOT, 'bin')}:${process.env['PATH']}`,
      ZOO_CONF_DIR: conf!,
      ZOO_DATA_DIR: data!,
      ZOO_DATA_LOG_DIR: log!,
      ZOO_LOG_DIR: logs!,
      ZOOCFGDIR: conf!,
      ...more,
    }
    return { env, conf: conf!, data: data! }
  }

  describe('the entry point', () => {
    test("writes zoo.cfg as the official image's does, line for line", () => {
      const { env, conf, data } = environment({
        ZOO_SERVERS: 'server.1=a:2888:3888;2181 server.2=b:2888:3888;2181',
        ZOO_MY_ID: '2',
        ZOO_4LW_COMMANDS_WHITELIST: 'srvr, mntr',
        ZOO_CFG_EXTRA: 'minSessionTimeout=5000 snapCount=1000',
      })
      strictEqual(spawnSync('bash', [ENTRY, 'true'], { env }).status, 0)
      deepStrictEqual(readFileSync(join(conf, 'zoo.cfg'), 'utf8').split('\n'), [
        `dataDir=${data}`,
        `dataLogDir=${env['ZOO_DATA_LOG_DIR']}`,
        'tickTime=2000',
        'initLimit=5',
        'syncLimit=2',
        'autopurge.snapRetainCount=3',
        'autopurge.purgeInterval=0',
        'maxClientCnxns=60',
        'standaloneEnabled=true',
        'admin.enableServer=true',
        'server.1=a:2888:3888;2181',
        'server.2=b:2888:3888;2181',
        '4lw.commands.whitelist=srvr, mntr',
        'minSessionTimeout=5000',
        'snapCount=1000',
        '',
      ])
      strictEqual(readFileSync(join(data, 'myid'), 'utf8'), '2\n')
    })

    test('leaves what is there', () => {
      const { env, conf, data } = environment({ ZOO_MY_ID: '2' })
      writeFileSync(join(conf, 'zoo.cfg'), 'mine')
      writeFileSync(join(data, 'myid'), '7')
      strictEqual(spawnSync('bash', [ENTRY, 'true'], { env }).status, 0)
      strictEqual(readFileSync(join(conf, 'zoo.cfg'), 'utf8'), 'mine')
      strictEqual(readFileSync(join(data, 'myid'), 'utf8'), '7')
    })

    const ownRoot = process.getuid?.() === 0 && runs('unshare', ['-m', 'true'])
    const skip = ownRoot ? false : 'only root may mount a root file system'
    test('serves as zookeeper from a root file system that is read-only', { skip }, async () => {
      const port = await freePort()
      const image = imageRoot(root)
      const env = {
        ...IMAGE,
        ZOO_ADMINSERVER_ENABLED: 'false',
        ZOO_CONF_DIR: '/conf',
        ZOO_DATA_DIR: '/data',
        ZOO_DATA_LOG_DIR: '/datalog',
        ZOO_LOG_DIR: '/logs',
        ZOOCFGDIR: '/conf',
        ZOO_SERVERS: `server.1=127.0.0.1:1:2;127.0.0.1:${port}`,
        PATH: '/zk/bin:/zk/docker/bin:/node:/usr/sbin:/usr/bin:/sbin:/bin',
      }
      const inside = (command: string): readonly string[] => [
        ...['-m', 'bash', '-c', mounts(image, command)],
      ]
      const child = spawn('unshare', inside('cd /zk && exec /entry zkServer.sh start-foreground'), {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.push(child)
      const [out, err] = [text(child.stdout), text(child.stderr)]
      await until('it serves', () => /serving clients/.test(out()) || child.exitCode !== null)
      match(out(), /serving clients/, out() + err())
      match(await ask(port, 'srvr'), /Mode: standalone/)
      const owner = statSync(join(image.volumes, 'data', 'version-2')).uid
      strictEqual(owner, 1000, 'its files belong to the user zookeeper')
      const run = (command: string): string => {
        const ended = spawnSync('unshare', inside(command), {
          env,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        return `${ended.stdout}${ended.stderr}exit ${ended.status}`
      }
      match(run('cd /zk && exec zkServer.sh status'), /Mode: standalone\n.*exit 0/s)
      match(
        run(`cd /zk && exec ./bin/zkCli.sh -server 127.0.0.1:${port} ls /`),
        /\[zookeeper\]\n.*exit 0/s,
      )
      match(run('touch /zk/written'), /Read-only file system/)
    })
  })

  describe('the stand-in for Java', () => {
    const java = (args: readonly string[], env: Readonly<Record<string, string>> = {}): string => {
      const ended = spawnSync('bash', [JAVA, ...args], {
        encoding: 'utf8',
        env: { ...process.env, ...env },
      })
      return `${ended.stdout}${ended.stderr}exit ${ended.status}`
    }

    test('-version, what it does not know, and tools', () => {
      match(java(['-version']), /openjdk version "17.*exit 0/s)
      match(java(['-cp', 'x', 'com.example.Main']), /com\.example\.Main is no main class .*exit 1/s)
      match(java(['-jar', 'zu.jar', 'add']), /zu\.jar cannot be run\nexit 1/)
      match(java([]), /no main class was given\nexit 1/)
      match(
        java(['-javaagent:a.jar', `${CLASSES}.version.VersionInfoMain`]),
        /-javaagent:a\.jar has no effect.*|Apache ZooKeeper, version 3\.9\.\S+ \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
      )
      match(java([`${CLASSES}.server.PurgeTxnLog`]), /^Usage:\nPurgeTxnLog dataLogDir.*exit 1$/s)
      match(
        java([`${CLASSES}.server.persistence.TxnLogToolkit`]),
        /^usage: TxnLogToolkit.*exit 1$/s,
      )
      match(java([`${CLASSES}.server.SnapshotFormatter`]), /^USAGE: SnapshotFormatter.*exit 2$/s)
      match(
        java([`${CLASSES}.server.SnapshotComparer`]),
        /^usage: .*Missing required options.*exit 2$/s,
      )
      match(java([`${CLASSES}.server.SnapshotRecursiveSummary`]), /^USAGE:.*exit 2$/s)
    })

    test('a server with its settings, the shell and a word', async () => {
      const folder = mkdtempSync(join(root, 'java-'))
      const port = await freePort()
      const config = writeConfig(folder, port)
      const flags = ['-Xmx1g', '-cp', 'lib/*:conf', '-Dzookeeper.snapCount=77', '-XX:+UseG1GC']
      const child = spawn('bash', [
        JAVA,
        ...flags,
        `${CLASSES}.server.quorum.QuorumPeerMain`,
        config,
      ])
      children.push(child)
      const out = text(child.stdout)
      await until('it serves', () => /serving clients/.test(out()) || child.exitCode !== null)
      match(out(), /serving clients/)
      const shell = [`${CLASSES}.ZooKeeperMain`, '-server', `127.0.0.1:${port}`]
      match(java(['-cp', 'x', ...shell, 'create', '/a', 'b']), /Created \/a\n.*exit 0/s)
      match(
        java([`${CLASSES}.client.FourLetterWordMain`, '127.0.0.1', `${port}`, 'srvr']),
        /Mode: standalone\n.*exit 0/s,
      )
    })
  })

  describe('systemd', () => {
    test('is told when clients can connect', { skip: notifySkip() }, async () => {
      const folder = mkdtempSync(join(root, 'systemd-'))
      const socket = join(folder, 'notify')
      const listener = spawn('python3', ['-c', LISTENER, socket])
      children.push(listener)
      const told = text(listener.stdout)
      await until('the listener listens', () => existsSync(socket))
      const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '300000' }
      const child = start('dist/bin/server.js', [writeConfig(folder, 0)], env)
      children.push(child)
      const out = text(child.stdout)
      await until('it is told', () => told() !== '' || child.exitCode !== null)
      match(told(), /^READY=1/)
      // And then again and again that it is alive.
      await until('the watchdog is fed', () => (told().match(/^WATCHDOG=1$/gm)?.length ?? 0) >= 3)
      match(out(), /serving clients/)
    })

    test('watches the process that it means', () => {
      const table: readonly (readonly [Record<string, string>, number | null])[] = [
        [{}, null],
        [{ WATCHDOG_USEC: '60000000' }, 60_000],
        [{ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, 60_000],
        [{ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }, null],
        [{ WATCHDOG_USEC: '0' }, null],
        [{ WATCHDOG_USEC: 'x' }, null],
      ]
      for (const [environment, expected] of table) {
        deepStrictEqual(watchdogMs(environment, 7), expected, JSON.stringify(environment))
      }
    })

    test('takes the unit', {
      skip: runs('systemd-analyze', ['--version']) ? false : 'systemd-analyze is not here',
    }, () => {
      const unit = readFileSync(join(ROOT, 'systemd', 'ringkeeper.service'), 'utf8')
      const path = join(mkdtempSync(join(root, 'unit-')), 'ringkeeper.service')
      // The program and the user need not exist here.
      const runnable = unit
        .replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true')
        .replace(/^(User|Group)=.*$/gm, '$1=root')
      writeFileSync(path, runnable)
      const ended = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' })
      const own = ended.stderr.split('\n').filter((line) => line.includes('ringkeeper.service'))
      deepStrictEqual(own, [])
      match(unit, /^RestartPreventExitStatus=2 3$/m)
    })
  })
})

const LISTENER = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
while True:
    print(listener.recv(4096).decode(), flush=True)
`

function notifySkip(): string | false {
  const here = runs('systemd-notify', ['--version']) && runs('python3', ['--version'])
  return here ? false : 'systemd-notify and python3 are not both here'
}

interface Image {
  readonly root: string
  readonly volumes: string
}

/** What the image has at its root, to be filled by mounts. */
function imageRoot(place: string): Image {
  const root = mkdtempSync(join(place, 'image-'))
  const volumes = mkdtempSync(join(place, 'image-volumes-'))
  chmodSync(place, 0o755)
  chmodSync(root, 0o755)
  chmodSync(volumes, 0o755)
  const folders = [
    'zk',
    'node',
    'etc',
    'proc',
    'dev',
    'usr',
    'conf',
    'data',
    'datalog',
    'logs',
    'tmp',
  ]
  for (const name of folders) mkdirSync(join(root, name))
  for (const name of ['conf', 'data', 'datalog', 'logs']) mkdirSync(join(volumes, name))
  // As the Dockerfile does.
  chownSync(join(volumes, 'conf'), 1000, 1000)
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    if (existsSync(`/usr/${name}`)) symlinkSync(`usr/${name}`, join(root, name))
  }
  writeFileSync(
    join(root, 'etc', 'passwd'),
    'root:x:0:0::/:/bin/sh\nzookeeper:x:1000:1000::/:/bin/sh\n',
  )
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nzookeeper:x:1000:\n')
  writeFileSync(join(root, 'entry'), readFileSync(ENTRY))
  chmodSync(join(root, 'entry'), 0o755)
  return { root, volumes }
}

/** Shell words that enter the image's root, read-only but for its volumes, and run the command there. */
function mounts({ root, volumes }: Image, command: string): string {
  const modules = dirname(join(ROOT, 'node_modules', 'pino'))
  const lines = [
    'set -e',
    `mount --bind ${root} ${root}`,
    `mount --rbind /usr ${root}/usr`,
    `mount --rbind /dev ${root}/dev`,
    `mount -t proc proc ${root}/proc || mount --rbind /proc ${root}/proc`,
    `mount --bind ${dirname(process.execPath)} ${root}/node`,
    `mount -t tmpfs tmpfs ${root}/zk`,
    // What the package has of bin/: the scripts.
    `mkdir ${root}/zk/bin`,
    `cp ${join(ROOT, 'bin')}/*.sh ${root}/zk/bin/`,
    ...['dist', 'docker', 'config', 'runtime'].flatMap((name) => [
      `mkdir ${root}/zk/${name}`,
      `mount --bind ${join(ROOT, name)} ${root}/zk/${name}`,
    ]),
    `mkdir ${root}/zk/node_modules`,
    `mount --bind "$(readlink -f ${modules})" ${root}/zk/node_modules`,
    `cp ${join(ROOT, 'package.json')} ${root}/zk/`,
    ...['conf', 'data', 'datalog', 'logs'].map(
      (name) => `mount --bind ${volumes}/${name} ${root}/${name}`,
    ),
    ...['zk', ''].map((name) => `mount -o remount,bind,ro ${root}/${name}`),
    `exec chroot ${root} /bin/bash -c '${command}'`,
  ]
  return lines.join('\n')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
