// `zabstate` and `leader`: this server's place in the ensemble.

import { type EnsembleOptions, ownMember } from '../../config/ensemble/ensemble.ts'
import type { MemberAddress } from '../../protocol/quorum/membership-config.ts'
import { counterOf, epochOf, formatZxid, type Zxid } from '../../protocol/zxid.ts'
import type { ReportSource } from './source.ts'

/** A Java bean of the addresses of one port. */
interface Addresses {
  readonly all_ports: readonly number[]
  readonly one: string
  readonly all_addresses: readonly string[]
}

export interface ZabStateReport {
  readonly myid: number
  readonly is_leader: boolean
  readonly quorum_address: Addresses | string
  readonly election_address: Addresses | string
  readonly client_address: string
  readonly voting: boolean
  readonly last_zxid: string
  readonly zab_epoch: number
  readonly zab_counter: number
  readonly zabstate: string
}

export function zabState({ options, network, gauges }: ReportSource): ZabStateReport {
  const { ensemble } = options
  const zxid = gauges.read('lastZxid') as Zxid
  const addresses = ensemble === null ? [] : ownMember(ensemble).addresses
  const none = ensemble === null
  return {
    myid: ensemble?.serverId ?? 0,
    is_leader: network.mode === 'leader',
    quorum_address: none ? '' : bean(addresses, ({ quorumPort }) => quorumPort),
    election_address: none ? '' : bean(addresses, ({ electionPort }) => electionPort),
    client_address: `${options.clientPortAddress ?? '0.0.0.0'}:${network.port}`,
    voting: ensemble !== null && ensemble.peerType !== 'observer',
    last_zxid: formatZxid(zxid),
    zab_epoch: epochOf(zxid),
    zab_counter: counterOf(zxid),
    // A server that does not serve may be in any phase before the last.
    zabstate: none
      ? ''
      : network.isServing && network.mode !== 'read-only'
        ? 'broadcast'
        : 'election',
  }
}

function bean(
  addresses: readonly MemberAddress[],
  port: (one: MemberAddress) => number,
): Addresses {
  const texts = addresses.map((one) => `${one.host}:${port(one)}`)
  return { all_ports: addresses.map(port), one: texts[0] ?? '', all_addresses: texts }
}

export interface LeaderReport {
  readonly is_leader: boolean
  /** Both empty while there is none. */
  readonly leader_id: number | null
  readonly leader_ip: string
}

export function leader({
  options,
  network,
  tally,
}: ReportSource): LeaderReport | { readonly error: string } {
  const { ensemble } = options
  if (ensemble === null) return { error: 'server is not initialized' }
  const isLeader = network.mode === 'leader'
  const id = isLeader ? ensemble.serverId : tally.leader
  return { is_leader: isLeader, leader_id: id, leader_ip: id === null ? '' : hostsOf(ensemble, id) }
}

function hostsOf({ membership }: EnsembleOptions, id: number): string {
  const member = membership.members.find((one) => one.id === id)
  return (member?.addresses ?? []).map(({ host }) => host).join('|')
}
