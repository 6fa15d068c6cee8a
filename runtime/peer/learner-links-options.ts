// What the sockets on the quorum port are made with: their limits, and who hears what comes.

import type { Link } from '../../actors/zab/neighbours.ts'
import type { Packet } from '../../protocol/quorum/packet.ts'
import type { MemberAddresses } from './member-addresses.ts'
import type { ListenAddress } from './port-listener.ts'

export interface LearnerLinksOptions {
  /** Where each member listens for learners; as at the start. */
  readonly members: MemberAddresses
  readonly listen: ListenAddress
  readonly connectTimeoutMs: number
  /** The limit for a packet's data, its authinfo, and a text or data in a snapshot: jute.maxbuffer
   * and its extra size. */
  readonly fieldBytesMax: number
  /** A link that more waits for is overfull: whoever feeds it should wait for room. */
  readonly backlogBytesMax: number
  /** A link that more waits for is closed. */
  readonly unsentBytesMax: number
  /** How many learners may be connected at the same time; 1024 are more than any ensemble has. */
  readonly acceptedMax: number
}

export interface LearnerLinksListener {
  linkOpened(link: Link): void
  linkClosed(link: Link): void
  /** The bytes of packets and pieces are valid during the call. */
  packet(link: Link, packet: Packet): void
  /** A piece of the snapshot behind a SNAP packet: of its body, including the end mark. */
  snapshotPiece(link: Link, bytes: Uint8Array, start: number, end: number): void
  snapshotEnd(link: Link): void
  /** Bytes have come that are not a whole packet yet, or some that had to wait have gone. */
  progress(link: Link): void
  /** There is the room that was waited for. */
  linkReady(link: Link): void
  /** After everything that one event brought. */
  onActivity(): void
  /** The port could not be bound, and will be tried again. */
  bindFailed(error: Error): void
}
