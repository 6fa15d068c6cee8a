// How curator/Recipes.java is run.

import { fileURLToPath } from 'node:url'

export const CURATOR_SOURCE: string = fileURLToPath(
  new URL('../../../test/compat/curator/Recipes.java', import.meta.url),
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
