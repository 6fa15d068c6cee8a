// `conf`: the settings that a server runs with and, for a member, its place in the ensemble. None
// of them is a secret.

import { resolve } from 'node:path'
import { type EnsembleOptions, ownMember } from '../../config/ensemble/ensemble.ts'
import { type MemberAddress, membershipText } from '../../protocol/quorum/membership-config.ts'
import { VERSION_FOLDER } from './folders.ts'
import type { ReportSource } from './source.ts'

export interface ConfigurationReport {
  readonly client_port: number
  readonly data_dir: string
  readonly data_log_dir: string
  /** Milliseconds, and so are the two after the next. */
  readonly tick_time: number
  readonly max_client_cnxns: number
  readonly min_session_timeout: number
  readonly max_session_timeout: number
  readonly server_id: number
  readonly client_port_listen_backlog: number
}

export function configuration({
  options,
  network,
}: Pick<ReportSource, 'options'> & {
  readonly network: Pick<ReportSource['network'], 'port'>
}): ConfigurationReport {
  return {
    client_port: network.port,
    data_dir: resolve(options.dataDir, VERSION_FOLDER),
    data_log_dir: resolve(options.dataLogDir, VERSION_FOLDER),
    tick_time: options.tickTimeMs,
    max_client_cnxns: options.maxClientCnxns,
    min_session_timeout: options.minSessionTimeoutMs,
    max_session_timeout: options.maxSessionTimeoutMs,
    // A standalone server has no id, whatever its sessions are numbered with.
    server_id: options.ensemble?.serverId ?? 0,
    client_port_listen_backlog: options.clientPortListenBacklog,
  }
}

/** What ZooKeeper has only in the word, not in the admin server's answer. */
export interface QuorumConfiguration {
  /** Ticks. */
  readonly init_limit: number
  readonly sync_limit: number
  readonly election_alg: number
  /** One for each address of the server. */
  readonly election_ports: readonly number[]
  readonly quorum_ports: readonly number[]
  readonly peer_type: 'participant' | 'observer'
  /** The text of /zookeeper/config; null if no quorum stands behind it. */
  readonly membership: string | null
}

export function quorumConfiguration(
  ensemble: EnsembleOptions,
  { mode }: Pick<ReportSource['network'], 'mode'>,
): QuorumConfiguration {
  const { addresses } = ownMember(ensemble)
  const ports = (of: (address: MemberAddress) => number): number[] => {
    return [...new Set(addresses.map(of))]
  }
  return {
    init_limit: ensemble.initLimit,
    sync_limit: ensemble.syncLimit,
    election_alg: 3,
    election_ports: ports(({ electionPort }) => electionPort),
    quorum_ports: ports(({ quorumPort }) => quorumPort),
    peer_type: ensemble.peerType,
    membership: mode === 'read-only' ? null : membershipText(ensemble.membership),
  }
}
