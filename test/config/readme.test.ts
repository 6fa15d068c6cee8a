// README.md lists every setting and every four-letter word.

import { deepStrictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FOUR_LETTER_WORDS } from '../../config/four-letter-names.ts'
import { FILE_SETTINGS, PROPERTY_SETTINGS } from '../../config/settings/settings.ts'

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

test('README.md lists every setting', () => {
  const names = [...FILE_SETTINGS.keys(), ...PROPERTY_SETTINGS.keys()]
  const missing = names
    .map((name) => name.replace(/^zookeeper\./, ''))
    .filter((name) => !README.includes(`\`${name}\``) && !README.includes(`\`-D${name}\``))
  deepStrictEqual(missing, [])
})

test('README.md lists every four-letter word', () => {
  deepStrictEqual(
    FOUR_LETTER_WORDS.filter((word) => !README.includes(`\`${word}\``)),
    [],
  )
})
