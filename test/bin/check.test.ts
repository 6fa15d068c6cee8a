// ringkeeper check: what it says of configurations, data folders and running servers, and its exit codes.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sortedLogs, sortedSnapshots } from '../../actors/log/files/file-names.ts'
import { effectOf } from '../../bin/check/configuration.ts'
import { Client } from '../../client/client.ts'
import { ChildServer } from '../support/own-server.ts'
import { type Ended, run } from './launch.ts'

describe('ringkeeper check', () => {
  const root = mkdtempSync(join(tmpdir(), 'ringkeeper-check-'))
  after(() => rmSync(root, { recursive: true, force: true }))

  const check = (...args: string[]): Promise<Ended> => run('dist/bin/check.js', args)

  describe('a configuration', () => {
    /** Lines of a zoo.cfg, what must be said of them, and the exit code. */
    const MEMBERS = ['server.1=127.0.0.1:1:2', 'server.2=127.0.0.1:3:4', 'server.3=127.0.0.1:5:6']
    const TIMES = ['tickTime=2000', 'initLimit=10', 'syncLimit=5']
    const CASES: readonly (readonly [string, readonly string[], RegExp, number])[] = [
      ['nothing wrong', [...TIMES, ...MEMBERS], /Nothing dangerous was found/, 0],
      ['a bad value', ['tickTime=x'], /STOPS: .*tickTime=x: must be/, 2],
      ['a misspelt key', ['maxClientCnxn=3'], /DANGER: .*did you mean maxClientCnxns/, 1],
      ['two voters', [...TIMES, ...MEMBERS.slice(0, 2)], /DANGER: 2 voters survive no more/, 1],
      [
        'a name',
        [...TIMES, ...MEMBERS.slice(0, 2), 'server.3=no.invalid:5:6'],
        /DANGER: server\.3: no\.invalid does not resolve/,
        1,
      ],
      [
        'the same port twice',
        [...TIMES, ...MEMBERS.slice(0, 2), 'server.3=127.0.0.1:1:6'],
        /DANGER: server\.1 and server\.3 both have 127\.0\.0\.1:1/,
        1,
      ],
      ['short ticks', ['tickTime=100'], /DANGER: tickTime=100: .* 200 ms ends sessions/, 1],
      [
        'short limits',
        ['tickTime=2000', 'initLimit=2', 'syncLimit=1', ...MEMBERS],
        /DANGER: initLimit=2(.*\n)*DANGER: syncLimit=1/,
        1,
      ],
      ['no purge', ['autopurge.purgeInterval=0'], /DANGER: autopurge\.purgeInterval is 0/, 1],
      ['no access lists', ['skipACL=yes'], /DANGER: skipACL=yes: everybody/, 1],
      ['a secret', ['ssl.keyStore.password=sesame'], /^(?![\s\S]*sesame)/, 0],
    ]
    for (const [what, lines, expected, code] of CASES) {
      test(what, async () => {
        const folder = mkdtempSync(join(root, 'configuration-'))
        mkdirSync(join(folder, 'data'))
        writeFileSync(join(folder, 'data', 'myid'), '1')
        const path = join(folder, 'zoo.cfg')
        const all = [`dataDir=${join(folder, 'data')}`, 'clientPort=0', 'autopurge.purgeInterval=1']
        writeFileSync(path, [...all, ...lines].join('\n'))
        const { code: found, out } = await check(path)
        match(out, expected)
        // The disk of whoever runs this may be nearly full.
        if (!/nearly full/.test(out)) strictEqual(found, code, out)
      })
    }

    test('settings beside the file', async () => {
      const path = join(mkdtempSync(join(root, 'beside-')), 'zoo.cfg')
      writeFileSync(path, `dataDir=${root}/none\nclientPort=0\n`)
      const { out } = await check('-Djute.maxbuffer=100000000', path)
      match(out, /DANGER: jute\.maxbuffer=100000000/)
    })

    test('what each key does, here and in ZooKeeper', () => {
      match(effectOf('tickTime'), /^Milliseconds/)
      match(effectOf('ringkeeper.silenceMs'), /in ZooKeeper nothing: it is Ringkeeper's own$/)
      match(effectOf('server.1'), /members/)
      match(
        effectOf('netty.advancedFlowControl.enabled'),
        /^nothing here; in ZooKeeper it tunes threads/,
      )
      match(effectOf('jute.maxbuffer'), /a system property, which the file cannot reach$/)
      match(effectOf('frob'), /^nothing here; in ZooKeeper a system property/)
    })
  })

  describe('a data folder', () => {
    const data = join(root, 'data')
    before(async () => {
      mkdirSync(data)
      const server = await ChildServer.start(data, { snapCount: 20, purge: false })
      const client = new Client({ servers: server.address })
      for (let i = 0; i < 100; i++) await client.create(`/node-${i}`, Buffer.from('some data'))
      await client.close()
      await server.kill()
    })

    function changed(change: (folder: string) => void): string {
      const folder = mkdtempSync(join(root, 'changed-'))
      cpSync(data, folder, { recursive: true })
      change(join(folder, 'version-2'))
      return folder
    }
    function flip(path: string, at: number): void {
      const bytes = readFileSync(path)
      bytes[at < 0 ? bytes.length + at : at]! ^= 1
      writeFileSync(path, bytes)
    }
    const logs = (folder: string) => sortedLogs(readdirSync(folder)).filter(({ zxid }) => zxid > 0)

    test('that is whole', async () => {
      const before = readdirSync(join(data, 'version-2'))
      const { code, out } = await check(data)
      strictEqual(code, 0, out)
      match(out, /snapshot\.[0-9a-f]+: \d+ nodes, \d+ bytes, sound/)
      match(out, /a start finds 0x[0-9a-f]+: snapshot\.[0-9a-f]+, and \d+ transactions/)
      deepStrictEqual(readdirSync(join(data, 'version-2')), before)
    })

    test('with a damaged snapshot', async () => {
      const folder = changed((path) => {
        flip(join(path, sortedSnapshots(readdirSync(path))[0]!.name), -40)
      })
      const { code, out } = await check(folder)
      match(out, /DANGER: .*the checksum at its end does not match/)
      match(out, /note: a start passes over snapshot\./)
      ok(code === 1 || code === 2, out)
    })

    test('with damage within the last log', async () => {
      const folder = changed((path) => flip(join(path, logs(path).at(-1)!.name), 60))
      const { code, out } = await check(folder)
      match(
        out,
        /DANGER: log\.[0-9a-f]+ at offset \d+: damaged, and a whole entry follows at|STOPS: /,
      )
      // The server was killed: its mark may not have heard of these entries, and a start cuts them.
      ok(code === 1 || code === 2, out)
    })

    test('without a log in the middle', async () => {
      const folder = changed((path) => rmSync(join(path, logs(path).at(1)!.name)))
      const { out } = await check(folder)
      match(
        out,
        /DANGER: log\.[0-9a-f]+ at offset 16: 0x[0-9a-f]+ stands after 0x[0-9a-f]+: a hole in the log/,
      )
    })

    test('with epochs that cannot be', async () => {
      const folder = changed((path) => {
        writeFileSync(join(path, 'acceptedEpoch'), '3')
        writeFileSync(join(path, 'currentEpoch'), '5')
      })
      const { code, out } = await check(folder)
      match(out, /STOPS: acceptedEpoch 3 is less than currentEpoch 5/)
      strictEqual(code, 2)
    })

    test('with the folders swapped', async () => {
      const folder = mkdtempSync(join(root, 'swapped-'))
      for (const name of ['data', 'log'])
        mkdirSync(join(folder, name, 'version-2'), { recursive: true })
      for (const name of readdirSync(join(data, 'version-2'))) {
        const to = name.startsWith('snapshot.') ? 'log' : 'data'
        cpSync(join(data, 'version-2', name), join(folder, to, 'version-2', name))
      }
      const { code, out } = await check('--log', join(folder, 'log'), join(folder, 'data'))
      match(out, /STOPS: .* are in the other's folder/)
      strictEqual(code, 2)
    })
  })

  describe('running servers', () => {
    const servers: Server[] = []
    after(() => {
      for (const server of servers) server.close()
    })

    /** A server that answers the words so. */
    function double(words: Readonly<Record<string, string>>): Promise<string> {
      return new Promise((resolve) => {
        const server = createServer((socket) => {
          socket.once('data', (word) => socket.end(words[String(word)] ?? ''))
          socket.on('error', () => undefined)
        })
        servers.push(server)
        server.listen(0, '127.0.0.1', () => {
          const address = server.address()
          resolve(`127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
        })
      })
    }
    const srvr = (mode: string, zxid: string): string =>
      `Zookeeper version: 3.9.5-x, built on y\nZxid: ${zxid}\nMode: ${mode}\n`

    test('that agree', async () => {
      const conf = 'tickTime=2000\nserver.1=a\n'
      const all = await Promise.all(
        ['leader', 'follower', 'follower'].map((mode) =>
          double({ srvr: srvr(mode, '0x100000005'), conf }),
        ),
      )
      const { code, out } = await check(all.join(','))
      strictEqual(code, 0, out)
      match(out, /: leader, 0x100000005, 3\.9\.5-x\n/)
    })

    test('that do not', async () => {
      const all = await Promise.all([
        double({ srvr: srvr('leader', '0x200000005'), conf: 'tickTime=2000\nserver.1=a\n' }),
        double({ srvr: srvr('leader', '0x100000005'), conf: 'tickTime=3000\nserver.1=b\n' }),
        double({ srvr: srvr('standalone', '0x200000005') }),
        double({ srvr: 'This ZooKeeper instance is not currently serving requests\n' }),
      ])
      const { code, out } = await check(`${all.join(',')},127.0.0.1:1`)
      strictEqual(code, 2)
      match(out, /STOPS: .* both lead/)
      match(out, /STOPS: .*: standalone, beside others/)
      match(out, /STOPS: .* serves nobody: "This ZooKeeper instance/)
      match(out, /STOPS: 127\.0\.0\.1:1 does not answer: /)
      match(out, /DANGER: tickTime differs: .* 2000, .* 3000/)
      match(out, /DANGER: the servers do not agree on who the members are/)
      match(out, /DANGER: .* has 0x100000005, and another has 0x200000005/)
    })

    test('a real one, as JSON', async () => {
      const folder = mkdtempSync(join(root, 'real-'))
      const server = await ChildServer.start(folder, {})
      const { out } = await check('--json', server.address)
      await server.kill()
      const { facts, findings } = JSON.parse(out)
      ok(Array.isArray(facts) && Array.isArray(findings), out)
    })
  })

  test('what is wrong with a command line', async () => {
    for (const args of [[], ['--frob'], ['a', 'b']]) strictEqual((await check(...args)).code, 2)
    strictEqual((await check('--help')).code, 0)
    match((await check('nowhere')).out, /STOPS: nowhere: there is no such file or folder/)
  })
})
