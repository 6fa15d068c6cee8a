// Four-letter words of a member of an ensemble: what each mode adds, in the shapes that an ensemble
// of Apache's 3.8 prints.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FOUR_LETTER_WORDS } from '../../../../config/four-letter-names.ts'
import { DEFAULTS, type ServerOptions } from '../../../../config/options.ts'
import { configurationFrom } from '../../../../config/zoo-cfg.ts'
import { encodeControl } from '../../../../protocol/control.ts'
import { Query } from '../../../../protocol/messages/queries.ts'
import type { CommandHandler } from '../../../../runtime/net/input/client-input.ts'
import { NetworkStats } from '../../../../runtime/net/network-stats.ts'
import type { ServerMode } from '../../../../runtime/net/server-mode.ts'
import { fourLetterWords } from '../../../../runtime/net/words/four-letter-words.ts'
import type { ReportSource } from '../../../../runtime/reports/source.ts'
import { TraceMask } from '../../../../runtime/reports/trace-mask.ts'
import { GaugeTable } from '../../../../runtime/shared/gauges.ts'
import { MeterTable } from '../../../../runtime/shared/meters.ts'
import { type Counters, countersOf, wire } from '../../../../runtime/topology.ts'
import { FactTally } from '../../../../runtime/why/fact-tally.ts'

const CONFIGURATION =
  'dataDir=/nowhere\ntickTime=2000\ninitLimit=10\nsyncLimit=5\n4lw.commands.whitelist=*\n' +
  'multiAddress.enabled=true\nserver.1=a:2888:3888;2181\nserver.2=b:2888:3888;2181\n' +
  'server.3=c:2888:3888|d:2889:3888;2181\nserver.4=e:2888:3888:observer;2181\n'

const WIRING = wire()
const counters = (): Counters => countersOf(WIRING)

const meters = new MeterTable()
const tally = new FactTally(meters, { nowMs: 0 }, 0)

function optionsOf(id: number): ServerOptions {
  const file = { path: 'zoo.cfg', text: CONFIGURATION }
  return configurationFrom(file, [], () => String(id)).options
}

function member(
  mode: ServerMode,
  { id = 1, isServing = true }: { id?: number; isServing?: boolean } = {},
): { ask: (word: string) => Promise<string>; gauges: GaugeTable } {
  const gauges = new GaugeTable()
  const network = {
    mode,
    isServing,
    servingMs: 1234.5,
    port: 2181,
    stats: new NetworkStats(),
    connectionCount: 1,
    outstanding: 0,
    door: { guests: 0 },
    refusals: { counts: () => new Map() },
    connections: () => [],
    query,
  }
  const common = {
    gauges,
    meters,
    tally,
    network,
    counters,
    startedMs: 0,
    traceMask: new TraceMask(),
  }
  const source = { options: optionsOf(id), ...common } as unknown as ReportSource
  const handler = fourLetterWords(source)
  return { ask: (word) => textOf(handler(word, new Uint8Array(0))), gauges }
}

async function* query(kind: number): AsyncGenerator<Uint8Array> {
  const parts: Readonly<Record<number, readonly unknown[]>> = {
    [Query.sessions]: [null, [1, 1], [[2_068_000, 1, ['7f']]]],
    [Query.globalSessions]: [null, 2, [['7f', 4000]], [['100000f0c2a0001', 30_000]]],
    [Query.ephemerals]: [0],
  }
  for (const part of parts[kind] ?? []) yield encodeControl(part)
}

async function textOf(answer: ReturnType<CommandHandler>): Promise<string> {
  ok(answer !== null)
  const text = await answer
  if (typeof text === 'string') return text
  let all = ''
  for await (const part of text) all += part
  return all
}

function metricsIn(text: string): Map<string, string> {
  const rows = text.trimEnd().split('\n')
  return new Map(rows.map((row): [string, string] => row.split('\t') as [string, string]))
}

for (const mode of ['follower', 'observer', 'leader', 'read-only'] as const) {
  describe(mode, () => {
    test('srvr and stat', async () => {
      const { ask, gauges } = member(mode)
      gauges.gauge('znodes').set(5)
      const last = mode === 'leader' ? 'Proposal sizes last/min/max: -1/-1/-1\n' : ''
      for (const word of ['srvr', 'stat']) {
        const text = await ask(word)
        ok(text.endsWith(`\nMode: ${mode}\nNode count: 5\n${last}`), text)
      }
    })
    test('isro', async () => {
      strictEqual(await member(mode).ask('isro'), mode === 'read-only' ? 'ro' : 'rw')
    })
  })
}

test('a leader’s proposals', async () => {
  const { ask, gauges } = member('leader')
  gauges.gauge('lastProposalBytes').set(36)
  gauges.gauge('minProposalBytes').set(32)
  gauges.gauge('maxProposalBytes').set(48)
  match(await ask('srvr'), /\nProposal sizes last\/min\/max: 36\/32\/48\n$/)
  const metrics = metricsIn(await ask('mntr'))
  strictEqual(metrics.get('zk_last_proposal_size'), '36')
  strictEqual(metrics.get('zk_min_proposal_size'), '32')
  strictEqual(metrics.get('zk_max_proposal_size'), '48')
})

test('dump: a learner knows timeouts, a leader when sessions expire', async () => {
  const learners = 'Global Sessions(2):\n0x7f\t4000ms\n0x100000f0c2a0001\t30000ms\nephemeral nodes'
  for (const mode of ['follower', 'observer'] as const) {
    ok((await member(mode).ask('dump')).includes(`SessionTracker dump:\n${learners}`), mode)
  }
  match(
    await member('leader').ask('dump'),
    /dump:\nSession Sets \(1\)\/\(1\):\n1 expire at .*:\n\t0x7f\n/,
  )
})

describe('mntr', () => {
  const LEADER_ROWS = [
    'zk_learners',
    'zk_synced_followers',
    'zk_synced_non_voting_followers',
    'zk_synced_observers',
    'zk_pending_syncs',
    'zk_leader_uptime',
    'zk_last_proposal_size',
    'zk_min_proposal_size',
    'zk_max_proposal_size',
  ]

  test('of a leader', async () => {
    const { ask, gauges } = member('leader')
    gauges.gauge('learners').set(3)
    gauges.gauge('syncedFollowers').set(2)
    gauges.gauge('syncedObservers').set(1)
    gauges.gauge('pendingSyncs').set(4)
    const text = await ask('mntr')
    match(text, /^zk_version\t.*\nzk_server_state\tleader\nzk_peer_state\tleading - broadcast\n/)
    const metrics = metricsIn(text)
    strictEqual(metrics.get('zk_quorum_size'), '3')
    deepStrictEqual(
      LEADER_ROWS.map((name) => metrics.get(name)),
      ['3', '2', '0', '1', '4', '1235', '-1', '-1', '-1'],
    )
  })

  const OTHERS: readonly (readonly [ServerMode, string])[] = [
    ['follower', 'following - broadcast'],
    ['observer', 'observing - broadcast'],
    ['read-only', 'looking'],
  ]
  for (const [mode, state] of OTHERS) {
    test(`of a ${mode}`, async () => {
      const metrics = metricsIn(await member(mode).ask('mntr'))
      strictEqual(metrics.get('zk_server_state'), mode)
      strictEqual(metrics.get('zk_peer_state'), state)
      strictEqual(metrics.get('zk_quorum_size'), '3')
      deepStrictEqual(
        LEADER_ROWS.filter((name) => metrics.has(name)),
        [],
      )
    })
  }
})

describe('conf', () => {
  const quorumOf = (text: string): string => text.slice(text.indexOf('serverId='))
  const MEMBERSHIP =
    'membership: \nserver.1=a:2888:3888:participant;0.0.0.0:2181\n' +
    'server.2=b:2888:3888:participant;0.0.0.0:2181\n' +
    'server.3=c:2888:3888|d:2889:3888:participant;0.0.0.0:2181\n' +
    'server.4=e:2888:3888:observer;0.0.0.0:2181\nversion=0'
  const common = 'initLimit=10\nsyncLimit=5\nelectionAlg=3\nelectionPort=3888\n'

  test('of a participant', async () => {
    const text = quorumOf(await member('follower', { id: 1 }).ask('conf'))
    strictEqual(text, `serverId=1\n${common}quorumPort=2888\npeerType=0\n${MEMBERSHIP}`)
  })
  test('of a member with two addresses', async () => {
    const text = quorumOf(await member('leader', { id: 3 }).ask('conf'))
    strictEqual(text, `serverId=3\n${common}quorumPort=2888|2889\npeerType=0\n${MEMBERSHIP}`)
  })
  test('of an observer', async () => {
    const text = quorumOf(await member('observer', { id: 4 }).ask('conf'))
    strictEqual(text, `serverId=4\n${common}quorumPort=2888\npeerType=1\n${MEMBERSHIP}`)
  })
  test('without a quorum there is no membership to speak of', async () => {
    const text = quorumOf(await member('read-only', { id: 1 }).ask('conf'))
    strictEqual(text, `serverId=1\n${common}quorumPort=2888\npeerType=0\n`)
  })
})

describe('a member that serves nobody', () => {
  const words = FOUR_LETTER_WORDS.filter((word) => !['ruok', 'envi', 'gtmk', 'stmk'].includes(word))
  for (const word of words) {
    test(word, async () => {
      const looking = await member('looking').ask(word)
      strictEqual(looking, await member('follower', { isServing: false }).ask(word))
      if (word === 'isro') strictEqual(looking, 'null')
      else match(looking, /^This ZooKeeper instance is not currently serving requests\n?$/)
    })
  }
})

test('a server on its own has none of it', async () => {
  const network = {
    mode: 'standalone',
    isServing: true,
    stats: new NetworkStats(),
    door: { guests: 0 },
    refusals: { counts: () => new Map() },
  }
  const options = { ...DEFAULTS, fourLetterWords: new Set(FOUR_LETTER_WORDS) }
  const gauges = new GaugeTable()
  const source = { options, gauges, meters, tally, network, counters } as unknown as ReportSource
  const metrics = metricsIn(String(await fourLetterWords(source)('mntr', new Uint8Array(0))))
  strictEqual(metrics.get('zk_server_state'), 'standalone')
  for (const name of ['zk_peer_state', 'zk_quorum_size', 'zk_learners']) {
    strictEqual(metrics.has(name), false)
  }
  deepStrictEqual(
    [...metrics.keys()].filter((name) => /^zk_ringkeeper_.*election/.test(name)),
    [],
  )
})

test('a member has counters of every thread and ring', async () => {
  const metrics = metricsIn(await member('follower').ask('mntr'))
  strictEqual(metrics.get('zk_ringkeeper_election_turns'), '0')
  strictEqual(metrics.get('zk_ringkeeper_ring_zab_election_frames'), '0')
})
