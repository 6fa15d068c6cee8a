// bin/zkServer-initialize.sh and zkCleanup.sh: folders of a new server, and whose files are removed.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { removeFolder, run, temporaryFolder } from './launch.ts'

const INITIALIZE = 'bin/zkServer-initialize.sh'

describe('zkServer-initialize.sh', () => {
  let folder = ''
  let config = ''
  beforeEach(() => {
    folder = temporaryFolder()
    config = join(folder, 'zoo.cfg')
    writeFileSync(
      config,
      `dataDir=${join(folder, 'a data')}\ndataLogDir=${join(folder, 'log')}\nserver.3=a:1:2\n`,
    )
  })
  afterEach(() => removeFolder(folder))

  test('makes the folders, myid and the file initialize; a second time only when forced', async () => {
    const made = await run(INITIALIZE, [`--configfile=${config}`, '--myid=3'])
    deepStrictEqual([made.code, made.out, made.err], [0, '', ''])
    strictEqual(readFileSync(join(folder, 'a data', 'myid'), 'utf8'), '3\n')
    strictEqual(readFileSync(join(folder, 'a data', 'initialize'), 'utf8'), '')
    strictEqual(existsSync(join(folder, 'log', 'version-2')), true)
    writeFileSync(join(folder, 'a data', 'version-2', 'snapshot.0'), '')
    const again = await run(INITIALIZE, [`--configfile=${config}`, '--myid=3'])
    strictEqual(again.code, 1)
    match(again.err, /already exists .*--force/)
    const forced = await run(INITIALIZE, [`--configfile=${config}`, '--force', '--myid=3'])
    strictEqual(forced.code, 0, forced.err)
    deepStrictEqual(readdirSync(join(folder, 'a data', 'version-2')), [])
  })

  test('refuses what makes no sense', async () => {
    for (const [args, problem] of [
      [['--frob'], /Unknown option: --frob/],
      [[`--configfile=${config}`, '--myid=x'], /usage: /],
      [['--configfile=/nowhere'], /Couldn't find configuration file: \/nowhere/],
    ] as const) {
      const { code, out, err } = await run(INITIALIZE, args)
      strictEqual(code, 1)
      match(out + err, problem)
    }
    strictEqual((await run(INITIALIZE, ['--help'])).code, 0)
  })

  test('zkCleanup.sh without folders takes those of the configuration', async () => {
    const [data, log] = [join(folder, 'a data', 'version-2'), join(folder, 'log', 'version-2')]
    mkdirSync(data, { recursive: true })
    mkdirSync(log, { recursive: true })
    // A plain snapshot is finished if it ends as one.
    const end = Buffer.from([0, 0, 0, 1, 0x2f])
    for (const zxid of ['1', '5', '9', 'd']) {
      writeFileSync(join(data, `snapshot.${zxid}`), Buffer.concat([Buffer.alloc(60), end]))
      writeFileSync(join(log, `log.${zxid}`), '')
    }
    const { code, out, err } = await run('bin/zkCleanup.sh', ['-n', '3'], {
      ZOOCFGDIR: folder,
    })
    strictEqual(code, 0, err)
    match(out, /^Removing file: .*\t.*snapshot\.1\nRemoving file: .*\t.*log\.1\n$/)
    deepStrictEqual(readdirSync(log).sort(), ['log.5', 'log.9', 'log.d'])
    deepStrictEqual(readdirSync(data).sort(), ['snapshot.5', 'snapshot.9', 'snapshot.d'])
  })
})
