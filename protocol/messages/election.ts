// What the election actor is told, and what it tells.

import type { Member } from '../quorum/membership-config.ts'
import type { ServerId } from '../quorum/server-id.ts'
import type { Zxid } from '../zxid.ts'

/** From zab. */
export interface ElectionZabMessages {
  /** What /zookeeper/config holds from now on, in UTF-8. */
  configured(bytes: Uint8Array, start: number, end: number): void
  /** Find a leader. What this server has logged and the epoch it is in; a zxid of -1: it has lost
   * that, and votes for nobody. */
  look(lastZxid: Zxid, currentEpoch: number): void
  /** This server now leads or follows in this epoch; others are told so when they ask. */
  established(peerEpoch: number): void
  /** This server can neither lead nor follow now: it has nothing to say until it looks again. */
  rest(): void
  /** Exchange pulses with this server, each so many ms, and tell what becomes of its own; until
   * `stopPulses`, `look` or `rest`. */
  startPulses(peer: ServerId, intervalMs: number): void
  stopPulses(peer: ServerId): void
}

export interface ElectionMessages extends ElectionZabMessages {
  /** From the links: bytes of a notification, not yet trusted. */
  notified(from: ServerId, bytes: Uint8Array, start: number, end: number): void
  /** A link to the peer stands, so it will hear what is sent. */
  linkUp(peer: ServerId): void
  linkDown(peer: ServerId): void
}

export interface ElectionLinks {
  /** These are the members from now on: whoever is new is dialled, whoever is gone is left. */
  configured(members: readonly Member[]): void
  /** To one peer. A newer message may replace one not sent yet. */
  send(to: ServerId, bytes: Uint8Array, start: number, end: number): void
  /** Dial whoever is not linked, now. */
  dial(): void
  /** A sign of life, if there is a link that takes it at once. */
  pulse(to: ServerId): void
}

export interface ElectionResult {
  /** This server leads if `leader` is its own id. */
  elected(leader: ServerId): void
  /** Whether a server that pulses are exchanged with has them: told when that changes, and false until then. */
  pulse(server: ServerId, alive: boolean): void
}
