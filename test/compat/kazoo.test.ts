// kazoo, the Python client, against our server: kazoo/session.py does what programs do with it.

import { strictEqual } from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run, runs, skipUnless, successOf } from '../support/foreign.ts'
import { OwnServer } from '../support/own-server.ts'

/** Debian's packages are for Debian's Python. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
const SCRIPT = fileURLToPath(new URL('../../../test/compat/kazoo/session.py', import.meta.url))
const STEPS = ['nodes', 'watches', 'transactions', 'access', 'recipes', 'reattaches']

const skip = skipUnless(runs(PYTHON, ['-c', 'import kazoo']), 'kazoo', 'python3-kazoo')

test('kazoo does everything a program does with it', { skip }, async () => {
  const server = await OwnServer.start()
  try {
    const ended = await run(PYTHON, [SCRIPT, server.address], { timeoutMs: 120_000 })
    strictEqual(successOf('kazoo', ended).trim(), STEPS.join('\n'))
  } finally {
    await server.stop()
  }
})
