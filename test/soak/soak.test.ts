// A short soak: one chapter with a fault of each kind or so. npm run soak has as many as you like.

import { ok, strictEqual } from 'node:assert'
import { test } from 'node:test'
import { randomBelow } from '../../runtime/shared/random.ts'
import { soak } from './soak.ts'

const { RINGKEEPER_SEED: givenSeed } = process.env

test('a short soak', async (t) => {
  const seed = givenSeed === undefined ? randomBelow(2 ** 31) : Number(givenSeed)
  const said: string[] = [`RINGKEEPER_SEED=${seed}`]
  const summary = await soak({
    seconds: 25,
    seed,
    servers: 3,
    clients: 6,
    paceMs: 8,
    roundSeconds: 1,
    chapterSeconds: 15,
    faultMsMax: 2000,
    say: (line) => said.push(line),
  })
  for (const line of said) t.diagnostic(line)
  strictEqual(summary.broken, null)
  ok(summary.writes > 1000 && summary.faults >= 4 && summary.chapters >= 1)
})
