// `voting_view`: the members of the ensemble, as configured. A standalone server has none.

import type { Member } from '../../protocol/quorum/membership-config.ts'
import type { ReportSource } from './source.ts'

export interface VotingViewReport {
  /** By the server's id. */
  readonly current_config: Readonly<Record<string, MemberView>>
}

/** Addresses are `host:port`. */
export interface MemberView {
  readonly server_addresses: readonly string[]
  readonly election_addresses: readonly string[]
  /** Empty if its line does not say. */
  readonly client_address: string
  readonly learner_type: 'participant' | 'observer'
}

export function votingView({ options }: Pick<ReportSource, 'options'>): VotingViewReport {
  const members = options.ensemble?.membership.members ?? []
  return {
    current_config: Object.fromEntries(members.map((member) => [member.id, viewOf(member)])),
  }
}

function viewOf({ addresses, clientHost, clientPort, role }: Member): MemberView {
  return {
    server_addresses: addresses.map(({ host, quorumPort }) => addressText(host, quorumPort)),
    election_addresses: addresses.map(({ host, electionPort }) => addressText(host, electionPort)),
    client_address:
      clientHost === null || clientPort === null ? '' : addressText(clientHost, clientPort),
    learner_type: role,
  }
}

function addressText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
