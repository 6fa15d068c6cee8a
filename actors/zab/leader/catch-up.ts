// How a learner is brought up to the leader's history, and kept there however slow it is: DIFF,
// TRUNC or SNAP, then what follows it, then NEWLEADER (LearnerHandler.syncFollower); and from then
// on live.
//
//   new --> asked (of the disk) --> snapshot --> behind --> live
//    '---------- held in memory ---------------^   '<--------' too much waits for its link
//
// A learner that is behind is a place in our history, not a queue. It is sent no more than its link
// takes: from memory where memory reaches back that far, and otherwise read from the disk. So its
// cost is bounded (roomBytes, and one piece), whatever is written meanwhile. Once it has
// everything, it gets proposals and commits as they are made.
//
// Committed entries go as PROPOSAL with COMMIT. So does everything that the leader had logged when
// it was elected, the epoch's initial history: the quorum of NEWLEADER acks commits it, and the
// learner applies it at UPTODATE. What was proposed since and is not committed follows as PROPOSAL
// alone. A learner that has more than is committed is cut back first, so that it acknowledges the
// rest again. UPTODATE, too, waits until the learner has everything.
//
// A voter of ZooKeeper's gets nothing between NEWLEADER and UPTODATE: a COMMIT there makes 3.8's
// forget the proposal (ZOOKEEPER-4394), and what it missed follows UPTODATE.
//
// If the disk cannot be read for a learner, its link ends, and next time it is sent a snapshot: what
// cannot be read today cannot be read tomorrow, and it would never come back.

import { assert } from '../../../protocol/assert.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import type { ReadKind } from '../../../protocol/messages/log.ts'
import { membershipText } from '../../../protocol/quorum/membership-config.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { DESIGNATED_BYTES } from '../../../protocol/quorum/reconfig-txn.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { snapshotSignature } from '../../../protocol/quorum/snapshot-stream.ts'
import {
  counterOf,
  epochOf,
  follows,
  formatZxid,
  nextZxid,
  ZXID_ZERO,
  type Zxid,
  zxidOf,
} from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'
import { ALL_TOUCHED } from '../follower/own-clients.ts'
import { type History, zxidIn } from '../history.ts'
import type { Link } from '../neighbours.ts'
import type { Heartbeats } from './heartbeats.ts'
import type { Learner } from './learner.ts'

/** Names for the journal. */
export const SYNC_NAMES: Readonly<Record<number, string>> = {
  [PacketType.diff]: 'DIFF',
  [PacketType.trunc]: 'TRUNC',
  [PacketType.snap]: 'SNAP',
}

/** Strangers may claim to be any number of learners. */
const UNREADABLE_MAX = 256

const SIGNATURE = snapshotSignature()

export interface CatchUpLeader {
  /** The last entry that is committed, or will be before any learner gets UPTODATE. */
  readonly decided: Zxid
  readonly heartbeats: Pick<Heartbeats, 'joined'>
  drop(learner: Learner, why: string): void
}

export class CatchUp {
  readonly #context: ZabContext
  readonly #learners: ReadonlyMap<Link, Learner>
  readonly #leader: CatchUpLeader
  /** Servers for which reading the log has failed. Bound: UNREADABLE_MAX, the latest of them. */
  readonly #unreadable: Set<ServerId> = new Set()

  constructor(context: ZabContext, learners: ReadonlyMap<Link, Learner>, leader: CatchUpLeader) {
    this.#context = context
    this.#learners = learners
    this.#leader = leader
  }

  /** The learner has said where its history ends. */
  begin(learner: Learner): void {
    assert(learner.feed === 'new', 'a learner is synchronized twice')
    learner.phase = 'synchronizing'
    learner.fedSinceMs = this.#context.clock.nowMs
    const { history } = this.#context
    const { lastZxid } = learner
    const { decided } = this.#leader
    const base = baseOf(lastZxid, history, decided)
    if (base === 'snapshot') this.#ask(learner, 'snapshot', decided)
    else if (base !== 'unknown') this.#begunAt(learner, base)
    else if (this.#unreadable.has(learner.serverId)) this.#ask(learner, 'snapshot', decided)
    else this.#ask(learner, 'near', lastZxid < decided ? lastZxid : decided)
  }

  /** UPTODATE goes to the learner as soon as it has everything. */
  established(learner: Learner): void {
    learner.owedUpToDate = true
    if (learner.isHeld) {
      this.#sendUpToDate(learner)
      this.#feed(learner)
    } else if (learner.feed === 'live') this.#sendUpToDate(learner)
  }

  /** Takes learners out of the broadcast whose links have too much waiting. */
  endTurn(): void {
    const { links, history } = this.#context
    for (const link of links.takeOverfull()) {
      const learner = this.#learners.get(link)
      if (learner?.feed !== 'live') continue
      learner.feed = 'behind'
      learner.sent = learner.observer ? history.committed : history.last
      learner.told = history.committed
      links.awaitRoom(link)
    }
  }

  ready(link: Link): void {
    const learner = this.#learners.get(link)
    if (learner === undefined) return
    if (learner.feed === 'snapshot') this.#readOn(learner)
    else if (learner.feed === 'behind') this.#feed(learner)
  }

  readBegun(link: Link, from: Zxid, bySnapshot: boolean): void {
    const learner = this.#learners.get(link)
    if (learner?.reading !== 'asked') return
    learner.reading = 'open'
    if (learner.feed === 'behind') this.#readOn(learner)
    else if (bySnapshot) this.#begunBySnapshot(learner, from)
    // A log must not be cut across epochs: send the whole tree instead.
    else if (epochOf(from) !== epochOf(learner.lastZxid)) this.#ask(learner, 'snapshot', from)
    else {
      learner.readsEntries = true
      this.#begunAt(learner, from)
    }
  }

  pieceRead(link: Link, last: boolean, bytes: Uint8Array, start: number, end: number): void {
    const learner = this.#learners.get(link)
    if (learner?.reading !== 'due' || learner.feed !== 'snapshot') return
    const { links } = this.#context
    learner.reading = 'open'
    learner.fedBytes += end - start
    links.sendRaw(link, bytes, start, end)
    if (last) {
      links.sendRaw(link, SIGNATURE, 0, SIGNATURE.length)
      learner.feed = 'behind'
      this.#feed(learner)
    } else if (this.#hasRoom(learner)) {
      this.#readOn(learner)
    }
  }

  entriesRead(link: Link, bytes: Uint8Array, start: number, end: number): void {
    const learner = this.#learners.get(link)
    if (learner?.reading !== 'due' || learner.feed !== 'behind') return
    learner.reading = 'open'
    const reader = new JuteReader(bytes, start, end)
    while (reader.remaining > 0) {
      const length = reader.int()
      const txn = bytes.subarray(reader.offset, reader.offset + length)
      reader.skip(length)
      const zxid = zxidIn(txn)
      // From here on memory has everything, and what is not committed is sent from there.
      if (zxid === null || zxid > this.#leader.decided) break
      if (!follows(learner.sent, zxid)) {
        const pair = `${formatZxid(zxid)} after ${formatZxid(learner.sent)}`
        this.#unread(learner, `the disk holds ${pair}`)
        return
      }
      this.#send(learner, zxid, txn)
    }
    this.#feed(learner)
  }

  readFailed(link: Link, why: string): void {
    const learner = this.#learners.get(link)
    if (learner === undefined || learner.reading === 'none') return
    learner.reading = 'none'
    this.#unread(learner, why)
  }

  /** The learner is gone. */
  closed(learner: Learner): void {
    this.#endRead(learner)
  }

  #unread(learner: Learner, why: string): void {
    const { serverId } = learner
    this.#unreadable.delete(serverId)
    this.#unreadable.add(serverId)
    if (this.#unreadable.size > UNREADABLE_MAX) {
      for (const oldest of this.#unreadable) {
        this.#unreadable.delete(oldest)
        break
      }
    }
    this.#leader.drop(learner, why)
  }

  #ask(learner: Learner, kind: ReadKind, after: Zxid): void {
    if (learner.feed === 'new') learner.feed = 'asked'
    learner.reading = 'asked'
    learner.owedSinceMs = this.#context.clock.nowMs
    this.#context.log.beginRead(learner.link, kind, after)
  }

  /** The learner shares our history up to `base`, or will once it has cut its log there. */
  #begunAt(learner: Learner, base: Zxid): void {
    const { links } = this.#context
    const { link, lastZxid } = learner
    if (base === lastZxid) links.send(link, PacketType.diff, this.#leader.decided, null)
    else links.send(link, PacketType.trunc, base, null)
    this.#note(learner, base === lastZxid ? 'DIFF' : 'TRUNC')
    learner.feed = 'behind'
    learner.sent = base
    learner.told = base
    this.#feed(learner)
  }

  #begunBySnapshot(learner: Learner, zxid: Zxid): void {
    this.#context.links.send(learner.link, PacketType.snap, zxid, null)
    this.#note(learner, 'SNAP')
    this.#unreadable.delete(learner.serverId)
    learner.feed = 'snapshot'
    learner.sent = zxid
    learner.told = zxid
    this.#readOn(learner)
  }

  #note({ serverId, link, lastZxid }: Learner, by: string): void {
    const [from, to] = [formatZxid(lastZxid), formatZxid(this.#leader.decided)]
    this.#context.journal.log('info', 'synchronizes', { server: serverId, by, from, to, link })
  }

  /** Sends as much as the link has room for. */
  #feed(learner: Learner): void {
    if (learner.isHeld) return
    const { history, links } = this.#context
    const { decided } = this.#leader
    for (;;) {
      this.#tellCommits(learner, decided)
      if (!history.reaches(learner.sent)) {
        if (this.#hasRoom(learner)) this.#readOn(learner)
        return
      }
      this.#endRead(learner)
      const entry = history.next(learner.sent)
      if (entry === undefined || (learner.observer && entry.zxid > decided)) break
      if (!this.#hasRoom(learner)) return
      this.#send(learner, entry.zxid, entry.bytes)
    }
    assert(learner.syncsOwed.length === 0, 'a sync is done before its commit')
    if (!learner.greeted) {
      learner.greeted = true
      const { membership, epochs } = this.#context
      const config = utf8Bytes(membershipText(membership.newest))
      links.send(learner.link, PacketType.newLeader, zxidOf(epochs.current, 0), config)
      if (learner.isHeld) return
    }
    learner.feed = 'live'
    if (learner.owedUpToDate) this.#sendUpToDate(learner)
  }

  /** If there is no room, `ready` is called when there is. */
  #hasRoom({ link }: Learner): boolean {
    const { links, roomBytes } = this.#context
    if (links.unsent(link) < roomBytes) return true
    links.awaitRoom(link)
    return false
  }

  #send(learner: Learner, zxid: Zxid, bytes: Uint8Array): void {
    const { clock, links } = this.#context
    const { link, observer } = learner
    const { decided } = this.#leader
    learner.sent = zxid
    if (!learner.current) learner.fedBytes += bytes.length
    if (observer) {
      if (this.#activates(learner, zxid)) {
        const data = new JuteWriter(DESIGNATED_BYTES + bytes.length)
        data.longNumber(this.#context.serverId)
        data.raw(bytes, 0, bytes.length)
        links.send(link, PacketType.informAndActivate, zxid, data.finish())
      } else links.send(link, PacketType.inform, zxid, bytes)
      this.#told(learner, zxid)
      return
    }
    links.send(link, PacketType.proposal, zxid, bytes)
    // Before UPTODATE the ACK of NEWLEADER stands for the committed entries, too.
    if (learner.current) learner.owes(clock.nowMs)
    if (zxid > decided) return
    this.#commit(learner, zxid)
  }

  /** Whether this is a reconfiguration that the learner must take as such. Before UPTODATE it learns
   * of the configuration with NEWLEADER, and ours learn of it from what they log. */
  #activates({ current, speaks }: Learner, zxid: Zxid): boolean {
    return current && !speaks.ranges && this.#context.configs.activated.has(zxid)
  }

  #commit(learner: Learner, zxid: Zxid): void {
    const { links, serverId } = this.#context
    if (this.#activates(learner, zxid)) {
      const data = new JuteWriter(DESIGNATED_BYTES)
      data.longNumber(serverId)
      links.send(learner.link, PacketType.commitAndActivate, zxid, data.finish())
    } else links.send(learner.link, PacketType.commit, zxid, null)
    this.#told(learner, zxid)
  }

  #told(learner: Learner, zxid: Zxid): void {
    const { link, syncsOwed } = learner
    learner.told = zxid
    while ((syncsOwed[0] ?? Number.POSITIVE_INFINITY) <= zxid) {
      syncsOwed.shift()
      this.#context.links.send(link, PacketType.sync, ZXID_ZERO, null)
    }
  }

  /** COMMITs for entries that were sent before they were committed. A learner of ours takes the
   * last one for all before it. */
  #tellCommits(learner: Learner, decided: Zxid): void {
    const upTo = learner.sent < decided ? learner.sent : decided
    while (learner.told < upTo) {
      const zxid = learner.speaks.ranges ? upTo : successor(learner.told, upTo)
      if (learner.observer) this.#told(learner, zxid)
      else this.#commit(learner, zxid)
    }
  }

  #readOn(learner: Learner): void {
    const { clock, log } = this.#context
    const { link, reading, feed, sent } = learner
    if (reading === 'asked' || reading === 'due') return
    // After a snapshot, or where memory no longer reaches, transactions are asked for afresh.
    if (feed === 'behind' && !learner.readsEntries) {
      learner.readsEntries = true
      this.#ask(learner, 'exact', sent)
      return
    }
    learner.reading = 'due'
    learner.owedSinceMs = clock.nowMs
    log.readOn(link)
  }

  #endRead(learner: Learner): void {
    if (learner.reading === 'none') return
    learner.reading = 'none'
    learner.readsEntries = false
    this.#context.log.endRead(learner.link)
  }

  #sendUpToDate(learner: Learner): void {
    const { clock, history, links, sessions } = this.#context
    assert(learner.greeted && learner.phase === 'ready', 'UPTODATE before its NEWLEADER')
    assert(!learner.current, 'UPTODATE twice')
    learner.owedUpToDate = false
    learner.becomeCurrent(history, clock.nowMs)
    this.#context.journal.log('info', 'up-to-date', {
      ...{ server: learner.serverId, bytes: learner.fedBytes },
      ms: Math.round(clock.nowMs - learner.fedSinceMs),
    })
    links.send(learner.link, PacketType.upToDate, zxidOf(-1, -1), null)
    sessions.touched(learner.link, 0, ALL_TOUCHED, 0, ALL_TOUCHED.length)
    this.#leader.heartbeats.joined()
  }
}

/** The last decided entry that learner and leader share, if memory holds everything after it;
 * 'unknown' if only the disk can tell. A learner whose last zxid is the zero of an epoch got a
 * snapshot at the start of that epoch. Such a zxid is in nobody's history, so nobody can tell what
 * its tree holds. */
function baseOf(lastZxid: Zxid, history: History, decided: Zxid): Zxid | 'unknown' | 'snapshot' {
  if (lastZxid <= decided && history.reaches(lastZxid)) return lastZxid
  if (lastZxid < 0 || counterOf(lastZxid) === 0) return 'snapshot'
  const floor = history.floor(lastZxid < decided ? lastZxid : decided)
  if (floor === null) return 'unknown'
  return epochOf(floor) === epochOf(lastZxid) ? floor : 'snapshot'
}

/** The zxid after this one, in a history that contains `upTo`, and in which only the newest epoch
 * is uncommitted. */
function successor(zxid: Zxid, upTo: Zxid): Zxid {
  return epochOf(zxid) === epochOf(upTo) ? nextZxid(zxid) : zxidOf(epochOf(upTo), 1)
}
