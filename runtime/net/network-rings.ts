// The network loop's ends of the rings. What is sent to it is delivered in an order that a client
// may see.
//
// Replies come from the tree, and events from the watches actor. At an `after` mark in the tree's
// edge, the other edge is read up to the same mark (protocol/messages/network.ts). The server's
// main thread uses this, and so does the simulator.

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

/** How long a member may be out of touch. A client gives up a server after two thirds of its
 * session's timeout, and must find another one before the session expires. Leaders send PINGs each
 * half tick. Null on a standalone server. */
export function touchMsMaxOf({
  ensemble,
  tickTimeMs,
  minSessionTimeoutMs,
}: Pick<ServerOptions, 'ensemble' | 'tickTimeMs' | 'minSessionTimeoutMs'>): number | null {
  if (ensemble === null) return null
  return Math.max(minSessionTimeoutMs / 3, (tickTimeMs * 2) / 3)
}

/** What the network loop needs of the rings. */
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
  /** The bell of the thread that gets a write from the tree, and that sleeps deepest: the log's, or
   * that of a member's zab. */
  readonly #nextBell: Doorbell
  readonly #clock: HostClock
  readonly #counters: TurnCounters
  readonly #heard: Pick<LastHeardTable, 'inTouchMs'>
  readonly #touchMsMax: number
  #writing = false
  #awaited = 0
  #passed = 0

  /** `touchMsMax`: how long a member of an ensemble may be out of touch with the others before
   * its clients are no longer read from. Null on a standalone server, whose tree proposes to
   * the log. */
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

  /** True while nothing may be read from clients: a ring towards the actors is full, or the server
   * that expires sessions may not know that we hear ours. If we answered a client then, it would
   * not look for another server in time. */
  get blocked(): boolean {
    return this.#toTree.blocked || this.#toSessions.blocked || this.#isOutOfTouch
  }

  get #isOutOfTouch(): boolean {
    return this.#clock.nowMs - this.#heard.inTouchMs() > this.#touchMsMax
  }

  /** True if it was blocked, and is no longer. */
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

  /** A write goes to the tree, and will come to the log or to zab. That thread should wake up while
   * the tree's does, and not after it. */
  announceWrite(): void {
    this.#writing = true
  }

  /** A turn has ended that began when the clock was advanced, and took this many messages. What
   * sockets bring is handled between turns, and is not counted. */
  turned(messages: number): void {
    if (this.#counters.isTimed) this.#counters.timed(this.#clock.read() - this.#clock.nowMs)
    this.#counters.turned(messages, this.#clock.nowMs)
  }

  /** Delivers up to `limit` messages, and returns how many. */
  drain(network: NetworkMessages, limit: number): number {
    let count = 0
    while (count < limit) {
      // Marks wrap. The watches actor is never ahead of a mark that the tree has not sent here.
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

  /** Called by the network loop's `after`. */
  await(mark: number): void {
    this.#awaited = mark
  }

  /** Called by the network loop's `passed`. Marks are passed in order. */
  pass(mark: number): void {
    this.#passed = mark
  }
}
