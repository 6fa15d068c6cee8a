// The network loop's end of the rings: what is sent to it, in an order a client may see.
//
// Replies come from the tree, events from the watches actor; an `after` mark in the tree's edge is
// where the other edge is read up to the same mark (protocol/messages/network.ts). Used by the
// server's main thread and by the simulator.

import type { ServerOptions } from '../../config/options.ts'
import type { NetworkMessages } from '../../protocol/messages/network.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { TreeClientMessages } from '../../protocol/messages/tree.ts'
import { LogSender } from '../edges/log-edge.ts'
import { deliverToNetwork } from '../edges/network-edge.ts'
import { SessionsSender } from '../edges/sessions-edge.ts'
import { TreeSender } from '../edges/tree-edge.ts'
import { Doorbell } from '../ring/doorbell.ts'
import type { Inbox, Outbox } from '../ring/mailbox.ts'
import type { LastHeardTable } from '../shared/last-heard.ts'
import type { HostClock } from '../thread/actor-host.ts'
import type { TurnCounters } from '../thread/turn-counters.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'

/** For how long: a client gives a server up after two thirds of its session's timeout, and has to
 * find another before the session expires. Leaders send PINGs each half tick. Null: alone. */
export function touchMsMaxOf({
  ensemble,
  tickTimeMs,
  minSessionTimeoutMs,
}: Pick<ServerOptions, 'ensemble' | 'tickTimeMs' | 'minSessionTimeoutMs'>): number | null {
  if (ensemble === null) return null
  return Math.max(minSessionTimeoutMs / 3, (tickTimeMs * 2) / 3)
}

/** What the network loop needs of it. */
export type LoopRings = Omit<NetworkRings, 'log'>

export class NetworkRings {
  readonly tree: TreeClientMessages
  readonly sessions: SessionsMessages
  readonly log: LogSender
  readonly #toTree: Outbox
  readonly #toSessions: Outbox
  readonly #toLog: Outbox
  readonly #fromTree: Inbox
  readonly #fromWatches: Inbox
  /** Of the one to whom a write comes from the tree, and who sleeps deepest: the log, or a member's
   * zab. */
  readonly #nextBell: Doorbell
  readonly #clock: HostClock
  readonly #counters: TurnCounters
  readonly #heard: Pick<LastHeardTable, 'inTouchMs'>
  readonly #touchMsMax: number
  #writing = false
  #awaited = 0
  #passed = 0

  /** `touchMsMax`: how long a member of an ensemble may be out of touch with the others before its
   * clients are not heard any more. Null: alone, and the tree proposes to the log. */
  constructor(
    wiring: Wiring,
    clock: HostClock,
    heard: Pick<LastHeardTable, 'inTouchMs'>,
    touchMsMax: number | null,
  ) {
    this.#heard = heard
    this.#touchMsMax = touchMsMax ?? Number.POSITIVE_INFINITY
    this.#clock = clock
    this.#counters = turnCountersOf(wiring, 'network')
    this.#toTree = outboxOf(wiring, 'network>tree')
    this.#toSessions = outboxOf(wiring, 'network>sessions')
    this.#toLog = outboxOf(wiring, 'network>log')
    this.#fromTree = inboxOf(wiring, 'tree>network')
    this.#fromWatches = inboxOf(wiring, 'watches>network')
    this.#nextBell = new Doorbell(touchMsMax === null ? wiring.bells.log : wiring.bells.zab)
    this.tree = new TreeSender(this.#toTree)
    this.sessions = new SessionsSender(this.#toSessions)
    this.log = new LogSender(this.#toLog)
  }

  /** True while nothing is to be read from clients: a ring towards the actors is full, or who
   * expires sessions may not know that we hear them. A client that were answered then would not look
   * for another server in time. */
  get blocked(): boolean {
    return this.#toTree.blocked || this.#toSessions.blocked || this.#isOutOfTouch
  }

  get #isOutOfTouch(): boolean {
    return this.#clock.nowMs - this.#heard.inTouchMs() > this.#touchMsMax
  }

  /** True when it was blocked and is not any more. */
  flush(): boolean {
    const wasBlocked = this.blocked
    if (this.#counters.isTimed) this.#toTree.probe(this.#clock.read())
    this.#toTree.flush()
    this.#toSessions.flush()
    this.#toLog.flush()
    if (this.#writing) this.#nextBell.ring()
    this.#writing = false
    return wasBlocked && !this.blocked
  }

  /** A write goes to the tree, and will come to the log or to zab: that thread wakes up while the
   * tree's does, not after it. */
  announceWrite(): void {
    this.#writing = true
  }

  /** A turn has ended that began when the clock was advanced, and took so many messages. What
   * sockets bring is handled between turns, and not counted. */
  turned(messages: number): void {
    if (this.#counters.isTimed) this.#counters.timed(this.#clock.read() - this.#clock.nowMs)
    this.#counters.turned(messages, this.#clock.nowMs)
  }

  /** Delivers up to `limit` messages; how many. */
  drain(network: NetworkMessages, limit: number): number {
    let count = 0
    while (count < limit) {
      // Marks wrap; the watches actor is never ahead of a mark the tree has not sent here.
      const inbox = ((this.#awaited - this.#passed) | 0) > 0 ? this.#fromWatches : this.#fromTree
      const frame = inbox.next()
      if (frame === null) break
      deliverToNetwork(frame, network)
      count++
    }
    if (count > 0) {
      this.#fromTree.observe(this.#clock.nowMs)
      this.#fromWatches.observe(this.#clock.nowMs)
    }
    this.#fromTree.release()
    this.#fromWatches.release()
    return count
  }

  /** To be called by the network loop's `after`. */
  await(mark: number): void {
    this.#awaited = mark
  }

  /** To be called by its `passed`. Marks are passed in order. */
  pass(mark: number): void {
    this.#passed = mark
  }
}
