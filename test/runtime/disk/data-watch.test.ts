// Whether the data is still where a restart would look for it: what others may remove from the folders
// of a running server, and what not.

import { strictEqual } from 'node:assert/strict'
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { NodeFiles } from '../../../runtime/disk/files.ts'
import { removeFolder, temporaryFolder } from '../../support/own-server.ts'

const FILES = ['log.1', 'log.100', 'log.200', 'snapshot.ff', 'snapshot.150', 'synced-mark'] as const

describe('the data of a running server', () => {
  let root: string
  let log: string
  let snapshots: string
  const lock = (): string => join(root, 'ringkeeper.lock')
  const put = (folder: string, name: string): void => writeFileSync(join(folder, name), '')
  const remove = (...names: string[]): void => {
    for (const name of names) rmSync(join(log, name), { recursive: true })
  }

  beforeEach(() => {
    root = temporaryFolder()
    log = join(root, 'version-2')
    snapshots = log
    mkdirSync(log)
    for (const name of FILES) put(log, name)
    writeFileSync(lock(), '')
  })
  afterEach(() => removeFolder(root))

  const CASES: readonly (readonly [string, (files: NodeFiles) => void, string | null])[] = [
    ['nothing', () => undefined, null],
    [
      'rm -rf of all',
      () => rmSync(root, { recursive: true }),
      'LOG was removed, renamed or replaced',
    ],
    [
      'a folder that was renamed',
      () => renameSync(log, `${log}.old`),
      'LOG was removed, renamed or replaced',
    ],
    [
      'a copy in its place',
      () => {
        renameSync(log, `${log}.old`)
        cpSync(`${log}.old`, log, { recursive: true })
      },
      'LOG was removed, renamed or replaced',
    ],
    [
      'a file in its place',
      () => {
        rmSync(log, { recursive: true })
        writeFileSync(log, '')
      },
      'LOG was removed, renamed or replaced',
    ],
    ['the newest log', () => remove('log.200'), 'LOG has lost log.200'],
    ['the log that the newest snapshot needs', () => remove('log.100'), 'LOG has lost log.100'],
    ['the newest snapshot', () => remove('snapshot.150'), 'LOG has lost snapshot.150'],
    ['older ones: somebody tidies up', () => remove('log.1', 'snapshot.ff'), null],
    ['new ones', () => ['log.300', 'snapshot.250'].map((name) => put(log, name)), null],
    ['what the server removes itself', (files) => files.remove('log', 'log.200'), null],
    [
      'what the server renames itself',
      (files) => files.rename('snapshot', 'snapshot.150', 'spare.snapshot'),
      null,
    ],
    [
      'a new log, which is being written',
      (files) => {
        files.open('log', 'log.300', 'write')
        remove('log.300')
      },
      'log.300, which is being written, was removed',
    ],
    [
      'one that began as a spare file',
      (files) => {
        files.open('log', 'spare.log', 'write')
        files.rename('log', 'spare.log', 'log.300')
        remove('log.300')
      },
      'log.300, which is being written, was removed',
    ],
    [
      'what nobody needs, although it is open',
      (files) => {
        for (const name of ['spare.log', 'purged.log.1', 'synced-mark']) {
          files.open('log', name, 'write')
          remove(name)
        }
      },
      null,
    ],
    [
      'a new log that the server itself has closed',
      (files) => {
        files.open('log', 'log.300', 'write').close()
        files.remove('log', 'log.300')
      },
      null,
    ],
    ['the lock', () => rmSync(lock()), 'LOCK was removed, renamed or replaced'],
  ]
  for (const [name, act, expected] of CASES) {
    test(name, () => {
      const files = new NodeFiles(log, snapshots)
      const watch = files.watch([lock()])
      strictEqual(watch.problem(), null)
      act(files)
      const problem = watch.problem()?.replace(log, 'LOG').replace(lock(), 'LOCK') ?? null
      strictEqual(problem, expected)
      if (expected === null) strictEqual(watch.problem(), null)
    })
  }

  test('each of two folders', () => {
    snapshots = join(root, 'snapshots')
    mkdirSync(snapshots)
    const watch = new NodeFiles(log, snapshots).watch([])
    put(snapshots, 'snapshot.220')
    strictEqual(watch.problem(), null)
    remove('log.100')
    strictEqual(watch.problem(), null)
    rmSync(join(snapshots, 'snapshot.220'))
    strictEqual(watch.problem(), `${snapshots} has lost snapshot.220`)
  })

  test('what changed within a tick of the clock after the last look is found at the next but one', () => {
    const watch = new NodeFiles(log, snapshots).watch([])
    strictEqual(watch.problem(), null)
    put(log, 'log.300')
    strictEqual(watch.problem(), null)
    remove('log.300')
    strictEqual(watch.problem(), `${log} has lost log.300`)
  })
})
