// Pulses: signs of life between our own servers. They come from the election's thread, which is
// idle once there is a leader, over the election's connection, which is idle then, too. So a pulse
// waits in no queue: a busy server sends pulses, a stopped or dead one does not.
//
// Zab says whose pulses it needs. It is told when they fail to come, and when they come again. A leader
// sends them twice as often as it hears them. If its own fail to come, a learner asks the others
// (doubts.ts): with a quorum that hears nothing either, it tells zab much sooner.

import type { ElectionLinks, ElectionResult } from '../../protocol/messages/election.ts'
import { doubtBytes, doubtIn, isPulse, PULSE } from '../../protocol/quorum/pulse.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Clock } from '../actor.ts'
import { agreedMs, BUSY, LEADERS_PULSES, quickMs, Silence, type SilenceTimes } from '../silence.ts'
import { Doubts } from './doubts.ts'

interface Peer {
  /** How often it is sent one. */
  readonly intervalMs: number
  readonly silence: Silence
  /** Of our leader: how long it may be silent if a quorum hears nothing of it. */
  readonly agreed: Silence | null
  /** Zab has heard that it has pulses. */
  alive: boolean
  /** `agreed` is over. Invariant: false unless `alive`. */
  doubtful: boolean
}

interface PulsesNeighbours {
  readonly links: Pick<ElectionLinks, 'pulse'>
  readonly zab: Pick<ElectionResult, 'pulse' | 'doubted'>
}

const NEVER: number = Number.POSITIVE_INFINITY

export class Pulses {
  readonly #times: SilenceTimes
  readonly #clock: Clock
  readonly #to: PulsesNeighbours
  readonly #ours: ReadonlySet<ServerId>
  readonly #areEnough: (doubters: Set<ServerId>) => boolean
  readonly #peers: Map<ServerId, Peer> = new Map()
  readonly #doubts: Doubts
  #beatMs = NEVER

  /** `ours`: the others that are known to be servers of ours. `areEnough`: whether these and this
   * server are a quorum. */
  constructor(
    times: SilenceTimes,
    clock: Clock,
    to: PulsesNeighbours,
    ours: ReadonlySet<ServerId>,
    areEnough: (doubters: Set<ServerId>) => boolean,
  ) {
    this.#times = times
    this.#clock = clock
    this.#to = to
    this.#ours = ours
    this.#areEnough = areEnough
    this.#doubts = new Doubts(times.agreedSilenceMs)
  }

  /** Sends pulses to this server, and expects them from it. `leads`: it is our leader. */
  start(peer: ServerId, intervalMs: number, leads: boolean): void {
    const { nowMs } = this.#clock
    const leadersMs = intervalMs / LEADERS_PULSES
    const limitMs = quickMs(this.#times.silenceMs, leads ? leadersMs : intervalMs)
    const silence = new Silence(limitMs, nowMs)
    silence.allow(limitMs, BUSY * limitMs, nowMs)
    this.#peers.set(peer, {
      intervalMs: leads ? intervalMs : leadersMs,
      silence,
      agreed: leads ? this.#agreed(leadersMs) : null,
      alive: false,
      doubtful: false,
    })
    this.#beatMs = Math.min(this.#beatMs, nowMs)
  }

  stop(peer: ServerId): void {
    this.#peers.delete(peer)
    if (this.#peers.size === 0) this.#beatMs = NEVER
  }

  clear(): void {
    this.#peers.clear()
    this.#doubts.clear()
    this.#beatMs = NEVER
  }

  /** Whom pulses were expected of that have failed to come. */
  get missed(): ServerId[] {
    return [...this.#peers].filter(([, { alive }]) => !alive).map(([id]) => id)
  }

  /** A sign of life: whether zab is told something. Null if the bytes are none. */
  sign(from: ServerId, bytes: Uint8Array, start: number, end: number): boolean | null {
    if (isPulse(bytes, start, end)) return this.#heard(from)
    const about = doubtIn(bytes, start, end)
    return about === null ? null : this.#doubted(from, about)
  }

  /** True if zab is told something: a server that is known to be there is expected later, no more. */
  #heard(from: ServerId): boolean {
    const peer = this.#peers.get(from)
    if (peer === undefined) return false
    const { nowMs } = this.#clock
    peer.silence.heard(nowMs)
    peer.agreed?.heard(nowMs)
    peer.doubtful = false
    if (peer.alive) return false
    peer.alive = true
    this.#to.zab.pulse(from, true)
    return true
  }

  /** This server hears nothing of that one. True if zab is told something. */
  #doubted(by: ServerId, about: ServerId): boolean {
    this.#doubts.voiced(by, about, this.#clock.nowMs)
    const peer = this.#peers.get(about)
    return peer !== undefined && this.#maybeAgree(about, peer)
  }

  tick(): void {
    const { nowMs } = this.#clock
    if (nowMs >= this.#beatMs) this.#beat()
    for (const [id, peer] of this.#peers) {
      if (!peer.alive) continue
      const { agreed, silence } = peer
      if (nowMs >= silence.endMs && silence.isOver(nowMs)) {
        this.#missed(peer)
        this.#to.zab.pulse(id, false)
      } else if (agreed !== null && !peer.doubtful && nowMs >= agreed.endMs) {
        if (!agreed.isOver(nowMs)) continue
        peer.doubtful = true
        this.#voice(id)
        this.#maybeAgree(id, peer)
      }
    }
  }

  nextTickMs(): number {
    let nextMs = this.#beatMs
    for (const { alive, doubtful, agreed, silence } of this.#peers.values()) {
      if (!alive) continue
      nextMs = Math.min(nextMs, silence.endMs)
      if (agreed !== null && !doubtful) nextMs = Math.min(nextMs, agreed.endMs)
    }
    return nextMs
  }

  #agreed(intervalMs: number): Silence {
    const { nowMs } = this.#clock
    const limitMs = agreedMs(this.#times, intervalMs)
    const silence = new Silence(limitMs, nowMs)
    silence.allow(limitMs, BUSY * this.#times.silenceMs, nowMs)
    return silence
  }

  #beat(): void {
    let intervalMs = NEVER
    for (const [id, peer] of this.#peers) {
      this.#to.links.pulse(id, PULSE)
      if (peer.doubtful) this.#voice(id)
      intervalMs = Math.min(intervalMs, peer.intervalMs)
    }
    this.#beatMs = this.#clock.nowMs + intervalMs
  }

  #voice(about: ServerId): void {
    const bytes = doubtBytes(about)
    for (const id of this.#ours) if (id !== about) this.#to.links.pulse(id, bytes)
  }

  #maybeAgree(id: ServerId, peer: Peer): boolean {
    if (!peer.doubtful) return false
    const doubters = this.#doubts.about(id, this.#clock.nowMs)
    if (!this.#areEnough(doubters)) return false
    this.#missed(peer)
    this.#to.zab.doubted(id)
    return true
  }

  #missed(peer: Peer): void {
    peer.alive = false
    peer.doubtful = false
  }
}
