// Curator, the recipes for Java, against our server: curator/Recipes.java, run from its source.

import { strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { classPath } from '../../perf/servers/apache-command.ts'
import { run, successOf } from '../support/foreign.ts'
import { OwnServer } from '../support/own-server.ts'
import { CURATOR_JARS, CURATOR_MISSING, CURATOR_SOURCE, CURATOR_STEPS } from './curator.ts'

test('Curator’s recipes', { skip: CURATOR_MISSING }, async () => {
  const server = await OwnServer.start({ extendedTypes: true })
  try {
    const args = [
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      classPath(CURATOR_JARS),
      CURATOR_SOURCE,
    ]
    const ended = await run('java', [...args, server.address], { timeoutMs: 120_000 })
    strictEqual(successOf('Curator', ended).trim(), CURATOR_STEPS.join('\n'))
  } finally {
    await server.stop()
  }
})
