// All meters of a server, by ZooKeeper's names. Each is written by one actor, and read for `mntr`,
// the admin server and Prometheus (runtime/reports/metrics/summary-metrics.ts says what each
// measures).

import type { Meter } from '../../actors/actor.ts'
import { METER_BYTES, type MeterReading, MeterWriter, readMeter } from './meter.ts'

const NAMES = [
  // the main thread: the network loop, and what it takes from facts
  'readlatency',
  'updatelatency',
  'jvm_pause_time_ms',
  'snapshottime',
  'dbinittime',
  'startup_snap_load_time',
  'startup_txns_load_time',
  'startup_txns_loaded',
  'election_time',
  'unavailable_time',
  'leader_unavailable_time',
  'follower_sync_time',
  'observer_sync_time',
  'inflight_diff_count',
  'inflight_snap_count',
  // tree
  'propagation_latency',
  'local_write_committed_time_ms',
  'server_write_committed_time_ms',
  // watches
  'node_created_watch_count',
  'node_deleted_watch_count',
  'node_changed_watch_count',
  'node_children_watch_count',
  // log
  'fsynctime',
  'sync_processor_batch_size',
  // zab
  'quorum_ack_latency',
  'proposal_latency',
] as const
export type MeterName = (typeof NAMES)[number]

const INDEX: ReadonlyMap<MeterName, number> = new Map(NAMES.map((name, i) => [name, i]))

export class MeterTable {
  readonly memory: SharedArrayBuffer

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(NAMES.length * METER_BYTES)) {
    this.memory = memory
  }

  /** The writing end; for one thread. `clock`: that thread's. */
  meter(name: MeterName, clock: { readonly nowMs: number }): Meter {
    return new MeterWriter(this.memory, this.#at(name), clock)
  }

  /** `nowMs`: on the writers' clock. */
  read(name: MeterName, nowMs: number): MeterReading {
    return readMeter(this.memory, this.#at(name), nowMs)
  }

  #at(name: MeterName): number {
    return (INDEX.get(name) ?? 0) * METER_BYTES
  }
}
