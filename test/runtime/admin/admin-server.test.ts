// The admin server over HTTP: every command's keys, aliases, errors and status codes, as ZooKeeper's
// has them. Ports are the system's choice.

import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { encodeControl } from '../../../protocol/control.ts'
import { Query } from '../../../protocol/messages/queries.ts'
import { adminPages } from '../../../runtime/admin/admin-server.ts'
import { COMMANDS } from '../../../runtime/admin/commands.ts'
import { HttpListener, type Pages } from '../../../runtime/admin/http-listener.ts'
import { prometheusPages } from '../../../runtime/admin/prometheus-text.ts'
import type { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { METRICS } from '../../../runtime/reports/metrics/all-metrics.ts'
import { SystemClock } from '../../../runtime/shared/clock.ts'
import { within } from '../../support/until.ts'
import { type FakeSource, fakeConnection, fakeSource } from '../reports/fake-source.ts'

const HOST = '127.0.0.1'
const IDLE_MS = 30_000

/** A session of server 1, which is larger than a number can tell apart. */
const SESSION = '100000f0c2a0001'
const SESSION_TEXT = String(BigInt(`0x${SESSION}`))

async function* query(kind: number): AsyncGenerator<Uint8Array> {
  const parts: Readonly<Record<number, readonly unknown[]>> = {
    [Query.sessions]: [null, [1, 1], [[2068000, 1, [SESSION]]]],
    [Query.ephemerals]: [1, [[SESSION, ['/a/e']]]],
    [Query.watchesBySession]: [[[SESSION, ['/a/b']]]],
    [Query.watchesByPath]: [[['/a/b', [SESSION]]]],
    [Query.watchSummary]: [[1, 2, 3]],
    [Query.digests]: [[['80', 'ffffffffffffffff']]],
  }
  for (const part of parts[kind] ?? []) yield encodeControl(part)
}

interface Answer {
  readonly status: number
  readonly type: string | undefined
  readonly text: string
}

async function ask(port: number, path: string, method: string = 'GET'): Promise<Answer> {
  const asked = request({ host: HOST, port, path, method, agent: false })
  asked.end()
  const [response] = await once(asked, 'response')
  let text = ''
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  await once(response, 'end')
  return { status: response.statusCode, type: response.headers['content-type'], text }
}

const STATS_KEYS = ['version', 'read_only', 'server_stats', 'client_response', 'node_count']
const CONNECTION_KEYS = ['connections', 'secure_connections']
/** What each command has in front of `command` and `error`; null: what it says itself. */
const KEYS: Readonly<Record<string, readonly string[] | null>> = {
  changes: null,
  configuration: [
    'client_port',
    'data_dir',
    'data_log_dir',
    'tick_time',
    'max_client_cnxns',
    'min_session_timeout',
    'max_session_timeout',
    'server_id',
    'client_port_listen_backlog',
  ],
  connection_stat_reset: [],
  connections: CONNECTION_KEYS,
  dirs: ['datadir_size', 'logdir_size'],
  dump: ['expiry_time_to_session_ids', 'session_id_to_ephemeral_paths'],
  environment: null,
  get_trace_mask: ['tracemask'],
  hand_over: null,
  hash: ['digests'],
  initial_configuration: ['initial_configuration'],
  is_read_only: ['read_only'],
  last_snapshot: ['zxid', 'timestamp'],
  leader: ['error'],
  monitor: null,
  observer_connection_stat_reset: [],
  observers: ['synced_observers', 'observers'],
  ruok: [],
  server_stats: STATS_KEYS,
  set_trace_mask: ['error'],
  shed_connections: null,
  snapshot: null,
  stat_reset: [],
  stats: [...STATS_KEYS, ...CONNECTION_KEYS],
  system_properties: null,
  top: [
    'paths',
    'prefixes',
    'busiest_sessions',
    'slowest_sessions',
    'watched_paths',
    'watching_sessions',
    'ephemeral_sessions',
  ],
  voting_view: ['current_config'],
  watch_summary: ['num_connections', 'num_paths', 'num_total_watches'],
  watches: ['session_id_to_watched_paths'],
  watches_by_path: ['path_to_session_ids'],
  why: ['server', 'stories'],
  zabstate: ['voting', 'zabstate'],
}

describe('the admin server', () => {
  let source: FakeSource
  let listener: HttpListener
  let port: number
  const resets: number[] = []
  const json = async (path: string): Promise<Record<string, unknown>> => {
    const { status, type, text } = await ask(port, path)
    deepStrictEqual([status, type], [200, 'application/json'])
    return JSON.parse(text)
  }

  before(async () => {
    const connections = (): Iterable<ClientConnection> => [
      Object.assign(fakeConnection(1), { resetStats: () => resets.push(1) }),
    ]
    source = fakeSource({ query, connections })
    listener = new HttpListener(adminPages(source, '/commands'), IDLE_MS)
    port = await listener.listen(0, HOST)
  })
  after(() => listener.close())
  // Also behind a failed assertion: what listens would keep the process.
  const others: HttpListener[] = []
  afterEach(async () => {
    for (const other of others.splice(0)) await other.close()
  })
  const listening = (pages: Pages): HttpListener => {
    const other = new HttpListener(pages, IDLE_MS)
    others.push(other)
    return other
  }

  test('has a page with a link to each command', async () => {
    for (const path of ['/commands', '/commands/']) {
      const { status, text } = await ask(port, path)
      strictEqual(status, 200)
      const names = [...text.matchAll(/^<a href="\/commands\/(\w+)">\1<\/a>\n<br\/>$/gm)]
      deepStrictEqual(
        names.map((found) => found[1]),
        Object.keys(KEYS),
      )
    }
  })

  for (const [name, keys] of Object.entries(KEYS)) {
    // They are for administrators: they have tests of their own.
    if (keys === null && ['changes', 'hand_over', 'snapshot', 'shed_connections'].includes(name))
      continue
    test(name, async () => {
      const { aliases } = COMMANDS.find((command) => command.name === name) ?? { aliases: [] }
      for (const asked of [name, ...aliases]) {
        const answer = await json(`/commands/${asked}`)
        strictEqual(answer['command'], name)
        if (keys === null) continue
        const error = keys.includes('error') ? [] : ['error']
        deepStrictEqual(Object.keys(answer), [...keys, 'command', ...error])
        if (error.length > 0) strictEqual(answer['error'], null)
      }
    })
  }

  test('ids of sessions keep all their digits', async () => {
    const { text } = await ask(port, '/commands/dump')
    strictEqual(
      text,
      '{\n  "expiry_time_to_session_ids" : {\n    "2068000" : [ ' +
        `${SESSION_TEXT} ]\n  },\n  "session_id_to_ephemeral_paths" : {\n    "${SESSION_TEXT}" : ` +
        '[ "/a/e" ]\n  },\n  "command" : "dump",\n  "error" : null\n}',
    )
    match((await ask(port, '/commands/wchp')).text, new RegExp(`"/a/b" : \\[ ${SESSION_TEXT} \\]`))
  })

  test('a connection has all of its columns, and stats fewer', async () => {
    const brief = ['remote_socket_address', 'interest_ops', 'outstanding_requests']
    brief.push('packets_received', 'packets_sent')
    const more = ['session_id', 'last_operation', 'established', 'session_timeout', 'last_cxid']
    more.push('last_zxid', 'last_response_time', 'last_latency', 'min_latency', 'avg_latency')
    const rowOf = async (command: string) => {
      return ((await json(`/commands/${command}`))['connections'] as object[])[0] ?? {}
    }
    deepStrictEqual(Object.keys(await rowOf('stats')), brief)
    deepStrictEqual(Object.keys(await rowOf('connections')), [...brief, ...more, 'max_latency'])
  })

  test('digests are numbers with a sign', async () => {
    const { text } = await ask(port, '/commands/hash')
    match(text, /"zxid" : 128,\n {4}"digest_version" : 2,\n {4}"digest" : -1\n/)
  })

  test('the monitor has every metric, as numbers', async () => {
    const answer = await json('/commands/monitor')
    deepStrictEqual(Object.keys(answer).slice(0, 3), ['version', 'server_state', 'avg_latency'])
    for (const [name, value] of Object.entries(answer)) {
      if (['version', 'server_state', 'command', 'error'].includes(name)) continue
      strictEqual(typeof value, 'number', name)
    }
  })

  test('resets', async () => {
    source.network.stats.onLatency(5)
    await json('/commands/srst')
    strictEqual(source.network.stats.maxLatencyMs, 0)
    resets.length = 0
    await json('/commands/crst')
    deepStrictEqual(resets, [1])
  })

  test('the trace mask', async () => {
    const wanted = 'setTraceMask requires long traceMask argument'
    strictEqual((await json('/commands/stmk'))['error'], wanted)
    strictEqual((await json('/commands/stmk?traceMask=x'))['error'], `${wanted}, got x`)
    strictEqual((await json('/commands/stmk?traceMask=258'))['tracemask'], 258)
    strictEqual((await json('/commands/gtmk'))['tracemask'], 258)
  })

  test('an unknown command', async () => {
    const { status, text } = await ask(port, '/commands/%3Cb%3E')
    const expected = '{\n  "command" : "<b>",\n  "error" : "Unknown command: <b>"\n}'
    deepStrictEqual([status, text], [200, expected])
  })

  test('what it has not', async () => {
    const rows: readonly (readonly [string, string, number])[] = [
      ['/none', 'GET', 404],
      ['/commandsruok', 'GET', 404],
      ['/metrics', 'GET', 404],
      ['/commands/ruok', 'POST', 405],
      ['/commands/ruok', 'TRACE', 403],
      ['/commands/%', 'GET', 400],
    ]
    for (const [path, method, status] of rows) {
      strictEqual((await ask(port, path, method)).status, status, path)
    }
    const { status, text } = await ask(port, '/commands/ruok', 'HEAD')
    deepStrictEqual([status, text], [200, ''])
  })

  test('a server that serves nobody says so, where it cannot tell', async () => {
    const idle = fakeSource({ isServing: false })
    const other = listening(adminPages(idle, '/ask'))
    const at = await other.listen(0, HOST)
    const error = 'This ZooKeeper instance is not currently serving requests'
    for (const { name, isAlways, isAct } of COMMANDS) {
      const method = isAct === true ? 'POST' : 'GET'
      const answer = JSON.parse((await ask(at, `/ask/${name}`, method)).text)
      if (isAlways === true) ok(answer.error !== error, name)
      else deepStrictEqual(answer, { command: name, error })
    }
  })

  test('an actor that does not answer is an error of the server', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* []
    }
    const other = listening(adminPages(fakeSource({ query: failing }), '/c'))
    strictEqual((await ask(await other.listen(0, HOST), '/c/hash')).status, 500)
  })

  test('a port that is taken is told', async () => {
    const other = new HttpListener(adminPages(source, '/commands'), IDLE_MS)
    await rejects(other.listen(port, HOST), { code: 'EADDRINUSE' })
  })

  test('who goes while it is told much has the rest not made', async () => {
    let over: (() => void) | null = null
    const isOver = new Promise<void>((resolve) => {
      over = resolve
    })
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield encodeControl([[SESSION, Array.from({ length: 500 }, () => '/path')]])
      } finally {
        over?.()
      }
    }
    const other = listening(adminPages(fakeSource({ query: endless }), '/c'))
    const at = await other.listen(0, HOST)
    const asked = request({ host: HOST, port: at, path: '/c/watches', agent: false })
    asked.end()
    const [response] = await once(asked, 'response')
    await once(response, 'readable')
    response.destroy()
    await within('the report to end', IDLE_MS, isOver)
  })
})

describe('metrics for Prometheus', () => {
  test('each metric has help, type and value', async (t) => {
    const source = fakeSource()
    source.gauges.gauge('znodes').set(7)
    const fsync = source.meters.meter('fsynctime', new SystemClock())
    for (const ms of [1, 2]) fsync.observe(ms)
    const listener = new HttpListener(prometheusPages(source, null), IDLE_MS)
    t.after(() => listener.close())
    const port = await listener.listen(0, HOST)
    const { status, type, text } = await ask(port, '/metrics')
    strictEqual((await ask(port, '/commands/monitor')).status, 404)
    deepStrictEqual([status, type], [200, 'text/plain; version=0.0.4; charset=utf-8'])
    match(text, /^# HELP znode_count Znodes\n# TYPE znode_count gauge\nznode_count 7$/m)
    match(
      text,
      /^# TYPE fsynctime summary\nfsynctime\{quantile="0.5"\} 1.\d+\nfsynctime_count 2\nfsynctime_sum 3$/m,
    )
    const alone = METRICS.filter(({ when }) => when === undefined).map(({ name }) => name)
    const typed = [...text.matchAll(/^# TYPE (\w+) /gm)].map((found) => found[1])
    deepStrictEqual(typed, [...alone, 'read_per_namespace', 'write_per_namespace'])
    for (const line of text.trimEnd().split('\n')) {
      match(
        line,
        /^# (HELP|TYPE) \w+ .+$|^\w+(\{quantile="[\d.]+"\})? (NaN|-?\d+(\.\d+)?(e[+-]?\d+)?)$/,
      )
    }
  })
})
