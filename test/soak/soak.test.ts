// A short soak: one chapter with a fault of each kind or so. npm run soak has as many as you like.

import { match } from 'node:assert'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { randomBelow } from '../../runtime/shared/random.ts'
import { run, successOf } from '../support/foreign.ts'
import { removeFolder, temporaryFolder } from '../support/own-server.ts'

const { RINGKEEPER_SEED: givenSeed } = process.env
const MAIN = fileURLToPath(new URL('./main.js', import.meta.url))
const MINUTES = '0.4'
const TIMEOUT_MS = 240_000

for (const between of ['namespaces, where they are allowed', 'proxies']) {
  test(`a short soak, ${between}`, async (t) => {
    const seed = givenSeed ?? String(randomBelow(2 ** 31))
    const folder = temporaryFolder()
    const options = ['--round', '1', '--chapter', '15', '--fault', '2000', '--out', folder]
    if (between === 'proxies') options.push('--proxy')
    const args = [MAIN, '--seed', seed, '--minutes', MINUTES, ...options]
    t.diagnostic(`RINGKEEPER_SEED=${seed}`)
    const ended = await run(process.execPath, args, { timeoutMs: TIMEOUT_MS })
    removeFolder(folder)
    const said = successOf('the soak', ended)
    for (const line of said.split('\n')) t.diagnostic(line)
    match(said, /^\d{4,} writes acknowledged, \d{3,} reads checked, ([4-9]|\d\d+) faults/m)
  })
}
