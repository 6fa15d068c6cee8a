// What a reconfiguration makes of zoo.cfg, and its files at any crash.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rewritten } from '../../config/rewritten.ts'
import { ConfigFiles, type ConfigFolder } from '../../runtime/disk/config-files.ts'

const DYNAMIC = { dynamicConfigFile: '/etc/zoo.cfg.dynamic.1', dropsClientPort: false }
const CURRENT = 'server.2=b:1:2:participant\nserver.1=a:1:2:participant;3\nversion=10000000a'

describe('zoo.cfg, rewritten', () => {
  test('keeps comments and everything that is not about members', () => {
    const text =
      '# who\ntickTime=1\nserver.1=a:1:2\n group.1 = 1\nweight.1=1\npeerType=observer\nx=y\n'
    strictEqual(
      rewritten(text, DYNAMIC),
      '# who\ntickTime=1\nx=y\ndynamicConfigFile=/etc/zoo.cfg.dynamic.1\n',
    )
  })

  test('a line that goes on for several goes with all of them', () => {
    strictEqual(
      rewritten('server.1=a:\\\n  1:2\nx=y\\\\\nserver.2=b:1:2', DYNAMIC),
      'x=y\\\\\ndynamicConfigFile=/etc/zoo.cfg.dynamic.1\n',
    )
  })

  test('clientPort goes if the server’s own line has it', () => {
    const text = 'clientPort=1\nclientPortAddress=h\nsecureClientPort=2\n'
    const gone = rewritten(text, { ...DYNAMIC, dropsClientPort: true })
    strictEqual(gone, 'secureClientPort=2\ndynamicConfigFile=/etc/zoo.cfg.dynamic.1\n')
  })
})

class Folder implements ConfigFolder {
  files: Map<string, string> = new Map([['zoo.cfg', 'clientPort=3\nserver.1=a:1:2\n']])
  left = Number.POSITIVE_INFINITY

  read(name: string): string {
    return this.files.get(name)!
  }

  has(name: string): boolean {
    return this.files.has(name)
  }

  replace(name: string, text: string): void {
    if (this.left-- <= 0) throw new Error('crash')
    this.files.set(name, text)
  }

  remove(name: string): void {
    if (this.left-- <= 0) throw new Error('crash')
    this.files.delete(name)
  }
}

describe('the files of a configuration', () => {
  test('are those of ZooKeeper', () => {
    const folder = new Folder()
    const files = new ConfigFiles(folder, '/etc/zoo.cfg', 1)
    files.backUp()
    files.save('next', CURRENT)
    strictEqual(
      folder.files.get('zoo.cfg.dynamic.next'),
      'server.1=a:1:2:participant;3\nserver.2=b:1:2:participant\nversion=10000000a',
    )
    files.save('current', CURRENT)
    deepStrictEqual(Object.fromEntries(folder.files), {
      'zoo.cfg': 'dynamicConfigFile=/etc/zoo.cfg.dynamic.10000000a\n',
      'zoo.cfg.bak': 'clientPort=3\nserver.1=a:1:2\n',
      'zoo.cfg.dynamic.10000000a': 'server.1=a:1:2:participant;3\nserver.2=b:1:2:participant',
    })
    files.backUp()
    strictEqual(folder.files.get('zoo.cfg.bak'), 'clientPort=3\nserver.1=a:1:2\n')
  })

  test('name only a file that is there, wherever writing ends, and are written again', () => {
    for (let left = 0; left < 4; left++) {
      const folder = new Folder()
      const files = new ConfigFiles(folder, '/etc/zoo.cfg', 1)
      folder.left = left
      try {
        files.save('next', CURRENT)
        files.save('current', CURRENT)
      } catch {}
      const named = /dynamicConfigFile=\/etc\/(.*)/.exec(folder.read('zoo.cfg'))?.[1]
      strictEqual(named === undefined || folder.has(named), true)
      folder.left = Number.POSITIVE_INFINITY
      files.save('current', CURRENT)
      deepStrictEqual([...folder.files.keys()].sort(), ['zoo.cfg', 'zoo.cfg.dynamic.10000000a'])
    }
  })
})
