// The tree's present role, and what begins and ends with it.
//
//   loading --complete--> loaded --lead | follow | readOnly--> serving --idle--> loaded ...
//                           \--lead alone, no snapshot file yet--> starting --file written--> serving
//
// A role ends in two steps, so that nothing of it is under way when the next one begins: the tree
// lets its clients go (`idle`), and the log has answered everything that it was asked (`fenced`).

import { assert } from '../../protocol/assert.ts'
import { utf8 } from '../../protocol/bytes/text.ts'
import { ServingMode } from '../../protocol/messages/network.ts'
import { readMembership } from '../../protocol/quorum/membership-config.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { Clock } from '../actor.ts'
import type { Connections } from './clients/connections.ts'
import type { EventStream } from './clients/event-stream.ts'
import type { Handshakes } from './clients/handshakes.ts'
import type { Requests } from './clients/requests.ts'
import type { MemberOptions, TreeNeighbours, TreeOptions } from './options.ts'
import type { SnapshotScheduler } from './snapshot/snapshot-scheduler.ts'
import type { TreeWorkers } from './tree-workers.ts'
import type { Committed } from './writes/committed.ts'
import { configOf } from './writes/config-node.ts'
import type { DigestAudit } from './writes/digest-audit.ts'

type Phase = 'loading' | 'loaded' | 'starting' | 'serving'

type RoleOptions = Pick<TreeOptions, 'member' | 'reconfigEnabled'>

/** What a role begins and ends. */
export interface RoleParts {
  readonly connections: Connections
  readonly requests: Requests
  readonly handshakes: Handshakes
  readonly events: EventStream
  readonly snapshots: SnapshotScheduler
  readonly committed: Committed
  readonly audit: DigestAudit
  workers(): TreeWorkers
}

export class Role {
  #phase: Phase = 'loading'
  /** The first zxid of the epoch in which we serve: clients may have been told of it. */
  epochZxid: Zxid = 0 as Zxid
  /** When serving began. */
  sinceMs = 0
  /** The session manager knows the sessions of another tree. */
  #sessionsStale = false
  /** How many of `idle` and `fenced` were heard. */
  #endings = 0
  readonly #member: TreeOptions['member']
  readonly #reconfigEnabled: boolean
  readonly #clock: Clock
  readonly #to: TreeNeighbours
  readonly #parts: RoleParts

  constructor(options: RoleOptions, clock: Clock, to: TreeNeighbours, parts: RoleParts) {
    this.#member = options.member
    this.#reconfigEnabled = options.reconfigEnabled
    this.#clock = clock
    this.#to = to
    this.#parts = parts
  }

  get phase(): string {
    return this.#phase
  }

  get isLoading(): boolean {
    return this.#phase === 'loading'
  }

  /** Whether it serves as the leader of an ensemble. */
  get leads(): boolean {
    return this.#phase === 'serving' && this.#parts.requests.route === 'leading'
  }

  /** Whether it serves as the leader, or alone. */
  get proposes(): boolean {
    return this.#phase === 'serving' && this.#parts.requests.proposes
  }

  /** The tree is empty, and will be loaded. */
  emptied(): void {
    this.#phase = 'loading'
  }

  /** The tree is whole. Zab is told what /zookeeper/config holds, and the session manager which
   * sessions there are. */
  complete(): void {
    if (this.#phase === 'loaded') return
    assert(this.#phase === 'loading', 'a role begins before the last one has ended')
    const workers = this.#parts.workers()
    workers.complete(this.#member)
    this.tellConfig()
    this.#phase = 'loaded'
    if (this.#sessionsStale) this.#to.sessions.reset()
    this.#sessionsStale = true
    for (const { id, timeoutMs } of workers.data.sessions.all()) {
      this.#to.sessions.sessionOpened(id, timeoutMs)
    }
  }

  /** Tells zab and the network loop what /zookeeper/config holds. */
  tellConfig(): void {
    if (this.#member === null) return
    const config = configOf(this.#parts.workers().data)
    if (config === null || config.length === 0) return
    this.#to.zab.configured(config, 0, config.length)
    this.reconfigured()
  }

  /** What the disk or a leader has given us may hold another one. */
  configLoaded(): void {
    if (this.#reconfigEnabled) this.tellConfig()
  }

  /** A reconfiguration was applied. */
  reconfigured(): void {
    const config = configOf(this.#parts.workers().data)
    if (config !== null && this.#member !== null)
      this.#to.network.configured(config, 0, config.length)
  }

  /** /zookeeper/config is to hold this, or something later. */
  config(config: Uint8Array): void {
    if (this.#parts.workers().configure(config)) this.reconfigured()
  }

  lead(zxid: Zxid, alone: boolean): void {
    this.complete()
    const { requests, snapshots } = this.#parts
    const { log, zab } = this.#to
    const target = alone ? log : { append: zab.propose.bind(zab) }
    this.#parts.workers().lead(zxid, target)
    this.epochZxid = zxid
    requests.begin(alone ? 'alone' : 'leading')
    if (alone && !snapshots.hasFile) {
      this.#phase = 'starting'
      snapshots.file()
    } else {
      this.#serve(alone ? ServingMode.standalone : ServingMode.leader)
    }
  }

  follow(zxid: Zxid): void {
    assert(this.#member !== null, 'a server on its own follows nobody')
    this.complete()
    this.epochZxid = zxid
    this.#parts.requests.begin('following')
    this.#serve(this.#reconfigEnabled ? this.#ownMode(this.#member) : this.#member.learnerMode)
  }

  readOnly(on: boolean): void {
    if (!on) {
      this.#letGo()
      return
    }
    this.#parts.requests.begin('read-only')
    this.#serve(ServingMode.readOnly)
  }

  /** There is a snapshot file now, so a server that stands alone may serve. */
  pagesReleased(): void {
    if (this.#phase === 'starting') this.#serve(ServingMode.standalone)
  }

  idle(): void {
    this.#letGo()
    this.#parts.snapshots.idle()
    this.fenced()
  }

  /** The log has answered everything. Also called by `idle`: the second of the two ends the role. */
  fenced(): void {
    this.#endings++
    assert(this.#endings <= 2, 'a role ended twice')
    if (this.#endings < 2) return
    this.#endings = 0
    this.#to.zab.fenced()
  }

  #ownMode({ serverId }: MemberOptions): ServingMode {
    const config = configOf(this.#parts.workers().data)
    const { members } = readMembership(config === null ? '' : utf8(config, 0, config.length))
    const own = members.find(({ id }) => id === serverId)
    return own?.role === 'observer' ? ServingMode.observer : ServingMode.follower
  }

  #serve(mode: ServingMode): void {
    const { committed, audit, snapshots } = this.#parts
    this.#phase = 'serving'
    this.sinceMs = this.#clock.nowMs
    this.#to.sessions.serving(committed.lastZxid, this.proposes)
    this.#to.network.serving(committed.lastZxid, mode)
    if (mode === ServingMode.readOnly) return
    audit.hasRole()
    snapshots.serving()
  }

  /** Lets every client go, and drops everything that clients wait for. */
  #letGo(): void {
    if (this.#phase !== 'serving') return
    const { connections, requests, handshakes, events, workers } = this.#parts
    this.#phase = 'loaded'
    for (const connection of connections.all()) connections.detach(connection)
    requests.stop(connections.all())
    workers().outstanding.reset()
    handshakes.stop()
    this.#to.sessions.idle()
    events.emitBarrier()
    this.#to.network.idle()
  }
}
