// docs/ has what is generated for it, and lists every four-letter word.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FOUR_LETTER_WORDS } from '../../config/four-letter-names.ts'
import { withSettings } from '../../config/settings-tables.ts'

const textOf = (document: string): string =>
  readFileSync(new URL(`../../../docs/${document}`, import.meta.url), 'utf8')
const SETTINGS = textOf('settings.md')
const MONITORING = textOf('monitoring.md')

test('the tables in docs/settings.md are those of config/settings/; else: npm run docs', () => {
  strictEqual(withSettings(SETTINGS), SETTINGS)
})

test('docs/monitoring.md lists every four-letter word', () => {
  deepStrictEqual(
    FOUR_LETTER_WORDS.filter((word) => !MONITORING.includes(`\`${word}\``)),
    [],
  )
})
