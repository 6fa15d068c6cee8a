// `conf`: the settings that the server runs with, a line each, under the names of zoo.cfg.

import { configuration, quorumConfiguration } from '../../reports/configuration.ts'
import { folders } from '../../reports/folders.ts'
import type { ReportSource } from '../../reports/source.ts'

export async function configurationText(
  source: Pick<ReportSource, 'options'> & {
    readonly network: Pick<ReportSource['network'], 'port' | 'securePort' | 'mode'>
  },
): Promise<string> {
  const own = configuration(source)
  const { datadir_size, logdir_size } = await folders(source)
  const text = linesText([
    ['clientPort', own.client_port],
    ['secureClientPort', source.network.securePort],
    ['dataDir', own.data_dir],
    ['dataDirSize', datadir_size],
    ['dataLogDir', own.data_log_dir],
    ['dataLogSize', logdir_size],
    ['tickTime', own.tick_time],
    ['maxClientCnxns', own.max_client_cnxns],
    ['minSessionTimeout', own.min_session_timeout],
    ['maxSessionTimeout', own.max_session_timeout],
    ['clientPortListenBacklog', own.client_port_listen_backlog],
    ['serverId', own.server_id],
  ])
  const { ensemble } = source.options
  return ensemble === null ? text : text + quorumText(quorumConfiguration(ensemble, source.network))
}

/** In ZooKeeper's answer the last line of the membership has no line end. */
function quorumText(quorum: ReturnType<typeof quorumConfiguration>): string {
  const text = linesText([
    ['initLimit', quorum.init_limit],
    ['syncLimit', quorum.sync_limit],
    ['electionAlg', quorum.election_alg],
    ['electionPort', quorum.election_ports.join('|')],
    ['quorumPort', quorum.quorum_ports.join('|')],
    // The number of the role in ZooKeeper's LearnerType.
    ['peerType', quorum.peer_type === 'observer' ? 1 : 0],
  ])
  return quorum.membership === null ? text : `${text}membership: \n${quorum.membership}`
}

function linesText(entries: readonly (readonly [string, string | number])[]): string {
  return entries.map(([key, value]) => `${key}=${value}\n`).join('')
}
