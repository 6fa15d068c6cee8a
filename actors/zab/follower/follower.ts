// The learner's side of Zab 1.0 (Learner, Follower, Observer).
//
//   connecting --LEADERINFO, epoch saved--> synchronizing --NEWLEADER, history and epoch saved-->
//   waiting --UPTODATE--> applying --all that it was sent--> following (or rejoining, see rejoin.ts)
//
// Guarantees: nothing is acknowledged before it is on disk; NEWLEADER is acknowledged after the whole
// history that it closes, and then the epoch, are on disk (ZOOKEEPER-4643, 4646), and proposals only
// after that (4685). A commit must name the oldest uncommitted proposal. A hole in the proposals ends
// the role, and nothing behind it is kept (4925). Nothing is applied before UPTODATE, which proves
// that the leader is established: what a deposed leader said never reaches the tree.

import { assert, known } from '../../../protocol/assert.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { type Packet, PacketType } from '../../../protocol/quorum/packet.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { epochOf, formatZxid, ZXID_NONE, type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import { isLone } from '../../actor.ts'
import { capabilitiesOf, type Peer, ZOOKEEPERS } from '../capabilities.ts'
import type { ZabContext } from '../context.ts'
import { SYNC_NAMES } from '../leader/catch-up.ts'
import type { EpochFile, Link } from '../neighbours.ts'
import { Acks } from './acks.ts'
import { Activation, observes, withoutLeader } from './activation.ts'
import { Applying } from './applying.ts'
import { AtWork } from './at-work.ts'
import { CommitMark } from './commit-mark.ts'
import { LeaderWatch } from './leader-watch.ts'
import { readOffer } from './offer.ts'
import { OwnClients } from './own-clients.ts'
import { flawOfProposal } from './proposal.ts'
import { Redial } from './redial.ts'
import { Rejoin } from './rejoin.ts'
import { flawOf, Repair } from './repair.ts'

type Phase = 'connecting' | 'synchronizing' | 'waiting' | 'applying' | 'rejoining' | 'following'

export class Follower {
  readonly role = 'following'
  readonly leader: ServerId
  readonly #context: ZabContext
  readonly #observer: boolean
  /** Invariant: it goes back only when a cut is refused, and then to `connecting`. */
  #phase: Phase = 'connecting'
  #link: Link | null = null
  readonly #redial: Redial
  /** -1 before LEADERINFO. Invariant: a voter's is no earlier than any that it has promised. */
  #newEpoch = -1
  /** Up to here our history is the leader's, and its proposals follow; null until it has said so. */
  #base: Zxid | null = null
  readonly #peer: Peer = { speaks: ZOOKEEPERS }
  readonly #acks: Acks
  /** Everything up to the mark is applied, at UPTODATE and from then on. */
  readonly #mark: CommitMark
  /** The epoch file being written. The leader hears once it is saved. */
  #savingEpoch: EpochFile | null = null
  readonly repair: Repair
  readonly applying: Applying
  readonly #atWork: AtWork
  /** The epoch in which a cut was refused, so that only SNAP will do; -1 for none. */
  #treeEpoch = -1
  #newLeaderHeard = false
  readonly watch: LeaderWatch
  readonly #rejoin: Rejoin | null
  readonly #activation: Activation
  readonly clients: OwnClients

  constructor(context: ZabContext, leader: ServerId, lostLeader: ServerId | null = null) {
    this.#redial = new Redial(leader === lostLeader)
    this.#context = context
    this.leader = leader
    const { history, serverId } = context
    this.#activation = new Activation(context, leader)
    this.#rejoin = context.damaged ? new Rejoin(serverId) : null
    this.#observer = context.damaged || observes(context)
    this.#acks = new Acks(history, this.#peer, (zxid) => {
      if (!this.#observer) this.#send(PacketType.ack, zxid, null)
    })
    this.#mark = new CommitMark(history, this.#peer, this.#acks)
    this.repair = new Repair(
      context,
      () => this.#onRepaired(),
      () => this.#onUncut(),
    )
    this.#atWork = new AtWork(context, this.#peer)
    this.applying = new Applying(context, this.#mark, this.#acks, () => this.#serve())
    this.watch = new LeaderWatch(context, leader)
    this.clients = new OwnClients(context, this.#peer)
  }

  reconfigured(): void {
    if (!this.rejoins && this.#observer !== observes(this.#context))
      this.#context.giveUpSoon('this server has another role now')
  }

  get rejoins(): boolean {
    return this.#rejoin !== null
  }

  /** Whether nothing that we hold counts, so that the leader must send its whole tree. */
  get #standsNowhere(): boolean {
    return this.#treeEpoch !== -1 || this.rejoins
  }

  start(): void {
    this.#dial()
  }

  stop(): void {
    this.#atWork.end()
    this.applying.stop()
    if (this.#link !== null) this.#context.links.close(this.#link)
    this.#link = null
  }

  linkOpened(link: Link): void {
    if (link !== this.#link) {
      this.#context.links.close(link)
      return
    }
    const { configs, credit, epochs, serverId, times } = this.#context
    credit.introduced()
    const type = this.#observer ? PacketType.observerInfo : PacketType.followerInfo
    const id = this.#rejoin?.alias ?? serverId
    const info = learnerInfoBytes(id, configs.version, times.heartbeatMs)
    this.#send(type, zxidOf(epochs.accepted, 0), info)
  }

  linkClosed(link: Link): void {
    if (link !== this.#link) return
    this.#link = null
    if (this.#newEpoch === -1 && this.#redial.failed(this.#context.clock.nowMs)) return
    this.#context.giveUp(`the link to the leader ${this.leader} is gone`)
  }

  malformed(link: Link, why: string): void {
    if (link === this.#link) this.#context.giveUp(`malformed packet: ${why}`)
  }

  progress(link: Link): void {
    if (link === this.#link) this.watch.heard()
  }

  packet(link: Link, packet: Packet): void {
    if (link !== this.#link) return
    this.watch.heard()
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
        this.#onCommit(packet.zxid, packet.data !== null)
        break
      case PacketType.commitAndActivate:
        this.#onCommit(packet.zxid, false)
        this.#activation.heard(packet)
        break
      case PacketType.inform:
        if (this.#onProposal(packet)) this.#onInformed(packet)
        break
      case PacketType.informAndActivate:
        this.packet(link, withoutLeader(packet))
        this.#activation.heard(packet)
        break
      case PacketType.newLeader:
        this.#activation.offered(packet)
        this.#onNewLeader(packet.zxid)
        break
      case PacketType.upToDate:
        this.#onUpToDate()
        break
      default:
        if (this.clients.packet(packet)) break
        this.#context.giveUp(`packet type ${packet.type} from the leader`)
    }
  }

  snapshotPiece(link: Link, bytes: Uint8Array, start: number, end: number): void {
    if (link !== this.#link) return
    this.watch.heard()
    this.repair.piece(bytes, start, end)
  }

  snapshotEnd(link: Link): void {
    if (link !== this.#link) return
    this.#atWork.begin()
    this.repair.end()
  }

  synced(zxid: Zxid): void {
    this.#acks.synced(zxid)
    if (!this.repair.isUnderWay) this.applying.logged()
    if (this.#rejoin?.isDone(zxid) === true) this.#context.whole()
  }

  epochSaved(which: EpochFile): void {
    assert(this.#savingEpoch === which, 'an epoch was saved unasked')
    this.#savingEpoch = null
    if (which === 'accepted') this.#sendAckEpoch(this.#context.epochs.current)
    else this.#ackNewLeader()
  }

  tick(): void {
    if (this.#atWork.tick(this.#link)) this.watch.heard()
    const why = this.watch.lapse(this.#phase === 'following')
    if (why !== null) this.#context.giveUp(why)
    else if (this.#context.clock.nowMs >= this.#redial.dueMs) this.#dial()
  }

  nextTickMs(): number {
    if (this.#phase === 'following') return this.watch.silentMs
    return Math.min(this.watch.initEndMs, this.#redial.dueMs, this.#atWork.dueMs)
  }

  expectsSoon(): boolean {
    return this.#phase === 'following' && isLone(this.#context.history.last - this.#acks.onDisk)
  }

  describe(): string {
    return `following ${this.leader}, ${this.#phase}, last ${formatZxid(this.#context.history.last)}`
  }

  #dial(): void {
    this.#redial.dialled()
    this.#link = this.#context.links.connect(this.leader)
  }

  #onLeaderInfo(packet: Packet): void {
    const { epochs, log } = this.#context
    const { epoch, heartbeatMs, wrong } = readOffer(this.#context, packet, this.#treeEpoch)
    this.#peer.speaks = capabilitiesOf(heartbeatMs)
    if (heartbeatMs > 0) this.watch.expectBeats(heartbeatMs)
    if (this.#newEpoch !== -1 || wrong !== null) {
      this.#context.giveUp(wrong ?? 'LEADERINFO twice')
      return
    }
    this.#newEpoch = epoch
    if (epoch <= epochs.accepted) {
      this.#sendAckEpoch(-1)
      return
    }
    epochs.accepted = epoch
    this.#savingEpoch = 'accepted'
    log.saveEpoch('accepted', epoch)
  }

  /** `currentEpoch` is -1 if this epoch was promised before: it is not promised again. */
  #sendAckEpoch(currentEpoch: number): void {
    const data = new JuteWriter(4)
    data.int(this.rejoins ? -1 : currentEpoch)
    this.#phase = 'synchronizing'
    const { history } = this.#context
    // Nothing that we hold counts: as if we had nothing, so that we are sent the whole tree.
    const last = this.#standsNowhere ? ZXID_NONE : history.last
    this.#send(PacketType.ackEpoch, last, data.finish())
  }

  #onSync(packet: Packet): void {
    const { history, journal } = this.#context
    const isInTurn = this.#phase === 'synchronizing' && this.#base === null
    const by = SYNC_NAMES[packet.type] ?? packet.type
    journal.log('info', 'synchronized', { leader: this.leader, by, zxid: formatZxid(packet.zxid) })
    const flaw = flawOf(packet, history.last, this.#newEpoch, this.#standsNowhere)
    if (!isInTurn || flaw !== null) {
      this.#context.giveUp(flaw ?? 'synchronization out of turn')
      return
    }
    // A DIFF means that everything we had logged is a prefix of the leader's history.
    const base = packet.type === PacketType.diff ? history.last : packet.zxid
    this.#base = base
    if (packet.type === PacketType.trunc) {
      this.#atWork.begin()
      this.repair.cut(base)
    } else if (packet.type === PacketType.snap) this.repair.receive(base)
    this.#mark.begin(base)
    this.#acks.restart(base)
  }

  /** Disk and tree end at the base now. What was proposed meanwhile goes to the log only now:
   * otherwise the tree would have been loaded with it. */
  #onRepaired(): void {
    const { history, log } = this.#context
    this.#atWork.end()
    for (const { zxid, bytes } of history.after(known(this.#base, 'base'))) {
      log.append(zxid, bytes, 0, bytes.length)
    }
    this.#maybeSaveEpoch()
  }

  /** Our oldest snapshot is later than the cut. We connect again, and ask this leader for its tree:
   * if we looked for another, this one would lose a voter that it may be waiting for. */
  #onUncut(): void {
    const { links, journal } = this.#context
    journal.log('warn', 'cut-refused', { zxid: formatZxid(known(this.#base, 'base')) })
    this.#atWork.end()
    if (this.#link !== null) links.close(this.#link)
    this.#treeEpoch = this.#newEpoch
    this.#phase = 'connecting'
    this.#newEpoch = -1
    this.#newLeaderHeard = false
    this.#base = null
    this.#redial.reset()
    this.#dial()
  }

  /** True if the role goes on. */
  #onProposal(packet: Packet): boolean {
    const { configs, history, log } = this.#context
    const { zxid, data } = packet
    const isInTurn = this.#base !== null && !this.repair.isReceiving
    const flaw = flawOfProposal(history, packet, this.#newEpoch)
    if (!isInTurn || flaw !== null || data === null) {
      this.#context.giveUp(flaw ?? `proposal ${formatZxid(zxid)} out of turn`)
      return false
    }
    if (zxid <= history.last) return true
    history.append(zxid, data, 0, data.length)
    configs.proposed(data, 0, data.length)
    if (!this.repair.isUnderWay) log.append(zxid, data, 0, data.length)
    else if (this.#link !== null) this.#atWork.received(this.#link)
    return true
  }

  #onCommit(zxid: Zxid, whenLogged: boolean): void {
    const wrong = this.#mark.hear(zxid, whenLogged)
    if (wrong !== null) this.#context.giveUp(wrong)
    else this.applying.moved()
  }

  #onInformed({ zxid, data }: Packet): void {
    if (data !== null) this.#rejoin?.committed(zxid, data)
    this.#onCommit(zxid, false)
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

  /** The log writes the epoch after everything appended before it, so this seals the history. */
  #maybeSaveEpoch(): void {
    if (!this.#newLeaderHeard || this.repair.isUnderWay) return
    const { epochs, log } = this.#context
    assert(this.#savingEpoch === null && this.#newEpoch >= epochs.current, 'an epoch goes back')
    epochs.current = this.#newEpoch
    this.#savingEpoch = 'current'
    log.saveEpoch('current', this.#newEpoch)
  }

  #ackNewLeader(): void {
    this.#phase = 'waiting'
    this.#send(PacketType.ack, zxidOf(this.#newEpoch, 0), null)
    this.#acks.begin(this.#mark.reached)
    this.clients.touch.acknowledged()
  }

  #onUpToDate(): void {
    if (this.#phase !== 'waiting') {
      this.#context.giveUp('UPTODATE out of turn')
      return
    }
    this.#phase = 'applying'
    this.clients.begin(known(this.#link, 'link'))
    this.#context.credit.led(true)
    this.#send(PacketType.ack, zxidOf(this.#newEpoch, 0), null)
    this.applying.begin()
  }

  /** The tree has everything that was committed when UPTODATE was sent. */
  #serve(): void {
    const { tree, journal, established } = this.#context
    this.#activation.upToDate(this.#mark.reached, this.#newEpoch)
    this.#phase = this.#rejoin === null ? 'following' : 'rejoining'
    if (this.#rejoin !== null) {
      this.#rejoin.ask(this.#context.links, known(this.#link, 'link'))
      return
    }
    journal.log('info', 'following', { leader: this.leader, epoch: this.#newEpoch })
    established(this.#newEpoch)
    this.clients.touch.begin(this.#peer.speaks.standing)
    tree.follow(zxidOf(this.#newEpoch, 0))
  }

  #send(type: PacketType, zxid: Zxid, data: Uint8Array | null): void {
    if (this.#link !== null) this.#context.links.send(this.#link, type, zxid, data)
  }
}
