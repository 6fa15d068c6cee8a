// Kills a server at random moments under the writes of several clients, and looks after each
// restart: everything acknowledged is there, nothing is there by half, nothing that was not asked
// for, and ephemeral nodes die with their sessions. CRASH_SEED replays the choices, not the timing;
// CRASH_ROUNDS makes it longer.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { Client } from '../../client/client.ts'
import {
  ChildServer,
  removeFolder,
  type TestOptions,
  temporaryFolder,
} from '../support/own-server.ts'
import { seeded } from '../support/random.ts'
import { until, within } from '../support/until.ts'
import { Writer } from './writer.ts'

const { CRASH_SEED, CRASH_ROUNDS } = process.env
const SEED = Number(CRASH_SEED ?? randomInt(2 ** 31))
const ROUNDS = Number(CRASH_ROUNDS ?? 50)
const WRITERS = 4
/** A server lives for so many acknowledgements, drawn anew each round. */
const ACKNOWLEDGED_MIN = 1
const ACKNOWLEDGED_MAX = 400
const WAIT_MS = 30_000
const OPTIONS: TestOptions = {
  tickTimeMs: 200,
  minSessionTimeoutMs: 400,
  snapCount: 300,
  preAllocSizeBytes: 1 << 18,
  snapRetainCount: 3,
}

test(`${ROUNDS} crashes under load, CRASH_SEED=${SEED}`, async (t) => {
  const random = seeded(SEED)
  const folder = temporaryFolder()
  const writers = Array.from({ length: WRITERS }, (_, i) => new Writer(`/w${i}`, random))
  let acknowledged = 0
  let child = await ChildServer.start(folder, OPTIONS)
  try {
    const first = await connected(child)
    for (const { root } of writers) await first.create(root, null)
    await first.close()
    for (let round = 0; round < ROUNDS; round++) {
      const clients = await Promise.all(writers.map(() => connected(child)))
      const goal = ACKNOWLEDGED_MIN + random(ACKNOWLEDGED_MAX - ACKNOWLEDGED_MIN)
      const before = total(writers)
      const writing = writers.map((writer, i) => writer.write(clients[i]!))
      await until(`${goal} writes of round ${round} were acknowledged`, WAIT_MS, () => {
        return total(writers) - before >= goal
      })
      await child.kill()
      for (const client of clients) client.connection.abandon()
      await within('the writers to notice', WAIT_MS, Promise.all(writing))
      acknowledged += total(writers) - before

      child = await ChildServer.start(folder, OPTIONS)
      const reader = await connected(child)
      for (const writer of writers) await writer.check(reader, round)
      await reader.close()
    }
    const last = await connected(child)
    await ephemeralsGone(last, writers)
    await last.close()
    ok(acknowledged > ROUNDS, 'too little was written')
    t.diagnostic(`${acknowledged} acknowledged writes`)
  } finally {
    await child.kill()
  }
  removeFolder(folder)
})

function total(writers: readonly Writer[]): number {
  return writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
}

/** Nobody renews the sessions of the killed: they expire. */
async function ephemeralsGone(client: Client, writers: readonly Writer[]): Promise<void> {
  for (const { root } of writers) {
    let left: string[] = []
    await until(`${root} has no ephemeral node`, WAIT_MS, async () => {
      left = (await client.getChildren(root)).children.filter((name) => name.startsWith('e-'))
      return left.length === 0
    })
    deepStrictEqual(left, [])
  }
}

async function connected({ address }: ChildServer): Promise<Client> {
  const client = new Client({ servers: address, sessionTimeoutMs: 3000, reconnectDelayMs: 50 })
  await within('a session', WAIT_MS, client.sync())
  return client
}
