// kazoo, the Python client, with servers of both kinds to choose from.

import { strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { APACHE_MISSING } from '../../support/apache.ts'
import { run, successOf } from '../../support/foreign.ts'
import { KAZOO_MISSING, KAZOO_STEPS, PYTHON, SESSION_SCRIPT } from '../kazoo.ts'
import { MixedEnsemble } from './mixed-ensemble.ts'

const skip = APACHE_MISSING === false ? KAZOO_MISSING : APACHE_MISSING

test('kazoo with an ensemble of both kinds', { skip }, async () => {
  const ensemble = await MixedEnsemble.prepare({ kinds: ['ours', 'apache', 'ours'] })
  try {
    await ensemble.start(3)
    const args = [SESSION_SCRIPT, ensemble.addresses]
    const ended = await run(PYTHON, args, { timeoutMs: 120_000 })
    strictEqual(successOf('kazoo', ended).trim(), KAZOO_STEPS.join('\n'))
    await ensemble.agrees()
  } finally {
    await ensemble.stop()
  }
})
