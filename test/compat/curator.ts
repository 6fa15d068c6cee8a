// How curator/Recipes.java and curator/Connects.java are run.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runs, skipUnless } from '../support/foreign.ts'

export const CURATOR_SOURCE: string = fileURLToPath(
  new URL('../../../test/compat/curator/Recipes.java', import.meta.url),
)
export const CURATOR_CONNECTS: string = fileURLToPath(
  new URL('../../../test/compat/curator/Connects.java', import.meta.url),
)
export const CURATOR_JARS: readonly string[] = [
  'curator-framework',
  'curator-recipes',
  'curator-client',
  'guava',
  'failureaccess',
]
export const CURATOR_STEPS: readonly string[] = [
  'nodes',
  'mutex',
  'latch',
  'persistentWatcher',
  'cache',
  'transactions',
  'persistentNode',
]
/** For node:test's `skip`. */
export const CURATOR_MISSING: string | false = skipUnless(
  existsSync('/usr/share/java/curator-recipes.jar') && runs('javac', ['-version']),
  'Curator',
  'libcurator-recipes-java default-jdk-headless',
)
