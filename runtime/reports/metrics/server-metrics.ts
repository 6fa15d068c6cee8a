// Metrics that every server has, by ZooKeeper's names.

import { readdirSync } from 'node:fs'
import { descriptorLimit } from '../../process/descriptor-limit.ts'
import { authFailed, clientResponse, minLatencyMs, uptimeMs } from '../server-stats.ts'
import { gaugeOf, type Metric } from './metric.ts'

const UNKNOWN = -1

export const SERVER_METRICS: readonly Metric[] = [
  {
    name: 'avg_latency',
    type: 'gauge',
    help: 'Milliseconds from a request to its reply, on average, since the start or srst',
    isDecimal: true,
    value: ({ source }) => source.network.stats.averageLatencyMs,
  },
  {
    name: 'max_latency',
    type: 'gauge',
    help: 'The longest time from a request to its reply in milliseconds, since the start or srst',
    value: ({ source }) => source.network.stats.maxLatencyMs,
  },
  {
    name: 'min_latency',
    type: 'gauge',
    help: 'The shortest time from a request to its reply in milliseconds, since the start or srst',
    value: ({ source }) => minLatencyMs(source),
  },
  {
    name: 'packets_received',
    type: 'gauge',
    help: 'Requests and four-letter words from clients, since the start or srst',
    value: ({ source }) => source.network.stats.packetsReceived,
  },
  {
    name: 'packets_sent',
    type: 'gauge',
    help: 'Replies and events to clients, since the start or srst',
    value: ({ source }) => source.network.stats.packetsSent,
  },
  {
    name: 'num_alive_connections',
    type: 'gauge',
    help: 'Client connections',
    value: ({ source }) => source.network.connectionCount,
  },
  {
    name: 'outstanding_requests',
    type: 'gauge',
    help: 'Requests under way in the server',
    value: ({ source }) => source.network.outstanding,
  },
  {
    name: 'uptime',
    type: 'gauge',
    help: 'Milliseconds since the server started',
    value: ({ source }) => uptimeMs(source),
  },
  { name: 'znode_count', type: 'gauge', help: 'Znodes', value: gaugeOf('znodes') },
  {
    name: 'watch_count',
    type: 'gauge',
    help: 'Watches; a persistent one counts twice',
    value: gaugeOf('watches'),
  },
  {
    name: 'ephemerals_count',
    type: 'gauge',
    help: 'Ephemeral znodes',
    value: gaugeOf('ephemerals'),
  },
  {
    name: 'approximate_data_size',
    type: 'gauge',
    help: 'Bytes of paths and data of all znodes',
    value: gaugeOf('approximateBytes'),
  },
  {
    name: 'open_file_descriptor_count',
    type: 'gauge',
    help: 'Open file descriptors of the process; -1 if the system does not say',
    value: openDescriptors,
  },
  {
    name: 'max_file_descriptor_count',
    type: 'gauge',
    help: 'File descriptors that the process may have; -1 if the system does not say',
    value: maxDescriptors,
  },
  {
    name: 'global_sessions',
    type: 'gauge',
    help: 'Sessions that the whole ensemble knows',
    value: gaugeOf('treeSessions'),
  },
  {
    name: 'local_sessions',
    type: 'gauge',
    help: 'Sessions that only this server knows',
    value: () => 0,
  },
  {
    name: 'connection_drop_probability',
    type: 'gauge',
    help: 'Probability that a new connection is dropped; always 0, as there is no throttle',
    isDecimal: true,
    value: () => 0,
  },
  {
    name: 'last_client_response_size',
    type: 'gauge',
    help: 'Bytes of the last reply; -1 before the first',
    value: ({ source }) => clientResponse(source).last_buffer_size,
  },
  {
    name: 'max_client_response_size',
    type: 'gauge',
    help: 'Bytes of the largest reply, since the start or srst',
    value: ({ source }) => clientResponse(source).max_buffer_size,
  },
  {
    name: 'min_client_response_size',
    type: 'gauge',
    help: 'Bytes of the smallest reply, since the start or srst',
    value: ({ source }) => clientResponse(source).min_buffer_size,
  },
  {
    name: 'auth_failed_count',
    type: 'gauge',
    help: 'Clients that could not prove who they say they are',
    value: ({ source }) => authFailed(source),
  },
  {
    name: 'outstanding_tls_handshake',
    type: 'gauge',
    help: 'Connections on the ports with TLS that have not shown yet who they are',
    value: ({ source }) => source.network.door.guests,
  },
]

function openDescriptors(): number {
  try {
    // The folder that is being read has a descriptor, too.
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return UNKNOWN
  }
}

let limit: number | null = null

/** Nobody changes it while the process runs. */
function maxDescriptors(): number {
  limit ??= descriptorLimit()
  return Number.isFinite(limit) ? limit : UNKNOWN
}
