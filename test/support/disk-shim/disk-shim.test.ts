// Each fault of the disk, felt by a program that does as the log does.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { run } from '../foreign.ts'
import { removeFolder, temporaryFolder } from '../own-server.ts'
import { until } from '../until.ts'
import { type DiskFault, DiskFaults, shimSkip } from './disk-shim.ts'

/** Writes a line to the file and syncs it, then says how that went. */
const WRITER = `
  const fs = require('node:fs')
  const said = []
  const attempt = (name, act) => {
    try { said.push([name, act() ?? 'done']) } catch (error) { said.push([name, error.code]) }
  }
  const [path] = process.argv.slice(1)
  let fd = -1
  attempt('open', () => { fd = fs.openSync(path, 'w+'); return 'done' })
  const bytes = Buffer.from('0123456789')
  attempt('write', () => fs.writeSync(fd, bytes, 0, bytes.length, 0))
  attempt('write', () => fs.writeSync(fd, bytes, 0, bytes.length, 10))
  attempt('sync', () => fs.fdatasyncSync(fd))
  attempt('sync', () => fs.fsyncSync(fd))
  attempt('read', () => fs.readSync(fd, Buffer.alloc(4), 0, 4, 0))
  attempt('truncate', () => fs.ftruncateSync(fd, 5))
  attempt('rename', () => fs.renameSync(path, path + '.b'))
  console.log(JSON.stringify(said))
`
const WELL = {
  open: ['done'],
  write: [10, 10],
  sync: ['done', 'done'],
  read: [4],
  truncate: ['done'],
  rename: ['done'],
}

type Said = Readonly<Record<string, readonly (string | number)[]>>

describe('a disk with faults', { skip: shimSkip }, () => {
  let folder = ''
  let faults: DiskFaults

  before(async () => {
    folder = temporaryFolder()
    faults = await DiskFaults.prepare(folder)
  })

  after(() => removeFolder(folder))

  async function written(...rules: readonly DiskFault[]): Promise<Said> {
    faults.set(...rules)
    const env = Object.entries(faults.environment).map(([name, value]) => `${name}=${value}`)
    const file = join(folder, 'log.1')
    const args = [...env, process.execPath, '-e', WRITER, file]
    const { out, err } = await run('env', args)
    ok(out !== '', err)
    rmSync(`${file}.b`, { force: true })
    const said: Record<string, (string | number)[]> = {}
    for (const [name, result] of JSON.parse(out) as [string, string | number][]) {
      said[name] ??= []
      said[name].push(result)
    }
    return said
  }

  it('is an ordinary disk without a rule, and with rules for other paths', async () => {
    deepStrictEqual(await written(), WELL)
    const other = { call: 'sync', path: 'snapshot.', what: 'error', code: 'EIO' } as const
    deepStrictEqual(await written(other), WELL)
    ok(!faults.isFelt())
  })

  for (const call of ['open', 'read', 'write', 'sync', 'truncate', 'rename'] as const) {
    it(`refuses to ${call}`, async () => {
      const said = await written({ call, path: 'log.1', what: 'error', code: 'EIO' })
      strictEqual(said[call]?.[0], 'EIO')
      ok(faults.isFelt())
    })
  }

  it('is full after so many writes, for so many', async () => {
    const full = { call: 'write', path: 'log.', what: 'error', code: 'ENOSPC' } as const
    deepStrictEqual((await written({ ...full, after: 1 }))['write'], [10, 'ENOSPC'])
    deepStrictEqual((await written({ ...full, times: 1 }))['write'], ['ENOSPC', 10])
  })

  it('takes a part of a write; node writes the rest', async () => {
    const short = { call: 'write', path: 'log.', what: 'short', bytes: 3, after: 1 } as const
    deepStrictEqual((await written(short))['write'], [10, 10])
    const full = { call: 'write', path: 'log.', what: 'error', code: 'ENOSPC', after: 1 } as const
    deepStrictEqual((await written({ ...short, times: 1 }, full))['write'], [10, 3])
  })

  it('delays a sync by so long', async () => {
    const began = performance.now()
    const delay = { call: 'sync', path: 'log.', what: 'delay', ms: 300, times: 1 } as const
    deepStrictEqual(await written(delay), WELL)
    ok(performance.now() - began >= 300)
  })

  it('hangs until the rule is gone', async () => {
    faults.set({ call: 'sync', path: 'log.', what: 'hang' })
    const file = join(folder, 'log.1')
    const env = { ...process.env, ...faults.environment }
    const child: ChildProcess = spawn(process.execPath, ['-e', WRITER, file], { env })
    await until('it hangs', 30_000, () => faults.isFelt())
    strictEqual(child.exitCode, null)
    faults.clear()
    deepStrictEqual(await once(child, 'exit'), [0, null])
  })
})
