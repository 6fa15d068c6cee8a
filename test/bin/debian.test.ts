// The Debian package, built by Debian's own tools and installed by dpkg into a scratch root: what is there, whose
// it is, that it serves; what an upgrade keeps, and what a removal leaves.

import { match, ok, strictEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runs } from '../support/foreign.ts'
import { ROOT, removeFolder, run, start, temporaryFolder, text, until } from './launch.ts'

const BUILD = join(ROOT, 'packaging', 'debian', 'build.sh')
const LOG_LINES = 1000

function skipped(): string | false {
  if (process.getuid?.() !== 0) return 'only root may install a package'
  for (const tool of ['dpkg', 'dpkg-deb', 'useradd']) {
    if (!runs('sh', ['-c', `command -v ${tool}`])) return `${tool} is not here`
  }
  return false
}

describe('the Debian package', { skip: skipped() }, () => {
  const folder = temporaryFolder()
  const root = join(folder, 'root')
  const share = join(root, 'usr', 'share', 'ringkeeper')
  let deb = ''
  let missing: string | false = false

  before(() => {
    const options = ['--silent', '--ignore-scripts', '--pack-destination', folder]
    strictEqual(spawnSync('npm', ['pack', ...options], { cwd: ROOT }).status, 0)
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
    const built = spawnSync(BUILD, [join(folder, tarball), folder], { encoding: 'utf8' })
    if (built.status !== 0) {
      missing = `it cannot be built: ${built.stderr.slice(0, 300)}`
      if (process.env['RINGKEEPER_REQUIRE_FOREIGN'] === '1') throw new Error(missing)
      return
    }
    deb = join(folder, readdirSync(folder).find((name) => name.endsWith('.deb')) ?? '')
    for (const path of ['etc', 'var/lib/dpkg/updates', 'var/lib/dpkg/info']) {
      mkdirSync(join(root, path), { recursive: true })
    }
    for (const file of ['passwd', 'group', 'shadow', 'gshadow']) {
      writeFileSync(join(root, 'etc', file), '')
    }
    writeFileSync(join(root, 'var/lib/dpkg/status'), '')
    dpkg('--install', deb)
  })
  after(() => removeFolder(folder))

  /** In the scratch root, which has no node and no shell. */
  function dpkg(...args: readonly string[]): string {
    const force = ['--force-depends', '--force-script-chrootless', '--force-confdef']
    const ended = spawnSync('dpkg', [`--root=${root}`, ...force, ...args], {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    strictEqual(ended.status, 0, `dpkg ${args.join(' ')}: ${ended.stdout}${ended.stderr}`)
    return ended.stdout
  }

  test('is installed, with a user, folders of its own and a unit that fits', (t) => {
    if (missing !== false) return t.skip(missing)
    match(dpkg('--status', 'ringkeeper'), /^Status: install ok installed$/m)
    const [, uid = ''] =
      /^zookeeper:[^:]*:(\d+):/m.exec(readFileSync(join(root, 'etc/passwd'), 'utf8')) ?? []
    for (const path of ['var/lib/zookeeper', 'var/log/zookeeper']) {
      const { uid: owner, mode } = statSync(join(root, path))
      strictEqual(`${owner} ${(mode & 0o777).toString(8)}`, `${uid} 750`, path)
    }
    const unit = readFileSync(join(root, 'lib/systemd/system/ringkeeper.service'), 'utf8')
    const [, program = '', config = ''] = /^ExecStart=(\S+) --config (\S+)/m.exec(unit) ?? []
    ok(existsSync(join(root, program)), unit)
    ok(existsSync(join(root, config, 'zoo.cfg')), unit)
    match(unit, /^WatchdogSec=\d+$/m)
    match(readFileSync(join(root, config, 'zoo.cfg'), 'utf8'), /^dataDir=\/var\/lib\/zookeeper$/m)
  })

  test('serves from where it is installed', async (t) => {
    if (missing !== false) return t.skip(missing)
    const data = join(folder, 'data')
    const server = start(
      join(root, 'usr/bin/ringkeeper'),
      ['--port', '0', '--json', '--data', data],
      {},
      ['pipe', 'pipe', 'pipe'],
    )
    const [out, err] = [text(server.stdout), text(server.stderr)]
    await until('it serves', () => out().includes('\n') || server.exitCode !== null)
    ok(out() !== '', err())
    const { connectString } = JSON.parse(out()) as { connectString: string }
    const shell = join(share, 'bin', 'zkCli.sh')
    const asked = await run(shell, ['-server', connectString, 'ls', '/'])
    match(asked.out, /\[zookeeper\]/, asked.err)
    const exit = once(server, 'exit')
    server.stdin?.end()
    strictEqual((await exit)[0], 0)
  })

  test('has its log rotated, while the server goes on writing', {
    skip: runs('logrotate', ['--version']) ? false : 'logrotate is not here',
  }, (t) => {
    if (missing !== false) return t.skip(missing)
    const logs = join(folder, 'logs')
    mkdirSync(logs)
    const log = join(logs, 'zookeeper.out')
    writeFileSync(log, 'line\n'.repeat(LOG_LINES))
    const rules = readFileSync(join(root, 'etc/logrotate.d/ringkeeper'), 'utf8')
    const own = rules.replace('/var/log/zookeeper', logs).replace(/^ *su .*\n/m, '')
    writeFileSync(join(folder, 'rules'), own)
    const ended = spawnSync('logrotate', ['-f', '-s', join(folder, 'state'), join(folder, 'rules')])
    strictEqual(ended.status, 0, String(ended.stderr))
    strictEqual(statSync(log).size, 0)
    strictEqual(readFileSync(`${log}.1`, 'utf8').split('\n').length, LOG_LINES + 1)
  })

  test('keeps the configuration when it is installed again, and the data when it is removed', (t) => {
    if (missing !== false) return t.skip(missing)
    const config = join(root, 'etc/ringkeeper/zoo.cfg')
    appendFileSync(config, 'maxClientCnxns=7\n')
    const kept = join(root, 'var/lib/zookeeper/kept')
    writeFileSync(kept, '')
    dpkg('--install', deb)
    match(readFileSync(config, 'utf8'), /^maxClientCnxns=7$/m)
    dpkg('--remove', 'ringkeeper')
    ok(!existsSync(share) && existsSync(config) && existsSync(kept))
  })
})
