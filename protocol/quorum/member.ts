// A member of an ensemble, as in its server.N line.

import type { ServerId } from './server-id.ts'

/** Where a member listens for its peers. */
export interface MemberAddress {
  /** As written, but without the brackets of an IPv6 address. */
  readonly host: string
  /** Where a leader listens for learners. */
  readonly quorumPort: number
  readonly electionPort: number
}

/** A server.N line. */
export interface Member {
  readonly id: ServerId
  readonly role: 'participant' | 'observer'
  /** At least one. A line with several names one process. */
  readonly addresses: readonly MemberAddress[]
  /** Where its clients connect, if its line says so; `0.0.0.0` if it gives only a port. Null
   * otherwise. */
  readonly clientHost: string | null
  /** Null if the line does not say. */
  readonly clientPort: number | null
}
