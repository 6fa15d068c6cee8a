// Every program of ours that people call explains itself when asked, on standard output, with exit code 0.

import { match, strictEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ROOT } from './launch.ts'

const ROWS: readonly (readonly [command: string, args: readonly string[], says: RegExp])[] = [
  ['dist/bin/start.js', [], /^Usage: npm start -- \[options\]$[\s\S]*--servers N/m],
  ['dist/bin/ringkeeper.js', [], /^Usage: ringkeeper [\s\S]*backup /],
  ['dist/bin/ringkeeper.js', ['backup'], /^Usage: ringkeeper backup /],
  ['dist/bin/ringkeeper.js', ['restore'], /^Usage: ringkeeper restore [\s\S]*--path PATH /],
  ['dist/bin/ringkeeper.js', ['check'], /^Usage: ringkeeper check /],
  ['dist/bin/why.js', [], /^usage: zkWhy\.sh [\s\S]*--since 1h [\s\S]*--dir FOLDER/],
  ['dist/bin/top.js', [], /^usage: zkTop\.sh [\s\S]*--rows N/],
]

describe('--help', () => {
  for (const [program, args, says] of ROWS) {
    test(`${program} ${args.join(' ')}`, () => {
      const command = [join(ROOT, program), ...args, '--help']
      const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
      strictEqual(stderr, '')
      strictEqual(status, 0)
      match(stdout, says)
    })
  }
})
