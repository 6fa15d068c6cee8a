// The registry of metrics: names, kinds, and which are there when.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { METRICS } from '../../../runtime/reports/metrics/all-metrics.ts'
import { sampleOf } from '../../../runtime/reports/metrics/metric.ts'
import { monitor } from '../../../runtime/reports/monitor.ts'
import { SystemClock } from '../../../runtime/shared/clock.ts'
import { fakeSource } from './fake-source.ts'

describe('every metric', () => {
  test('has a name of its own and says what it is', () => {
    strictEqual(new Set(METRICS.map(({ name }) => name)).size, METRICS.length)
    for (const { name, help, type } of METRICS) {
      match(name, /^[a-z][a-z0-9_]*$/)
      match(help, /^[A-Z].*[^.]$/)
      ok(!help.includes('\n') && help.length <= 100, name)
      ok(['counter', 'gauge', 'summary'].includes(type))
    }
  })

  test('has a value, of numbers', () => {
    const sample = sampleOf(fakeSource())
    for (const metric of METRICS) {
      const value = metric.value(sample)
      const numbers = typeof value === 'number' ? [value] : [value.count, value.sum]
      for (const number of numbers) {
        strictEqual(typeof number, 'number', metric.name)
      }
    }
  })
})

test('what is of a role is left out elsewhere', () => {
  const members = [{ role: 'participant' }, { role: 'observer' }]
  const ensemble = { membership: { members } }
  const names = (mode: string, options: object): string[] => {
    return Object.keys(monitor(fakeSource({ mode }, options)))
  }
  const alone = names('standalone', {})
  const follower = names('follower', { ensemble })
  const leader = names('leader', { ensemble })
  const added = (more: string[], fewer: string[]): string[] => {
    return more.filter((name) => !fewer.includes(name))
  }
  deepStrictEqual(
    added(follower, alone).filter((name) => !name.startsWith('ringkeeper_')),
    ['peer_state', 'quorum_size'],
  )
  deepStrictEqual(added(leader, follower), [
    'learners',
    'followers',
    'synced_followers',
    'synced_non_voting_followers',
    'synced_observers',
    'pending_syncs',
    'leader_uptime',
    'last_proposal_size',
    'min_proposal_size',
    'max_proposal_size',
  ])
  deepStrictEqual(added(alone, leader), [])
})

test('a summary is several numbers', () => {
  const source = fakeSource()
  const fsync = source.meters.meter('fsynctime', new SystemClock())
  for (const ms of [1, 1.2, 2, 2.2]) fsync.observe(ms)
  const report = monitor(source)
  deepStrictEqual(
    ['avg', 'min', 'max', 'cnt', 'sum'].map((name) => String(report[`${name}_fsynctime`])),
    ['1.6', '1', '2', '4', '6'],
  )
  strictEqual('p50_fsynctime' in report, false)
  deepStrictEqual(
    ['p50', 'p95', 'p99', 'p999'].map((name) => report[`${name}_readlatency`]),
    [0, 0, 0, 0],
  )
})
