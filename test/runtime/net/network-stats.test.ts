// Latencies of replies: runs of equal ones are counted together, and none is lost.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { NetworkStats } from '../../../runtime/net/network-stats.ts'
import { MeterTable } from '../../../runtime/shared/meters.ts'

const REPLY_BYTES = 20

test('each reply is counted, by what it answered, in runs of equal latencies', () => {
  const stats = new NetworkStats()
  const meters = new MeterTable()
  const clock = { nowMs: 1000 }
  stats.latency = {
    read: meters.meter('readlatency', clock),
    update: meters.meter('updatelatency', clock),
  }
  const slow: number[] = []
  stats.slowMs = 8
  stats.onSlow = ({ lastExactMs }) => slow.push(lastExactMs)
  const reply = (lastExactMs: number, lastIsUpdate: boolean): void => {
    stats.onReply({ lastExactMs, lastIsUpdate, sampled: null } as ClientConnection, REPLY_BYTES)
  }
  for (const ms of [0, 0, 2, 2, 2, 8.5]) reply(ms, false)
  for (const ms of [8.5, 3]) reply(ms, true)
  stats.settle()
  reply(3, true)
  stats.settle()
  const of = (name: 'readlatency' | 'updatelatency'): number[] => {
    const { count, sum, min, max } = meters.read(name, clock.nowMs)
    return [count, sum, min, max]
  }
  deepStrictEqual(of('readlatency'), [6, 14.5, 0, 8.5])
  deepStrictEqual(of('updatelatency'), [3, 14.5, 3, 8.5])
  deepStrictEqual(slow, [8.5, 8.5])
  const { latencyCount, totalLatencyMs, minLatencyMs, maxLatencyMs, packetsSent } = stats
  // Rounded, as ZooKeeper's are.
  deepStrictEqual([latencyCount, totalLatencyMs, minLatencyMs, maxLatencyMs], [9, 30, 0, 9])
  strictEqual(packetsSent, 9)
})
