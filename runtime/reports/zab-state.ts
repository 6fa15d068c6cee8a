// `zabstate` and `leader`: this server's place in the ensemble.

import { type EnsembleOptions, ownMember } from '../../config/ensemble/ensemble.ts'
import type { MemberAddress } from '../../protocol/quorum/membership-config.ts'
import { counterOf, epochOf, formatZxid, type Zxid } from '../../protocol/zxid.ts'
import type { ReportSource } from './source.ts'

/** The addresses for one port, as Jackson prints Java's bean (MultipleAddresses). They are this server's own, so
 * all of them can be reached. */
interface Addresses {
  readonly empty: boolean
  readonly all_addresses: readonly string[]
  readonly all_reachable_addresses: readonly string[]
  readonly one: string
  readonly reachable_address: string
  readonly wildcard_addresses: readonly string[]
  readonly all_ports: readonly number[]
  readonly all_host_strings: readonly string[]
  readonly all_reachable_addresses_or_all: readonly string[]
  readonly reachable_or_one: string
}

/** What a standalone server answers. */
export type NoZabStateReport = Pick<ZabStateReport, 'voting' | 'zabstate'>

export interface ZabStateReport {
  readonly myid: number
  readonly is_leader: boolean
  readonly quorum_address: Addresses
  readonly election_address: Addresses
  readonly client_address: string
  readonly voting: boolean
  readonly last_zxid: string
  readonly zab_epoch: number
  readonly zab_counter: number
  readonly zabstate: string
}

export function zabState({
  options,
  network,
  gauges,
}: ReportSource): ZabStateReport | NoZabStateReport {
  const { ensemble } = options
  if (ensemble === null) return { voting: false, zabstate: '' }
  const zxid = gauges.read('lastZxid') as Zxid
  const { addresses } = ownMember(ensemble)
  return {
    myid: ensemble.serverId,
    is_leader: network.mode === 'leader',
    quorum_address: bean(addresses, ({ quorumPort }) => quorumPort),
    election_address: bean(addresses, ({ electionPort }) => electionPort),
    client_address: `${options.clientPortAddress ?? '0.0.0.0'}:${network.port}`,
    voting: ensemble.peerType !== 'observer',
    last_zxid: formatZxid(zxid),
    zab_epoch: epochOf(zxid),
    zab_counter: counterOf(zxid),
    // A server that does not serve may be in any phase before broadcast; all are shown as the
    // first.
    zabstate: network.isServing && network.mode !== 'read-only' ? 'broadcast' : 'election',
  }
}

function bean(
  addresses: readonly MemberAddress[],
  port: (one: MemberAddress) => number,
): Addresses {
  const texts = addresses.map((one) => `${one.host}:${port(one)}`)
  const one = texts[0] ?? ''
  return {
    empty: texts.length === 0,
    all_addresses: texts,
    all_reachable_addresses: texts,
    one,
    reachable_address: one,
    wildcard_addresses: addresses.map((each) => `0.0.0.0:${port(each)}`),
    all_ports: addresses.map(port),
    all_host_strings: addresses.map(({ host }) => host),
    all_reachable_addresses_or_all: texts,
    reachable_or_one: one,
  }
}

export interface LeaderReport {
  readonly is_leader: boolean
  /** Null, and `leader_ip` is empty, while there is no leader. */
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
