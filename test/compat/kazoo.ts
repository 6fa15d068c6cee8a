// How kazoo/session.py, which does what programs do with kazoo, is run.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runs, skipUnless } from '../support/foreign.ts'

/** Debian's packages are for Debian's Python. */
export const PYTHON: string = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
/** Takes host:port[,host:port...] and prints each step that held. */
export const SESSION_SCRIPT: string = fileURLToPath(
  new URL('../../../test/compat/kazoo/session.py', import.meta.url),
)
export const KAZOO_STEPS: readonly string[] = [
  'nodes',
  'watches',
  'transactions',
  'access',
  'recipes',
  'reattaches',
]
/** For node:test's `skip`. */
export const KAZOO_MISSING: string | false = skipUnless(
  runs(PYTHON, ['-c', 'import kazoo']),
  'kazoo',
  'python3-kazoo',
)
