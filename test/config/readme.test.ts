// README.md has what is generated for it, and lists every four-letter word.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FOUR_LETTER_WORDS } from '../../config/four-letter-names.ts'
import { withSettings } from '../../config/readme-tables.ts'

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

test('the tables of settings in README.md are those of config/settings/; else: npm run docs', () => {
  strictEqual(withSettings(README), README)
})

test('README.md lists every four-letter word', () => {
  deepStrictEqual(
    FOUR_LETTER_WORDS.filter((word) => !README.includes(`\`${word}\``)),
    [],
  )
})
