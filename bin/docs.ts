// `npm run docs`: writes the generated parts of docs/settings.md below the current folder.

import { readFileSync, writeFileSync } from 'node:fs'
import { withSettings } from '../config/settings-tables.ts'

const SETTINGS = 'docs/settings.md'

const before = readFileSync(SETTINGS, 'utf8')
const after = withSettings(before)
if (after === before) console.log(`${SETTINGS} is up to date.`)
else {
  writeFileSync(SETTINGS, after)
  console.log(`${SETTINGS} has been written.`)
}
