// What differs between the hosts of production and those of the simulator.

import type { Files } from '../../actors/log/files/files.ts'
import type { LogHooks } from '../../actors/log/options.ts'
import type { FrozenTree } from '../../actors/tree/snapshot/snapshot-source.ts'
import type { ZabLinks } from '../../actors/zab/neighbours.ts'
import type { ElectionLinks, ElectionMessages } from '../../protocol/messages/election.ts'
import type { ConfigFile } from '../../protocol/messages/log.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import type { ElectionPeersListener } from '../peer/election-peers.ts'
import type { LearnerLinksListener } from '../peer/learner-links-options.ts'
import type { GaugeTable } from '../shared/gauges.ts'
import type { LastHeardTable } from '../shared/last-heard.ts'
import type { MeterTable } from '../shared/meters.ts'
import type { HostClock, HostSockets } from '../thread/actor-host.ts'

/** The quorum port, as the host of zab uses it (LearnerLinks). */
export interface LearnerSockets extends ZabLinks, HostSockets {}

/** Opens the sockets of a member. A listener is called from their events. The clock must have been
 * advanced before that, and the host must take a turn after it, unless `notified` says otherwise. */
export interface PeerSockets {
  learnerLinks(listener: Omit<LearnerLinksListener, 'onActivity' | 'bindFailed'>): LearnerSockets
  electionLinks(
    listener: Omit<ElectionPeersListener, 'bindFailed' | 'notified'> &
      Pick<ElectionMessages, 'notified'>,
  ): ElectionLinks & { close(): void }
}

/** In bytes. */
export interface FeedingLimits {
  readonly pieceBytesMax: number
  readonly nearBytesMax: number
  readonly heldBytesMax: number
  readonly roomBytes: number
  /** The limit on transactions that zab holds in memory. */
  readonly memoryBytesMax: number
}

/** Limits that a simulation sets so that rare things happen often. */
export interface RareLimits {
  /** A write that comes this long after another still belongs to its stream; 5 unless given. */
  readonly streamMs?: number
  /** Reads of more nodes are answered in steps; STEP_NODES unless given. */
  readonly longReadNodes?: number
}

export interface Environment {
  readonly clock: HostClock
  readonly gauges: GaugeTable
  readonly meters: MeterTable
  readonly heard: LastHeardTable
  /** Starts the writing of a snapshot file. */
  takeSnapshot(frozen: FrozenTree): void
  /** For the audit log: a session has ended, and these nodes of it with it. */
  ownedDeleted?(sessionId: SessionId, paths: ReadonlySet<string>): void
  /** The sockets of a member. Only the hosts of zab and election ask. */
  peers(): PeerSockets
  /** The log's disk and its other edges. Only the log's host asks. */
  openFiles(): Files
  /** What part of the log's data is no longer where it was; null if nothing. If undefined, nobody
   * looks. */
  readonly dataProblem?: () => string | null
  /** Writes a configuration's files (LogHooks). Only the log's host asks. */
  saveConfig?(which: ConfigFile, text: string): void
  logHooks(): Omit<LogHooks, 'gauges'>
  /** The log syncs early once a batch has grown to this; LOG_BATCH_BYTES_MAX unless given. */
  readonly logBatchBytesMax?: number
  /** How much is read back for a learner at once, and how much may wait for one; see logHost and
   * zabHost. */
  readonly feeding?: FeedingLimits
  readonly rare?: RareLimits
}
