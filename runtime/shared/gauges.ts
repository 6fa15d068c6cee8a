// Counters in shared memory that one actor writes and anyone reads: what `mntr` and `srvr` show
// without asking an actor. Each has exactly one writer, so plain stores suffice.

import type { Gauge } from '../../actors/actor.ts'

const NAMES = [
  'znodes',
  'ephemerals',
  'approximateBytes',
  'lastZxid',
  'treeSessions',
  'outstanding',
  'digestMismatches',
  // Transactions of this server's making, and those that were applied, whoever made them.
  'proposed',
  'applied',
  'committedOwn',
  'sessions',
  'pendingSessions',
  'expiredSessions',
  'stalledMs',
  'watches',
  'eventsSent',
  'appended',
  'syncs',
  'bytesWritten',
  'syncMicros',
  // Of a leader; 0 on other servers.
  'learners',
  'syncedFollowers',
  'syncedObservers',
  'pendingSyncs',
  'learnersBacklog',
  'learnerBacklogMax',
  // Packets of a leader.
  'proposalsReceived',
  'commitsReceived',
  'revalidations',
  // Bytes; 0 before the first.
  'lastProposalBytes',
  'minProposalBytes',
  'maxProposalBytes',
  // Failed TLS handshakes with peers.
  'quorumTlsFailed',
  'electionTlsFailed',
  // 1 while the disk is nearly full.
  'diskScarce',
] as const
export type GaugeName = (typeof NAMES)[number]

const INDEX: ReadonlyMap<GaugeName, number> = new Map(NAMES.map((name, i) => [name, i]))

export class GaugeTable {
  readonly memory: SharedArrayBuffer
  readonly #values: Float64Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(NAMES.length * 8)) {
    this.memory = memory
    this.#values = new Float64Array(memory)
  }

  read(name: GaugeName): number {
    return this.#values[INDEX.get(name) ?? 0] ?? 0
  }

  /** For who reads it with every request. */
  reader(name: GaugeName): () => number {
    const values = this.#values
    const index = INDEX.get(name) ?? 0
    return () => values[index] ?? 0
  }

  /** The writing end. */
  gauge(name: GaugeName): Gauge {
    const values = this.#values
    const index = INDEX.get(name) ?? 0
    return {
      set: (value) => {
        values[index] = value
      },
      add: (value) => {
        values[index]! += value
      },
    }
  }
}
