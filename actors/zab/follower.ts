// The learner's side of Zab 1.0 (Learner, Follower, Observer).
//
//   connecting --LEADERINFO, epoch saved--> synchronizing --NEWLEADER, history and epoch saved-->
//   waiting --UPTODATE--> following
//
// Guarantees: nothing is acknowledged before it is on disk, NEWLEADER not before the whole history
// it closes and then the epoch are (ZOOKEEPER-4643, 4646); proposals are acknowledged only after
// NEWLEADER was (4685); a commit must name the oldest proposal not committed; a hole in the
// proposals ends the role, and nothing of it is kept (4925). Commits are applied from UPTODATE on,
// when the leader is known to be established: what a deposed leader said before that never reaches
// the tree.

import { JuteReader } from '../../protocol/jute-reader.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import { learnerInfoBytes } from '../../protocol/quorum/learner-info.ts'
import { type Packet, PacketType, PROTOCOL_VERSION } from '../../protocol/quorum/packet.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import { type SessionId, sessionIdOf } from '../../protocol/session-id.ts'
import { epochOf, formatZxid, ZXID_NONE, type Zxid, zxidOf } from '../../protocol/zxid.ts'
import type { EpochFile, Link, ZabContext } from './context.ts'
import { follows, zxidIn } from './history.ts'
import { Repair } from './repair.ts'

type Phase = 'connecting' | 'synchronizing' | 'waiting' | 'following'

/** A leader that we have elected may not have heard of it yet (Learner.connectToLeader). */
const DIALS_MAX = 8
/** Doubled after each dial. */
const REDIAL_MS = 10
/** Heartbeats that may be missed, whatever `silenceMs` says. */
const BEATS = 4
/** A tick this late means that the whole process was held up. */
const LATE_MS = 50
const TOUCHES_BYTES_MAX = 12 * 1_000_000

export class Follower {
  readonly role = 'following'
  readonly leader: ServerId
  readonly #context: ZabContext
  readonly #observer: boolean
  #phase: Phase = 'connecting'
  #link: Link | null = null
  #dials = 0
  #redialAtMs: number = Number.POSITIVE_INFINITY
  #newEpoch = -1
  /** Up to here our history was the leader's before it sent proposals; null before it said so. */
  #base: Zxid | null = null
  /** The newest commit heard; applied at UPTODATE, and as it comes from then on. */
  #toCommit: Zxid = ZXID_NONE
  /** Everything up to here is on disk. */
  #synced: Zxid
  /** Acknowledged to the leader. */
  #acked: Zxid
  /** NEWLEADER has been acknowledged: proposals may be. */
  #mayAck = false
  #savingEpoch: EpochFile | null = null
  readonly repair: Repair
  /** In this epoch only SNAP will do: a cut was refused. */
  #treeEpoch = -1
  #newLeaderHeard = false
  #heardMs: number
  /** How long the leader may be silent. */
  #silenceMs: number
  /** When a tick was asked for: one that comes late says that we were not there to hear. */
  #dueMs: number = Number.POSITIVE_INFINITY
  readonly #deadlineMs: number
  /** Sessions heard since the leader's last PING. */
  readonly #touches = new JuteWriter()

  constructor(context: ZabContext, leader: ServerId) {
    this.#context = context
    this.leader = leader
    const { clock, times, history, quorum, serverId } = context
    this.#observer = !quorum.isVoter(serverId)
    this.#synced = history.last
    this.#acked = history.last
    this.repair = new Repair(
      context,
      () => this.#onRepaired(),
      () => this.#onUncut(),
    )
    this.#heardMs = clock.nowMs
    this.#silenceMs = times.syncLimit * times.tickTimeMs
    this.#deadlineMs = clock.nowMs + times.initLimit * times.tickTimeMs
  }

  start(): void {
    this.#dial()
  }

  stop(): void {
    if (this.#link !== null) this.#context.links.close(this.#link)
    this.#link = null
  }

  linkOpened(link: Link): void {
    if (link !== this.#link) {
      this.#context.links.close(link)
      return
    }
    const { epochs, serverId, times } = this.#context
    const type = this.#observer ? PacketType.observerInfo : PacketType.followerInfo
    this.#send(type, zxidOf(epochs.accepted, 0), learnerInfoBytes(serverId, 0n, times.heartbeatMs))
  }

  linkClosed(link: Link): void {
    if (link !== this.#link) return
    this.#link = null
    if (this.#newEpoch === -1 && this.#dials < DIALS_MAX) {
      this.#redialAtMs = this.#context.clock.nowMs + REDIAL_MS * 2 ** (this.#dials - 1)
    } else {
      this.#context.giveUp(`the link to the leader ${this.leader} is gone`)
    }
  }

  malformed(link: Link, why: string): void {
    if (link === this.#link) this.#context.giveUp(`malformed packet: ${why}`)
  }

  packet(link: Link, packet: Packet): void {
    if (link !== this.#link) return
    this.#heardMs = this.#context.clock.nowMs
    switch (packet.type) {
      case PacketType.leaderInfo:
        this.#onLeaderInfo(packet)
        break
      case PacketType.diff:
      case PacketType.trunc:
      case PacketType.snap:
        this.#onSync(packet)
        break
      case PacketType.proposal:
        this.#onProposal(packet)
        break
      case PacketType.commit:
        this.#onCommit(packet.zxid)
        break
      case PacketType.inform:
        if (this.#onProposal(packet)) this.#onCommit(packet.zxid)
        break
      case PacketType.newLeader:
        this.#onNewLeader(packet.zxid)
        break
      case PacketType.upToDate:
        this.#onUpToDate()
        break
      case PacketType.ping:
        this.#onPing(packet.zxid)
        break
      case PacketType.sync:
        if (this.#phase === 'following') this.#context.tree.synchronized()
        break
      case PacketType.revalidate:
        this.#onRevalidated(packet.data)
        break
      default:
        this.#context.giveUp(`packet type ${packet.type} from the leader`)
    }
  }

  snapshotPiece(link: Link, bytes: Uint8Array, start: number, end: number): void {
    if (link !== this.#link) return
    this.#heardMs = this.#context.clock.nowMs
    this.repair.piece(bytes, start, end)
  }

  snapshotEnd(link: Link): void {
    if (link === this.#link) this.repair.end()
  }

  /** For a client of ours: data, then the client's identities. */
  forward(dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#phase !== 'following' || this.#link === null) return
    const dataEnd = start + dataBytes
    const data = bytes.subarray(start, dataEnd)
    const identities = bytes.subarray(dataEnd, end)
    this.#context.links.send(this.#link, PacketType.request, ZXID_NONE, data, identities)
  }

  revalidate(sessionId: SessionId, timeoutMs: number): void {
    if (this.#phase !== 'following') return
    const data = new JuteWriter(12)
    data.long(sessionId)
    data.int(timeoutMs)
    this.#send(PacketType.revalidate, ZXID_NONE, data.finish())
  }

  touched(bytes: Uint8Array, start: number, end: number): void {
    // A leader that sends no PING is soon silent for good.
    if (this.#touches.length < TOUCHES_BYTES_MAX) this.#touches.raw(bytes, start, end)
  }

  synced(zxid: Zxid): void {
    this.#synced = zxid
    this.#ackSynced()
  }

  epochSaved(which: EpochFile): void {
    if (this.#savingEpoch !== which) return
    this.#savingEpoch = null
    if (which === 'accepted') this.#sendAckEpoch(this.#context.epochs.current)
    else this.#ackNewLeader()
  }

  tick(): void {
    const { clock } = this.#context
    this.#excuseOurselves(clock.nowMs)
    const silentMs = clock.nowMs - this.#heardMs
    if (this.#phase !== 'following' && clock.nowMs >= this.#deadlineMs) {
      this.#context.giveUp(`not synchronized with ${this.leader} within initLimit`)
    } else if (this.#phase === 'following' && silentMs >= this.#silenceMs) {
      this.#context.giveUp(`the leader ${this.leader} is silent`)
    } else if (clock.nowMs >= this.#redialAtMs) {
      this.#dial()
    }
  }

  nextTickMs(): number {
    const following = this.#phase === 'following'
    const dueMs = following
      ? this.#heardMs + this.#silenceMs
      : Math.min(this.#deadlineMs, this.#redialAtMs)
    this.#dueMs = dueMs
    return dueMs
  }

  describe(): string {
    const { history } = this.#context
    return `following ${this.leader}, ${this.#phase}, last ${formatZxid(history.last)}`
  }

  /** What the leader said while we were stopped is still to be read. */
  #excuseOurselves(nowMs: number): void {
    const lateMs = nowMs - this.#dueMs
    if (this.#phase === 'following' && lateMs > LATE_MS) this.#heardMs = nowMs - this.#silenceMs / 2
  }

  #onPing(zxid: Zxid): void {
    // Before UPTODATE a Java learner is silent, and the leader counts answers.
    if (this.#phase !== 'following') return
    this.#send(PacketType.ping, zxid, this.#touches.bytes.subarray(0, this.#touches.length))
    this.#touches.reset()
  }

  #onRevalidated(data: Uint8Array | null): void {
    if (this.#phase !== 'following' || data === null) return
    const reader = new JuteReader(data)
    const sessionId = sessionIdOf(reader.long())
    this.#context.tree.revalidated(sessionId, reader.bool())
  }

  #dial(): void {
    this.#dials++
    this.#redialAtMs = Number.POSITIVE_INFINITY
    this.#link = this.#context.links.connect(this.leader)
  }

  #onLeaderInfo(packet: Packet): void {
    const { epochs, log, times } = this.#context
    const data = new JuteReader(packet.data ?? NO_BYTES)
    const version = packet.data === null ? 0 : data.int()
    if (data.remaining >= 4) this.#silenceMs = Math.max(times.silenceMs, BEATS * data.int())
    const epoch = epochOf(packet.zxid)
    // An observer's promise counts for nobody, so it may follow a leader that came before the one
    // it has promised; but not go back behind the one it has followed.
    const promised = this.#observer ? epochs.current : epochs.accepted
    if (this.#newEpoch !== -1 || version < PROTOCOL_VERSION || epoch < promised) {
      this.#context.giveUp(`epoch ${epoch} offered, ${promised} promised`)
      return
    }
    this.#newEpoch = epoch
    if (this.#treeEpoch !== -1 && epoch !== this.#treeEpoch) {
      this.#context.giveUp('another epoch than the one in which a cut was refused')
      return
    }
    if (epoch <= epochs.accepted) {
      this.#sendAckEpoch(-1)
      return
    }
    epochs.accepted = epoch
    this.#savingEpoch = 'accepted'
    log.saveEpoch('accepted', epoch)
  }

  /** -1: this epoch was promised before, and is not promised again. */
  #sendAckEpoch(currentEpoch: number): void {
    const data = new JuteWriter(4)
    data.int(currentEpoch)
    this.#phase = 'synchronizing'
    const { history } = this.#context
    // Not counted by the leader, so we may stand nowhere, and be sent the whole tree.
    const last = this.#treeEpoch === -1 ? history.last : ZXID_NONE
    this.#send(PacketType.ackEpoch, last, data.finish())
  }

  #onSync(packet: Packet): void {
    const { history, journal } = this.#context
    if (this.#phase !== 'synchronizing' || this.#base !== null) {
      this.#context.giveUp('synchronization out of turn')
      return
    }
    const by = SYNC_NAMES[packet.type] ?? packet.type
    journal.log('info', 'synchronized', { leader: this.leader, by, zxid: formatZxid(packet.zxid) })
    // All that we had logged is a prefix of the leader's history.
    if (packet.type === PacketType.diff && this.#treeEpoch === -1) this.#base = history.last
    else if (packet.type === PacketType.trunc) this.#onTrunc(packet.zxid)
    else if (packet.type === PacketType.snap) this.#onSnap(packet.zxid)
    else this.#context.giveUp('DIFF for one that stands nowhere')
    if (this.#base === null) return
    this.#toCommit = this.#base
    this.#synced = this.#base
  }

  #onTrunc(zxid: Zxid): void {
    if (zxid > this.#context.history.last || zxid < 0 || this.#treeEpoch !== -1) {
      this.#context.giveUp(`TRUNC to ${formatZxid(zxid)}`)
      return
    }
    this.#base = zxid
    this.repair.cut(zxid)
  }

  #onSnap(zxid: Zxid): void {
    if (zxid < 0) {
      this.#context.giveUp(`SNAP at ${formatZxid(zxid)}`)
      return
    }
    this.#base = zxid
    this.repair.receive(zxid)
  }

  /** Disk and tree end at the base: the log takes what was proposed meanwhile. It had to wait,
   * lest the tree be loaded with it. */
  #onRepaired(): void {
    const { history, log } = this.#context
    for (const { zxid, bytes } of history.after(this.#base!)) {
      log.append(zxid, bytes, 0, bytes.length)
    }
    this.#maybeSaveEpoch()
  }

  /** Our oldest snapshot lies behind the cut: we come back and ask this leader for its tree. To
   * look for another would take a voter from it that it may be waiting for. */
  #onUncut(): void {
    const { links, journal } = this.#context
    journal.log('warn', 'cut-refused', { zxid: formatZxid(this.#base!) })
    if (this.#link !== null) links.close(this.#link)
    this.#treeEpoch = this.#newEpoch
    this.#phase = 'connecting'
    this.#newEpoch = -1
    this.#newLeaderHeard = false
    this.#base = null
    this.#dials = 0
    this.#dial()
  }

  /** Whether the role goes on. */
  #onProposal({ zxid, data }: Packet): boolean {
    const { history, log } = this.#context
    if (data === null || this.#base === null || this.repair.isReceiving) {
      this.#context.giveUp(`proposal ${formatZxid(zxid)} out of turn`)
      return false
    }
    if (zxidIn(data) !== zxid) {
      this.#context.giveUp(`proposal ${formatZxid(zxid)} is not what it says`)
      return false
    }
    // Sent twice: once with the synchronization, once as it was made (protocol-spec issue 2).
    if (zxid <= history.last) return true
    if (!follows(history.last, zxid) || epochOf(zxid) > this.#newEpoch) {
      const last = formatZxid(history.last)
      this.#context.giveUp(`proposal ${formatZxid(zxid)} does not follow ${last}`)
      return false
    }
    history.append(zxid, data, 0, data.length)
    if (!this.repair.isUnderWay) log.append(zxid, data, 0, data.length)
    return true
  }

  #onCommit(zxid: Zxid): void {
    const { history } = this.#context
    if (this.#base !== null && zxid <= this.#toCommit) return
    const next = this.#base === null ? undefined : history.after(this.#toCommit)[0]
    if (next?.zxid !== zxid) {
      const wanted = next === undefined ? 'nothing' : formatZxid(next.zxid)
      this.#context.giveUp(`commit of ${formatZxid(zxid)}, but ${wanted} is next`)
      return
    }
    this.#toCommit = zxid
    if (this.#phase === 'following') this.#apply()
  }

  #apply(): void {
    const { history, tree } = this.#context
    for (const { zxid, bytes } of history.commit(this.#toCommit)) {
      tree.apply(zxid, bytes, 0, bytes.length)
    }
  }

  #onNewLeader(zxid: Zxid): void {
    const inTurn = this.#base !== null && !this.#newLeaderHeard && !this.repair.isReceiving
    if (!inTurn || epochOf(zxid) !== this.#newEpoch) {
      this.#context.giveUp(`NEWLEADER ${formatZxid(zxid)} out of turn`)
      return
    }
    this.#newLeaderHeard = true
    this.#maybeSaveEpoch()
  }

  /** The log writes the epoch after everything appended before, so this closes the history. */
  #maybeSaveEpoch(): void {
    if (!this.#newLeaderHeard || this.repair.isUnderWay) return
    const { epochs, log } = this.#context
    epochs.current = this.#newEpoch
    this.#savingEpoch = 'current'
    log.saveEpoch('current', this.#newEpoch)
  }

  #ackNewLeader(): void {
    this.#phase = 'waiting'
    this.#mayAck = true
    // What has been committed needs nobody's acknowledgement.
    this.#acked = this.#toCommit
    this.#send(PacketType.ack, zxidOf(this.#newEpoch, 0), null)
    this.#ackSynced()
  }

  #onUpToDate(): void {
    if (this.#phase !== 'waiting') {
      this.#context.giveUp('UPTODATE out of turn')
      return
    }
    const { tree, journal, established } = this.#context
    this.#phase = 'following'
    this.#apply()
    this.#send(PacketType.ack, zxidOf(this.#newEpoch, 0), null)
    journal.log('info', 'following', { leader: this.leader, epoch: this.#newEpoch })
    established(this.#newEpoch)
    tree.follow(zxidOf(this.#newEpoch, 0))
  }

  /** A voter acknowledges every proposal; the leader counts each by itself. */
  #ackSynced(): void {
    if (!this.#mayAck || this.#observer) return
    const { history } = this.#context
    for (const { zxid } of history.after(this.#acked)) {
      if (zxid > this.#synced) break
      this.#ack(zxid)
    }
    // Committed, and forgotten, before it was on our disk: the leader waits for it all the same.
    const reached = this.#synced < history.last ? this.#synced : history.last
    if (this.#acked < reached) this.#ack(reached)
  }

  #ack(zxid: Zxid): void {
    this.#acked = zxid
    this.#send(PacketType.ack, zxid, null)
  }

  #send(type: PacketType, zxid: Zxid, data: Uint8Array | null): void {
    if (this.#link !== null) this.#context.links.send(this.#link, type, zxid, data)
  }
}

const NO_BYTES = new Uint8Array(0)
const SYNC_NAMES: Readonly<Record<number, string>> = {
  [PacketType.diff]: 'DIFF',
  [PacketType.trunc]: 'TRUNC',
  [PacketType.snap]: 'SNAP',
}
