// `npm run docs`: writes the generated parts of the README.md in the current folder.

import { readFileSync, writeFileSync } from 'node:fs'
import { withSettings } from '../config/readme-tables.ts'

const README = 'README.md'

const before = readFileSync(README, 'utf8')
const after = withSettings(before)
if (after === before) console.log(`${README} is up to date.`)
else {
  writeFileSync(README, after)
  console.log(`${README} has been written.`)
}
