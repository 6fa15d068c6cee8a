// What a tree is made with: settings, neighbours, gauges.

import type { LogMessages } from '../../protocol/messages/log.ts'
import type { NetworkMessages, ServingMode } from '../../protocol/messages/network.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { WatchesMessages } from '../../protocol/messages/watches.ts'
import type { EnsembleTreeMessages, ZabMessages } from '../../protocol/messages/zab.ts'
import type { ChangeOptions } from '../../protocol/quorum/membership-change.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { Journal } from '../actor.ts'
import type { SnapshotTaker } from './snapshot/snapshot-scheduler.ts'
import type { CleanerOptions } from './writes/cleaner.ts'
import type { PreparationOptions } from './writes/preparation.ts'
import type { ProposalsOptions } from './writes/proposals.ts'
import type { WriteTimesOptions } from './writes/write-times.ts'

export interface TreeOptions
  extends PreparationOptions,
    ProposalsOptions,
    CleanerOptions,
    WriteTimesOptions {
  readonly replyBytesMax: number
  /** Whether a member checks its clients' writes before they go to the leader. */
  readonly enableEagerAclCheck: boolean
  /** See ReadOptions. */
  readonly longReadNodes: number
  /** Null if this server is its own quorum. */
  readonly member: MemberOptions | null
}

export interface MemberOptions extends ChangeOptions {
  readonly serverId: ServerId
  /** Its mode while it does not lead. With `reconfigEnabled` that is for the configuration to say. */
  readonly learnerMode: ServingMode
  /** The text of /zookeeper/config, and its version as a zxid. */
  readonly config: Uint8Array
  readonly configVersion: Zxid
}

export interface TreeNeighbours {
  zab: Pick<ZabMessages, 'loaded' | 'propose'> & EnsembleTreeMessages
  log: Pick<LogMessages, 'append'>
  watches: WatchesMessages
  network: TreeNetworkMessages
  sessions: SessionsMessages
  /** It calls `pagesReleased` when it is done. */
  snapshots: SnapshotTaker
  /** The operator's log: changes of state only. */
  journal: Journal
  /** A session has ended, and these nodes of it with it; null if nobody wants to know. */
  ownedDeleted: OwnedDeleted | null
}

export type OwnedDeleted = (sessionId: SessionId, paths: ReadonlySet<string>) => void

/** What the network loop hears from the tree. */
export type TreeNetworkMessages = Omit<NetworkMessages, 'event' | 'passed'>
