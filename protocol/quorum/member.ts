// A member of an ensemble, as its server.N line has it.

import type { ServerId } from './server-id.ts'

/** Where a member listens for its peers. */
export interface MemberAddress {
  /** As written, without the brackets of an IPv6 address. */
  readonly host: string
  /** Where the leader takes in learners. */
  readonly quorumPort: number
  readonly electionPort: number
}

/** A server.N line. */
export interface Member {
  readonly id: ServerId
  readonly role: 'participant' | 'observer'
  /** One at least; more when the line has several, all of the same process. */
  readonly addresses: readonly MemberAddress[]
  /** Where its clients connect, if its line says so: `0.0.0.0` for a port alone. Null otherwise. */
  readonly clientHost: string | null
  /** Null when the line does not say. */
  readonly clientPort: number | null
}
