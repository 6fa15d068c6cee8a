// The harness itself: it believes no wrong reply, hides no error, leaves out no slow request, and
// finds a server that acknowledges what it has not synced.

import { deepStrictEqual, ok, rejects } from 'node:assert'
import { describe, it } from 'node:test'
import { runLoad } from '../../perf/load/load.ts'
import { type LoadSpec, OPERATIONS, type OperationName } from '../../perf/load/spec.ts'
import { canTrace, checkSync } from '../../perf/servers/check-sync.ts'
import { type ServerKind, Servers } from '../../perf/servers/servers.ts'
import { APACHE_MISSING } from '../support/apache.ts'
import { skipUnless } from '../support/foreign.ts'

const COUNT = 200
const SECONDS_MAX = 60
const TEST = { timeout: 120_000 }
const NO_TRACE = skipUnless(canTrace(), 'strace', 'strace')

function loadOf(
  ports: readonly number[],
  operation: OperationName,
  more: Partial<LoadSpec> = {},
): LoadSpec {
  return {
    ports,
    name: 'honesty',
    mix: [{ operation, share: 1 }],
    connections: 2,
    outstanding: 8,
    valueBytes: 20,
    warmupSeconds: 0,
    seconds: SECONDS_MAX,
    countMax: COUNT,
    ...more,
  }
}

async function withServer(
  kind: ServerKind,
  cannedArguments: readonly string[],
  body: (ports: readonly number[]) => Promise<void>,
): Promise<void> {
  const servers = await Servers.start({ kind, servers: 1, cannedArguments })
  try {
    await body(servers.ports)
  } finally {
    await servers.end()
  }
}

describe('a load', () => {
  for (const kind of ['canned', 'ringkeeper'] as const) {
    it(`takes every right reply of a ${kind} server for right`, TEST, async () => {
      await withServer(kind, [], async (ports) => {
        for (const operation of OPERATIONS) {
          const name = `right-${operation}`
          const result = await runLoad(loadOf(ports, operation, { name }))
          deepStrictEqual(result.errors, 0)
          ok(result.replies >= COUNT)
          deepStrictEqual(result.latency.totalCount, result.replies)
        }
        const half = ['get', 'set'] as const
        const mix = half.map((operation) => ({ operation, share: 0.5 }))
        const mixed = await runLoad(loadOf(ports, 'get', { name: 'mixed', mix }))
        deepStrictEqual(mixed.errors, 0)
      })
    })
  }

  it('counts every error', TEST, async () => {
    await withServer('canned', ['--lie', 'error'], async (ports) => {
      const { errors, replies } = await runLoad(loadOf(ports, 'set'))
      ok(replies >= COUNT)
      deepStrictEqual(errors, replies)
    })
  })

  const lies = [
    ['xid', 'set'],
    ['version', 'set'],
    ['data', 'get'],
  ] as const
  for (const [lie, operation] of lies) {
    it(`fails when a ${operation} is answered with a wrong ${lie}`, TEST, async () => {
      await withServer('canned', ['--lie', lie], async (ports) => {
        await rejects(runLoad(loadOf(ports, operation)), /wrong reply/)
      })
    })
  }

  it('fails when the server goes', TEST, async () => {
    const servers = await Servers.start({ kind: 'canned', servers: 1 })
    const load = runLoad(loadOf(servers.ports, 'set', { countMax: Number.POSITIVE_INFINITY }), {
      onMeasuring: () => void servers.end(),
    })
    await rejects(load, /connection to port/)
  })

  it('adds up what several workers measure', TEST, async () => {
    await withServer('canned', [], async (ports) => {
      const spec = loadOf(ports, 'set', { connections: 5, bucketMs: 10 })
      const { replies, latency, counts } = await runLoad(spec, { workers: 2 })
      ok(replies >= COUNT)
      deepStrictEqual(latency.totalCount, replies)
      deepStrictEqual(
        counts.reduce((a, b) => a + b, 0),
        replies,
      )
    })
  })

  it('counts a stall for all who were due in it', TEST, async () => {
    const [perSecond, stallMs, waitedMs] = [1000, 600, 300]
    await withServer('canned', ['--stall', String(stallMs)], async (ports) => {
      const spec = loadOf(ports, 'set', { perSecond, countMax: 1200 })
      const { latency, replies } = await runLoad(spec)
      // Some 300 were due in the first half of the stall, and waited at least for the second.
      const others = 100 * (1 - 250 / replies)
      ok(latency.getValueAtPercentile(others) >= waitedMs * 1000)
    })
  })
})

describe('--check-fsync', { skip: NO_TRACE }, () => {
  const kinds = [['ringkeeper', false] as const, ['apache', APACHE_MISSING] as const]
  for (const [kind, skip] of kinds) {
    it(`finds that ${kind} syncs`, { ...TEST, skip }, async () => {
      const said: string[] = []
      await checkSync({ kind }, (text) => said.push(text))
      deepStrictEqual(said.length, 2)
    })
  }

  it('finds a server that acknowledges without a sync', TEST, async () => {
    await rejects(
      checkSync({ kind: 'canned' }, () => {}),
      /does not sync: \d+ writes .* with 0 syncs/,
    )
  })
})
