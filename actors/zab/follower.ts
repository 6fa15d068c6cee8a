// The learner's side of Zab 1.0 (Learner, Follower, Observer).
//
//   connecting --LEADERINFO, epoch saved--> synchronizing --NEWLEADER, history and epoch saved-->
//   waiting --UPTODATE--> following
//
// Guarantees: nothing is acknowledged before it is on disk, NEWLEADER not before the whole history
// it closes and then the epoch are (ZOOKEEPER-4643, 4646); proposals are acknowledged only after
// NEWLEADER was (4685); a commit must name the oldest proposal not committed; a hole in the
// proposals ends the role, and nothing of it is kept (4925).

import { JuteReader } from '../../protocol/jute-reader.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import { learnerInfoBytes } from '../../protocol/quorum/learner-info.ts'
import { type Packet, PacketType, PROTOCOL_VERSION } from '../../protocol/quorum/packet.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import { TXN_ZXID_AT } from '../../protocol/txn.ts'
import { epochOf, formatZxid, type Zxid, zxidOf } from '../../protocol/zxid.ts'
import type { EpochFile, Link, ZabContext } from './context.ts'
import { follows } from './history.ts'

type Phase = 'connecting' | 'synchronizing' | 'waiting' | 'following'

export class Follower {
  readonly role = 'following'
  readonly leader: ServerId
  readonly #context: ZabContext
  readonly #observer: boolean
  #phase: Phase = 'connecting'
  #link: Link | null = null
  #newEpoch = -1
  /** Everything up to here is on disk. */
  #synced: Zxid
  /** Acknowledged to the leader. */
  #acked: Zxid
  /** NEWLEADER has been acknowledged: proposals may be. */
  #mayAck = false
  #savingEpoch: EpochFile | null = null
  /** What must be on disk before NEWLEADER's epoch may be saved: a cut, a snapshot. */
  #repairing: 'truncate' | 'snapshot' | null = null
  #newLeaderHeard = false
  /** Proposals that wait for a snapshot to be durable before the log may take them. */
  #held: Zxid | null = null
  #heardMs: number
  readonly #deadlineMs: number

  constructor(context: ZabContext, leader: ServerId) {
    this.#context = context
    this.leader = leader
    const { clock, times, history, quorum, serverId } = context
    this.#observer = !quorum.isVoter(serverId)
    this.#synced = history.last
    this.#acked = history.last
    this.#heardMs = clock.nowMs
    this.#deadlineMs = clock.nowMs + times.initLimit * times.tickTimeMs
  }

  get phase(): Phase {
    return this.#phase
  }

  start(): void {
    this.#context.links.connect(this.leader)
  }

  stop(): void {
    if (this.#link !== null) this.#context.links.close(this.#link)
    this.#link = null
  }

  linkOpened(link: Link): void {
    this.#link = link
    const { epochs, serverId } = this.#context
    const type = this.#observer ? PacketType.observerInfo : PacketType.followerInfo
    this.#send(type, zxidOf(epochs.accepted, 0), learnerInfoBytes(serverId, 0n))
  }

  linkClosed(link: Link): void {
    if (this.#link !== null && link !== this.#link) return
    this.#link = null
    this.#context.giveUp(`the link to the leader ${this.leader} is gone`)
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
        this.#onProposal(packet)
        this.#onCommit(packet.zxid)
        break
      case PacketType.newLeader:
        this.#onNewLeader(packet.zxid)
        break
      case PacketType.upToDate:
        this.#onUpToDate()
        break
      case PacketType.ping:
        this.#send(PacketType.ping, packet.zxid, NO_TOUCHES)
        break
      default:
        this.#context.giveUp(`packet type ${packet.type} from the leader`)
    }
  }

  /** A piece of the tree that the leader sends, after SNAP. */
  snapshotPiece(bytes: Uint8Array, start: number, end: number): void {
    if (this.#repairing === 'snapshot') this.#context.tree.snapshotPiece(bytes, start, end)
  }

  snapshotEnd(zxid: Zxid): void {
    if (this.#repairing !== 'snapshot') return
    const { tree, log, history } = this.#context
    tree.snapshotEnd(zxid)
    history.restart(zxid)
    this.#synced = zxid
    this.#acked = zxid
    log.install(zxid)
  }

  /** The snapshot is durable and the log begins anew behind it. */
  installed(): void {
    const { history, log } = this.#context
    this.#repairing = null
    if (this.#held !== null) {
      for (const { zxid, bytes } of history.after(this.#held))
        log.append(zxid, bytes, 0, bytes.length)
    }
    this.#held = null
    this.#maybeSaveEpoch()
  }

  truncated(): void {
    this.#repairing = null
    this.#maybeSaveEpoch()
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
    const { clock, times } = this.#context
    const silentMs = clock.nowMs - this.#heardMs
    if (this.#phase !== 'following' && clock.nowMs >= this.#deadlineMs) {
      this.#context.giveUp(`not synchronized with ${this.leader} within initLimit`)
    } else if (this.#phase === 'following' && silentMs >= times.syncLimit * times.tickTimeMs) {
      this.#context.giveUp(`the leader ${this.leader} is silent`)
    }
  }

  nextTickMs(): number {
    const { times } = this.#context
    if (this.#phase !== 'following') return this.#deadlineMs
    return this.#heardMs + times.syncLimit * times.tickTimeMs
  }

  describe(): string {
    const { history } = this.#context
    return `following ${this.leader}, ${this.#phase}, last ${formatZxid(history.last)}`
  }

  #onLeaderInfo(packet: Packet): void {
    const { epochs, log } = this.#context
    const version = packet.data === null ? 0 : new JuteReader(packet.data).int()
    const epoch = epochOf(packet.zxid)
    if (this.#newEpoch !== -1 || version < PROTOCOL_VERSION || epoch < epochs.accepted) {
      this.#context.giveUp(`epoch ${epoch} offered, ${epochs.accepted} promised`)
      return
    }
    this.#newEpoch = epoch
    if (epoch === epochs.accepted) {
      this.#sendAckEpoch(-1)
      return
    }
    epochs.accepted = epoch
    this.#savingEpoch = 'accepted'
    log.saveEpoch('accepted', epoch)
  }

  #sendAckEpoch(currentEpoch: number): void {
    const data = new JuteWriter(4)
    data.int(currentEpoch)
    this.#phase = 'synchronizing'
    this.#send(PacketType.ackEpoch, this.#context.history.last, data.finish())
  }

  #onSync(packet: Packet): void {
    const { history, log, tree } = this.#context
    if (this.#phase !== 'synchronizing' || this.#newLeaderHeard) {
      this.#context.giveUp('synchronization out of turn')
      return
    }
    if (packet.type === PacketType.diff) {
      // What we had logged is a prefix of the leader's committed history.
      this.#commitUpTo(history.last < packet.zxid ? history.last : packet.zxid)
    } else if (packet.type === PacketType.trunc) {
      this.#repairing = 'truncate'
      const rebuild = packet.zxid < history.committed
      if (rebuild) history.restart(packet.zxid)
      else history.truncate(packet.zxid)
      this.#synced = packet.zxid
      this.#acked = packet.zxid
      log.truncate(packet.zxid, rebuild)
      if (!rebuild) this.#commitUpTo(packet.zxid)
    } else {
      this.#repairing = 'snapshot'
      this.#held = packet.zxid
      tree.snapshotBegin(packet.zxid)
    }
  }

  #onProposal({ zxid, data }: Packet): void {
    const { history, log } = this.#context
    if (data === null || this.#phase === 'connecting' || zxidIn(data) !== zxid) {
      this.#context.giveUp(`proposal ${formatZxid(zxid)} out of turn or not what it says`)
    } else if (zxid <= history.last) {
      // Sent twice: once with the synchronization, once as it was made (protocol-spec issue 2).
    } else if (!follows(history.last, zxid)) {
      const last = formatZxid(history.last)
      this.#context.giveUp(`proposal ${formatZxid(zxid)} does not follow ${last}`)
    } else {
      history.append(zxid, data, 0, data.length)
      if (this.#held === null) log.append(zxid, data, 0, data.length)
    }
  }

  #onCommit(zxid: Zxid): void {
    const { history } = this.#context
    if (zxid <= history.committed) return
    const next = history.after(history.committed)[0]
    if (next?.zxid !== zxid) {
      const wanted = next === undefined ? 'nothing' : formatZxid(next.zxid)
      this.#context.giveUp(`commit of ${formatZxid(zxid)}, but ${wanted} is next`)
      return
    }
    this.#commitUpTo(zxid)
  }

  #commitUpTo(zxid: Zxid): void {
    const { history, tree } = this.#context
    if (zxid <= history.committed) return
    for (const { zxid: each, bytes } of history.commit(zxid)) {
      tree.apply(each, bytes, 0, bytes.length)
    }
  }

  #onNewLeader(zxid: Zxid): void {
    if (this.#phase !== 'synchronizing' || epochOf(zxid) !== this.#newEpoch) {
      this.#context.giveUp(`NEWLEADER ${formatZxid(zxid)} out of turn`)
      return
    }
    this.#newLeaderHeard = true
    this.#maybeSaveEpoch()
  }

  /** The log writes the epoch after everything appended before, so this closes the history. */
  #maybeSaveEpoch(): void {
    if (!this.#newLeaderHeard || this.#repairing !== null || this.#savingEpoch !== null) return
    const { epochs, log } = this.#context
    epochs.current = this.#newEpoch
    this.#savingEpoch = 'current'
    log.saveEpoch('current', this.#newEpoch)
  }

  #ackNewLeader(): void {
    this.#phase = 'waiting'
    this.#mayAck = true
    this.#send(PacketType.ack, zxidOf(this.#newEpoch, 0), null)
    this.#ackSynced()
  }

  #onUpToDate(): void {
    if (this.#phase !== 'waiting') {
      this.#context.giveUp('UPTODATE out of turn')
      return
    }
    const { tree, history, journal } = this.#context
    this.#phase = 'following'
    this.#send(PacketType.ack, zxidOf(this.#newEpoch, 0), null)
    journal.log('info', 'following', { leader: this.leader, epoch: this.#newEpoch })
    tree.follow(history.committed)
  }

  /** A voter acknowledges every proposal; the leader counts each by itself. */
  #ackSynced(): void {
    if (!this.#mayAck || this.#observer) return
    for (const { zxid } of this.#context.history.after(this.#acked)) {
      if (zxid > this.#synced) break
      this.#acked = zxid
      this.#send(PacketType.ack, zxid, null)
    }
  }

  #send(type: PacketType, zxid: Zxid, data: Uint8Array | null): void {
    if (this.#link !== null) this.#context.links.send(this.#link, type, zxid, data)
  }
}

const NO_TOUCHES = new Uint8Array(0)

/** The zxid in a transaction's header; null if there is none. */
function zxidIn(txn: Uint8Array): Zxid | null {
  if (txn.length < TXN_ZXID_AT + 8) return null
  return new JuteReader(txn, TXN_ZXID_AT).zxid()
}
