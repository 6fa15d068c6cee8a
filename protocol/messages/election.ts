// What the election actor is told, and what it tells.

import type { Member } from '../quorum/membership-config.ts'
import type { ServerId } from '../quorum/server-id.ts'
import type { Zxid } from '../zxid.ts'

/** From zab. */
export interface ElectionZabMessages {
  /** What /zookeeper/config holds from now on, in UTF-8. */
  configured(bytes: Uint8Array, start: number, end: number): void
  /** What is to follow it, in UTF-8; empty for nothing. While there is something, a quorum of both
   * elects. */
  proposed(bytes: Uint8Array, start: number, end: number): void
  /** Find a leader. The arguments say what this server has logged, and its epoch; a zxid of -1 says
   * that it has lost its history, and votes for nobody. */
  look(lastZxid: Zxid, currentEpoch: number): void
  /** This server now leads or follows in this epoch. Others are told so when they ask. */
  established(peerEpoch: number): void
  /** This server can neither lead nor follow now. It is silent until it looks again. */
  rest(): void
  /** Exchange pulses with this server, one each `intervalMs` (a leader's come twice as often), and
   * report whether its own come; until `stopPulses`, `look` or `rest`. */
  startPulses(peer: ServerId, intervalMs: number): void
  stopPulses(peer: ServerId): void
}

export interface ElectionMessages extends ElectionZabMessages {
  /** From the links: the bytes of a notification or a sign of life, not yet trusted. False if no turn has to
   * follow: nobody is told anything, and nothing is due sooner. */
  notified(from: ServerId, bytes: Uint8Array, start: number, end: number): boolean
  /** There is a link to the peer, so it will hear what is sent. */
  linkUp(peer: ServerId): void
  linkDown(peer: ServerId): void
}

export interface ElectionLinks {
  /** These are the members from now on: new ones are dialled, those that are gone are left. */
  configured(members: readonly Member[]): void
  /** To one peer. A newer message may replace one that has not been sent yet. */
  send(to: ServerId, bytes: Uint8Array, start: number, end: number): void
  /** Dial every peer that is not linked, now; or every one, in place of the link that it has. */
  dial(all?: boolean): void
  /** A sign of life (protocol/quorum/pulse.ts), if there is a link that takes it at once. */
  pulse(to: ServerId, bytes: Uint8Array): void
}

export interface ElectionResult {
  /** This server leads if `leader` is its own id. */
  elected(leader: ServerId): void
  /** While we look: another server says that this configuration is in force, in UTF-8. It is later
   * than ours, and can be read. */
  heardOf(bytes: Uint8Array, start: number, end: number): void
  /** While we look: another server has logged this configuration as the next, in UTF-8. It is later than
   * all that we know, and can be read. Its members may have to be reached. */
  rumour(bytes: Uint8Array, start: number, end: number): void
  /** Whether a server that we exchange pulses with has pulses. Reported when it changes; until then
   * it is false. */
  pulse(server: ServerId, alive: boolean): void
  /** Our leader has no pulse, and a quorum says so, this server included. Otherwise as `pulse`. */
  doubted(leader: ServerId): void
}
