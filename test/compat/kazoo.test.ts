// kazoo, the Python client, against our server: kazoo/session.py does what programs do with it.

import { strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { run, successOf } from '../support/foreign.ts'
import { OwnServer } from '../support/own-server.ts'
import { KAZOO_MISSING, KAZOO_STEPS, PYTHON, SESSION_SCRIPT } from './kazoo.ts'

test('kazoo does everything a program does with it', { skip: KAZOO_MISSING }, async () => {
  const server = await OwnServer.start()
  try {
    const ended = await run(PYTHON, [SESSION_SCRIPT, server.address], { timeoutMs: 120_000 })
    strictEqual(successOf('kazoo', ended).trim(), KAZOO_STEPS.join('\n'))
  } finally {
    await server.stop()
  }
})
