// What monitoring agents make of our answers, each by its own rules: Telegraf, Datadog, OpenTelemetry,
// Netdata and the exporters read four-letter words; Zabbix's template reads the admin server.

import { deepStrictEqual, match, notStrictEqual, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import type { Member } from '../../perf/ensemble/member.ts'
import { freePorts } from '../../perf/ensemble/ports.ts'
import { until } from '../support/until.ts'

const WHOLE_MS_MAX = 60_000
const HOST = '127.0.0.1'
/** Lines that are text; the exporter of dabealu knows these three. */
const TEXTS = ['zk_version', 'zk_server_state', 'zk_peer_state']
/** The receiver takes whole numbers. It leaves out an average of 0.5, and so is asked for none. */
const OPENTELEMETRY = `
  zk_max_latency zk_min_latency zk_packets_received zk_packets_sent zk_num_alive_connections
  zk_outstanding_requests zk_znode_count zk_watch_count zk_ephemerals_count
  zk_approximate_data_size zk_open_file_descriptor_count zk_max_file_descriptor_count
  zk_fsync_threshold_exceed_count`
/** Without what docs/metrics.md leaves out: stale_requests, stale_requests_dropped, throttled_ops. */
const NETDATA = `
  zk_outstanding_requests zk_min_latency zk_avg_latency zk_max_latency zk_num_alive_connections
  zk_auth_failed_count zk_connection_drop_count zk_connection_rejected zk_global_sessions
  zk_packets_received zk_packets_sent zk_open_file_descriptor_count zk_max_file_descriptor_count
  zk_znode_count zk_ephemerals_count zk_watch_count zk_approximate_data_size zk_uptime`
const LEADER = 'zk_followers zk_synced_followers zk_pending_syncs'
/** "Zookeeper by HTTP". */
const ZABBIX = `
  uptime approximate_data_size max_file_descriptor_count open_file_descriptor_count
  outstanding_requests commit_count diff_count snap_count looking_count num_alive_connections
  global_sessions local_sessions connection_drop_count connection_rejected
  connection_revalidate_count revalidate_count max_latency min_latency avg_latency znode_count
  ephemerals_count watch_count packets_sent packets_received bytes_received_count
  avg_election_time cnt_election_time avg_fsynctime cnt_fsynctime avg_snapshottime
  cnt_snapshottime`
const ZABBIX_LEADER = `
  pending_syncs quorum_size synced_followers synced_non_voting_followers synced_observers learners`
const ZABBIX_CLIENT = `
  max_latency min_latency avg_latency packets_sent packets_received outstanding_requests`

const list = (names: string): string[] => names.trim().split(/\s+/)

describe('monitoring agents', () => {
  let ensemble: Ensemble
  let leader: Member
  let client: Client
  const adminPorts = new Map<number, number>()
  const mntr: Map<string, string> = new Map()
  let lines: string[] = []

  before(async () => {
    const ports = await freePorts(3)
    ensemble = await Ensemble.prepare({
      configurationOf: (id) => {
        adminPorts.set(id, ports[id - 1]!)
        return ['admin.enableServer=true', `admin.serverPort=${ports[id - 1]}`]
      },
    })
    ensemble.start()
    leader = await ensemble.whole(WHOLE_MS_MAX)
    client = new Client({ servers: leader.address, sessionTimeoutMs: 20_000 })
    await client.create('/a', null)
    lines = (await leader.word('mntr\n')).trimEnd().split('\n')
    for (const line of lines) {
      const [name = '', value = ''] = line.split('\t')
      mntr.set(name, value)
    }
  })
  after(async () => {
    client?.connection.abandon()
    await ensemble?.end()
  })

  test('Telegraf: every line of mntr is a name and a value', () => {
    ok(lines.length > 100)
    for (const line of lines) match(line, /^zk_(\w+)\s+([\w.-]+)/)
  })

  test('exporters: every value is a number, except for three', () => {
    for (const [name, value] of mntr) {
      if (TEXTS.includes(name)) continue
      ok(value !== '' && (value === 'NaN' || Number.isFinite(Number(value))), `${name} ${value}`)
    }
    for (const name of TEXTS) notStrictEqual(mntr.get(name), undefined)
  })

  test('OpenTelemetry and Netdata: each of their names', () => {
    const missing = list(`${OPENTELEMETRY} ${NETDATA} ${LEADER}`).filter((name) => !mntr.has(name))
    deepStrictEqual(missing, [])
    for (const name of list(`${OPENTELEMETRY} ${LEADER}`)) match(mntr.get(name)!, /^-?\d+$/, name)
  })

  test('Datadog: stat in its order, and ruok', async () => {
    const [version = '', title, ...rest] = (await leader.word('stat')).split('\n')
    match(version, /^Zookeeper version: \d+\.\d+\.\d+/)
    deepStrictEqual(title, 'Clients:')
    const end = rest.indexOf('')
    ok(end > 0)
    for (const line of rest.slice(0, end)) match(line, /^ \/[\d.]+:\d+\[\d+\]\(/)
    const names = rest.slice(end + 1).map((line) => line.split(':')[0])
    deepStrictEqual(names.slice(0, 7), [
      ...['Latency min/avg/max', 'Received', 'Sent', 'Connections', 'Outstanding', 'Zxid'],
      'Mode',
    ])
    ok(names.includes('Node count'))
    deepStrictEqual(await leader.word('ruok'), 'imok')
  })

  test('Zabbix: each of its paths finds a number', async () => {
    const url = `http://${HOST}:${adminPorts.get(leader.id)}/commands`
    await until('the admin server is there', WHOLE_MS_MAX, async () => {
      return (await fetch(`${url}/ruok`).catch(() => null)) !== null
    })
    const answer = async (name: string): Promise<Record<string, unknown>> => {
      return (await (await fetch(`${url}/${name}`)).json()) as Record<string, unknown>
    }
    const withoutNumber = (record: Record<string, unknown>, names: string): string[] => {
      return list(names).filter((name) => typeof record[name] !== 'number')
    }
    const monitor = await answer('monitor')
    deepStrictEqual(withoutNumber(monitor, `${ZABBIX} ${ZABBIX_LEADER}`), [])
    deepStrictEqual([typeof monitor['version'], monitor['server_state']], ['string', 'leader'])
    const { connections } = (await answer('connections')) as {
      connections: readonly Record<string, unknown>[]
    }
    ok(connections.length > 0)
    for (const one of connections) deepStrictEqual(withoutNumber(one, ZABBIX_CLIENT), [])
  })
})
