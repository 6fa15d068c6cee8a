// Commands that are started together compile once: the launcher's lock, with a compiler that is a double.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../support/until.ts'

const WAIT_MS = 30_000
const BOOTSTRAP = fileURLToPath(new URL('../../../bin/bootstrap.mjs', import.meta.url))
/** Writes down each of its runs, compiles until the file `go` is there, and fails if `wrong` is there. */
const COMPILER = `
  const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require('node:fs')
  appendFileSync('runs', 'begun\\n')
  const poll = setInterval(() => {
    if (!existsSync('go')) return
    clearInterval(poll)
    if (existsSync('wrong')) process.exit(1)
    mkdirSync('dist/bin', { recursive: true })
    writeFileSync('dist/bin/server.js', '')
    appendFileSync('runs', 'done\\n')
  }, 10)
`

describe('bin/bootstrap.mjs build', () => {
  let root = ''
  const roots: string[] = []

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ringkeeper-bootstrap-'))
    roots.push(root)
    mkdirSync(join(root, 'bin'))
    copyFileSync(BOOTSTRAP, join(root, 'bin', 'bootstrap.mjs'))
    mkdirSync(join(root, 'packages', 'typescript', 'bin'), { recursive: true })
    writeFileSync(join(root, 'packages', 'typescript', 'package.json'), '{"type":"commonjs"}')
    writeFileSync(join(root, 'packages', 'typescript', 'bin', 'tsc'), COMPILER)
    symlinkSync('packages', join(root, 'node_modules'))
    writeFileSync(join(root, 'bin', 'server.ts'), '')
    for (const name of ['package.json', 'tsconfig.json']) writeFileSync(join(root, name), '{}')
  })

  after(() => {
    for (const folder of roots) rmSync(folder, { recursive: true })
  })

  const build = (): { child: ChildProcess; said(): string } => {
    const child = spawn(process.execPath, ['bin/bootstrap.mjs', 'build'], { cwd: root })
    let text = ''
    child.stderr.on('data', (bytes) => {
      text += bytes
    })
    return { child, said: () => text }
  }
  const buildNow = (): number | null =>
    spawnSync(process.execPath, ['bin/bootstrap.mjs', 'build'], { cwd: root }).status
  const runs = (): string[] => readFileSync(join(root, 'runs'), 'utf8').trim().split('\n')

  test('the second of two waits for the first, and finds everything built', async () => {
    const first = build()
    await until('the compiler runs', WAIT_MS, () => existsSync(join(root, 'runs')))
    const second = build()
    await until('the second one waits', WAIT_MS, () =>
      second.said().includes(`Waiting for process ${first.child.pid}`),
    )
    const ended = [once(first.child, 'exit'), once(second.child, 'exit')]
    writeFileSync(join(root, 'go'), '')
    for (const [status] of await Promise.all(ended)) strictEqual(status, 0)
    deepStrictEqual(runs(), ['begun', 'done'])
    strictEqual(existsSync(join(root, '.building')), false)
  })

  test('a lock whose process is gone does not count', () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(join(root, '.building'), `${gone}`)
    writeFileSync(join(root, 'go'), '')
    strictEqual(buildNow(), 0)
    deepStrictEqual(runs(), ['begun', 'done'])
    strictEqual(existsSync(join(root, '.building')), false)
  })

  test('what the compiler made without this script is built', () => {
    mkdirSync(join(root, 'dist', 'bin'), { recursive: true })
    writeFileSync(join(root, 'dist', 'bin', 'server.js'), '')
    strictEqual(buildNow(), 0)
    strictEqual(existsSync(join(root, 'runs')), false)
  })

  test('a source that was changed, or added, is compiled', () => {
    writeFileSync(join(root, 'go'), '')
    strictEqual(buildNow(), 0)
    utimesSync(join(root, 'dist', 'bin', 'server.js'), 0, 0)
    strictEqual(buildNow(), 0)
    writeFileSync(join(root, 'bin', 'added.ts'), '')
    strictEqual(buildNow(), 0)
    strictEqual(runs().length, 6)
  })

  test('whatever a compiler that failed has left is compiled again', () => {
    writeFileSync(join(root, 'go'), '')
    writeFileSync(join(root, 'wrong'), '')
    strictEqual(buildNow(), 1)
    mkdirSync(join(root, 'dist', 'bin'), { recursive: true })
    writeFileSync(join(root, 'dist', 'bin', 'server.js'), '')
    rmSync(join(root, 'wrong'))
    strictEqual(buildNow(), 0)
    deepStrictEqual(runs(), ['begun', 'begun', 'done'])
  })

  test('the shell scripts take what is built, and compile what is not whole', () => {
    copyFileSync(join(dirname(BOOTSTRAP), 'zkEnv.sh'), join(root, 'bin', 'zkEnv.sh'))
    const fromShell = (): number | null =>
      spawnSync('bash', ['-c', 'root=. config=none; . bin/zkEnv.sh; build'], { cwd: root }).status
    writeFileSync(join(root, 'go'), '')
    strictEqual(fromShell(), 0)
    strictEqual(fromShell(), 0)
    deepStrictEqual(runs(), ['begun', 'done'])
    writeFileSync(join(root, 'dist', '.unfinished'), '')
    strictEqual(fromShell(), 0)
    deepStrictEqual(runs(), ['begun', 'done', 'begun', 'done'])
  })
})
