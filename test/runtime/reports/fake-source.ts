// A server that is none: what reports are made of, with connections that need no sockets.

import { DEFAULTS } from '../../../config/options.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../../protocol/zxid.ts'
import type { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { NetworkStats } from '../../../runtime/net/network-stats.ts'
import { NO_PROOF } from '../../../runtime/net/transport/client-transport.ts'
import type { ReportSource } from '../../../runtime/reports/source.ts'
import { TraceMask } from '../../../runtime/reports/trace-mask.ts'
import { GaugeTable } from '../../../runtime/shared/gauges.ts'
import { MeterTable } from '../../../runtime/shared/meters.ts'
import { countersOf, wire } from '../../../runtime/topology.ts'
import { FactBook } from '../../../runtime/why/fact-book.ts'
import { FactTally } from '../../../runtime/why/fact-tally.ts'

const ESTABLISHED_MS = 1_790_000_000_000

export interface FakeSource extends ReportSource {
  readonly gauges: GaugeTable
  readonly meters: MeterTable
}

/** Standalone and serving, unless `network` says otherwise. */
export function fakeSource(network: object = {}, options: object = {}): FakeSource {
  const wiring = wire()
  const meters = new MeterTable()
  const source = {
    options: { ...DEFAULTS, dataDir: '/nowhere', dataLogDir: '/nowhere', ...options },
    gauges: new GaugeTable(),
    meters,
    facts: new FactBook(
      () => 0,
      () => undefined,
    ),
    tally: new FactTally(meters, { nowMs: 0 }, 0),
    startedMs: 0,
    traceMask: new TraceMask(),
    counters: () => countersOf(wiring),
    network: {
      mode: 'standalone',
      isServing: true,
      servingMs: 1234.5,
      port: 2181,
      securePort: -1,
      door: { guests: 0 },
      stats: new NetworkStats(),
      connectionCount: 1,
      outstanding: 0,
      refusals: { counts: () => new Map() },
      connections: () => [].values(),
      ...network,
    },
  }
  return source as unknown as FakeSource
}

/** Of the session with this number, from an address of its own. */
export function fakeConnection(number: number): ClientConnection {
  const connection = {
    address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
    port: 40_000,
    proof: NO_PROOF,
    state: 'open',
    stalled: false,
    unsentBytes: 0,
    outstanding: 1,
    received: 2,
    sent: 3,
    sessionId: BigInt(number) as SessionId,
    lastOp: 'GETD',
    establishedWallMs: ESTABLISHED_MS,
    timeoutMs: 10_000 + (number % 4) * 10_000,
    lastXid: 7,
    lastZxid: ZXID_ZERO,
    lastResponseWallMs: ESTABLISHED_MS + 1,
    lastLatencyMs: 1,
    minLatencyMs: 1,
    maxLatencyMs: 1,
    totalLatencyMs: 1,
    latencyCount: 1,
  }
  return connection as unknown as ClientConnection
}
