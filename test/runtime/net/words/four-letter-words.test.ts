// Four-letter words, asked of a server in this process. The shapes are those that Apache ZooKeeper
// 3.8 and 3.9 print.

import { deepStrictEqual, doesNotMatch, match, ok, rejects, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import { connect } from 'node:net'
import os from 'node:os'
import { after, afterEach, before, describe, mock, test } from 'node:test'
import { Client } from '../../../../client/client.ts'
import { VERSION_TEXT } from '../../../../client/shell/version.ts'
import { FOUR_LETTER_WORDS } from '../../../../config/four-letter-names.ts'
import { DEFAULTS, type ServerOptions } from '../../../../config/options.ts'
import { CreateMode } from '../../../../protocol/op-code.ts'
import { fourLetterWords } from '../../../../runtime/net/words/four-letter-words.ts'
import { dateText } from '../../../../runtime/net/words/java-text.ts'
import { createLogger } from '../../../../runtime/process/logger.ts'
import { FULL_VERSION } from '../../../../runtime/process/version.ts'
import { Decimal } from '../../../../runtime/reports/decimal.ts'
import type { ReportSource } from '../../../../runtime/reports/source.ts'
import { TraceMask } from '../../../../runtime/reports/trace-mask.ts'
import { Server } from '../../../../runtime/server.ts'
import { GaugeTable } from '../../../../runtime/shared/gauges.ts'
import { ask, removeFolder, temporaryFolder } from '../../../bin/launch.ts'
import { startedThreads } from '../../../support/started-threads.ts'
import { within } from '../../../support/until.ts'

const NO_BYTES = new Uint8Array(0)

function optionsFor(folder: string, words: readonly string[]): ServerOptions {
  return {
    ...DEFAULTS,
    dataDir: folder,
    dataLogDir: folder,
    clientPort: 0,
    clientPortAddress: '127.0.0.1',
    logLevel: 'silent',
    superDigest: 'super:sesame',
    fourLetterWords: new Set(words),
  }
}

async function startServer(options: ServerOptions): Promise<{ server: Server; port: number }> {
  const onFatal = (problem: string): never => {
    throw new Error(problem)
  }
  const logger = createLogger('silent')
  const server = new Server(options, logger, fourLetterWords, onFatal, startedThreads(options))
  return { server, port: await server.start() }
}

function lines(text: string): string[] {
  ok(text.endsWith('\n'), JSON.stringify(text))
  return text.slice(0, -1).split('\n')
}

describe('four-letter words', () => {
  let folder: string
  let server: Server
  let port: number
  let client: Client
  const word = (text: string): Promise<string> => ask(port, text)

  before(async () => {
    folder = temporaryFolder()
    ;({ server, port } = await startServer(optionsFor(folder, FOUR_LETTER_WORDS)))
    client = new Client({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 20_000 })
    await client.create('/kept', NO_BYTES)
    await client.create('/mine', NO_BYTES, { mode: CreateMode.ephemeral })
    await client.get('/kept', () => undefined)
    await client.exists('/none', () => undefined)
  })
  after(async () => {
    await client.close()
    await server.stop()
    removeFolder(folder)
  })

  test('ruok', async () => strictEqual(await word('ruok'), 'imok'))
  test('isro', async () => strictEqual(await word('isro'), 'rw'))

  test('srvr', async () => {
    const [version, ...rest] = lines(await word('srvr'))
    strictEqual(version, `Zookeeper version: ${FULL_VERSION}`)
    match(rest[0] ?? '', /^Latency min\/avg\/max: \d+\/\d+\.\d{1,4}\/\d+$/)
    match(rest[1] ?? '', /^Received: \d+$/)
    match(rest[2] ?? '', /^Sent: \d+$/)
    match(rest[3] ?? '', /^Connections: \d+$/)
    deepStrictEqual(rest.slice(4), [
      'Outstanding: 0',
      'Zxid: 0x3',
      'Mode: standalone',
      'Node count: 7',
    ])
  })

  test('stat lists the clients, itself among them', async () => {
    const text = await word('stat')
    match(text, /^Zookeeper version: .*\nClients:\n/)
    match(text, /^ \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=\d+,sent=\d+\)$/m)
    match(text, /^ \/127\.0\.0\.1:\d+\[0\]\(queued=0,recved=1,sent=0\)$/m)
    match(text, /\)\n\nLatency min\/avg\/max: /)
    match(text, /\nMode: standalone\nNode count: \d+\n$/)
  })

  test('cons, and crst', async () => {
    const text = await word('cons')
    ok(text.endsWith(')\n\n'))
    const session =
      /\[1\]\(queued=0,recved=\d+,sent=\d+,sid=0x[0-9a-f]+,lop=EXIS,est=\d{13},to=20000,lcxid=0x\w+,lzxid=0x3,lresp=\d+,llat=\d+,minlat=\d+,avglat=\d+,maxlat=\d+\)$/m
    match(text, session)
    strictEqual(await word('crst'), 'Connection stats reset.\n')
    match(await word('cons'), /recved=0,sent=0,sid=0x[0-9a-f]+,lop=NA,/)
  })

  test('conf', async () => {
    const entries = lines(await word('conf')).map((line) => line.split('='))
    deepStrictEqual(
      entries.map(([key, value]) => (key?.endsWith('Size') ? [key] : [key, value])),
      [
        ['clientPort', String(port)],
        ['secureClientPort', '-1'],
        ['dataDir', `${folder}/version-2`],
        ['dataDirSize'],
        ['dataLogDir', `${folder}/version-2`],
        ['dataLogSize'],
        ['tickTime', '3000'],
        ['maxClientCnxns', '60'],
        ['minSessionTimeout', '6000'],
        ['maxSessionTimeout', '60000'],
        ['clientPortListenBacklog', '-1'],
        ['serverId', '0'],
      ],
    )
  })

  test('dirs', async () => {
    match(await word('dirs'), /^datadir_size: [1-9]\d+\nlogdir_size: [1-9]\d+\n$/)
  })

  test('dump', async () => {
    const date = String.raw`\w{3} \w{3} \d\d \d\d:\d\d:\d\d \S+ \d{4}`
    const expected = new RegExp(
      String.raw`^SessionTracker dump:\nSession Sets \(1\)/\(1\):\n1 expire at ${date}:\n` +
        String.raw`\t(0x[0-9a-f]+)\nephemeral nodes dump:\nSessions with Ephemerals \(1\):\n` +
        String.raw`\1:\n\t/mine\nConnections dump:\nConnections Sets \(\d\)/\(\d\):\n` +
        String.raw`\d expire at ${date}:\n\tip: /127\.0\.0\.1:\d+ sessionId: 0x[0-9a-f]+\n`,
    )
    match(await word('dump'), expected)
  })

  test('dump, wchc and wchp of much, taken late', async () => {
    const other = new Client({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 20_000 })
    const names = Array.from({ length: 2500 }, (_, i) => `/much${i}`)
    await Promise.all(names.map((path) => other.create(path, NO_BYTES, { mode: 1 })))
    await Promise.all(names.map((path) => other.exists(path, () => undefined)))
    const much = (text: string, indent: string): number => {
      return text.split('\n').filter((line) => line.startsWith(`${indent}/much`)).length
    }
    for (const [asked, indent] of [
      ['dump', '\t'],
      ['wchc', '\t'],
      ['wchp', ''],
    ] as const) {
      const socket = connect(port, '127.0.0.1')
      socket.write(asked)
      socket.pause()
      // Others are answered while it waits to be taken.
      strictEqual(await word('ruok'), 'imok')
      let text = ''
      socket.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      socket.resume()
      await within(asked, 30_000, once(socket, 'close'))
      strictEqual(much(text, indent), names.length, asked)
      const heads = text.split('\n').filter((line) => /^0x[0-9a-f]+:?$/.test(line))
      if (asked !== 'wchp') strictEqual(heads.length, new Set(heads).size, 'each session once')
    }
    // Who goes in the middle of it leaves nothing behind.
    const gone = connect(port, '127.0.0.1')
    gone.write('wchc')
    await once(gone, 'readable')
    gone.destroy()
    await other.close()
    match(await word('wchc'), /\/kept/)
  })

  test('wchs, wchc, wchp', async () => {
    strictEqual(await word('wchs'), '1 connections watching 2 paths\nTotal watches:2\n')
    match(await word('wchc'), /^0x[0-9a-f]+\n\t\/kept\n\t\/none\n\n$/)
    match(await word('wchp'), /^\/kept\n\t0x[0-9a-f]+\n\/none\n\t0x[0-9a-f]+\n\n$/)
  })

  test('hash has no line before there is a digest to keep', async () => {
    match(await word('hash'), /^([0-9a-f]+: -?\d+\n)*$/)
  })

  test('mntr', async () => {
    const metrics = lines(await word('mntr')).map((line) => line.split('\t'))
    for (const [name, value] of metrics) {
      match(name ?? '', /^zk_[a-z0-9_]+$/)
      if (name !== 'zk_version' && name !== 'zk_server_state') {
        ok(Number.isFinite(Number(value)), `${name} ${value}`)
      }
    }
    deepStrictEqual(
      metrics.slice(0, 9).map(([name]) => name),
      [
        'zk_version',
        'zk_server_state',
        'zk_avg_latency',
        'zk_max_latency',
        'zk_min_latency',
        'zk_packets_received',
        'zk_packets_sent',
        'zk_num_alive_connections',
        'zk_outstanding_requests',
      ],
    )
    const values = new Map(metrics.map(([name, value]) => [name, value]))
    strictEqual(values.get('zk_server_state'), 'standalone')
    strictEqual(values.get('zk_znode_count'), '7')
    strictEqual(values.get('zk_ephemerals_count'), '1')
    strictEqual(values.get('zk_watch_count'), '2')
    strictEqual(values.get('zk_global_sessions'), '1')
  })

  test('mntr: what threads, rings and the log have counted', async () => {
    const metrics = new Map(
      lines(await word('mntr')).map((line) => line.split('\t') as [string, string]),
    )
    const number = (name: string): number => Number(metrics.get(`zk_ringkeeper_${name}`))
    for (const actor of ['network', 'tree', 'log', 'sessions', 'watches']) {
      ok(number(`${actor}_messages`) > 0, actor)
      ok(number(`${actor}_turns`) > number(`${actor}_idle_turns`), actor)
      ok(number(`${actor}_max_messages_per_turn`) >= 1, actor)
      ok(number(`${actor}_avg_turn_ms`) <= number(`${actor}_max_turn_ms`), actor)
    }
    for (const edge of ['network_tree', 'tree_log', 'log_tree', 'tree_network', 'tree_watches']) {
      const frames = number(`ring_${edge}_frames`)
      ok(frames >= number(`ring_${edge}_batches`) && frames > 0, edge)
      ok(number(`ring_${edge}_max_bytes`) >= 32, edge)
      strictEqual(number(`ring_${edge}_stalls`), 0)
      ok(number(`ring_${edge}_avg_wait_ms`) <= number(`ring_${edge}_max_wait_ms`), edge)
    }
    ok(number('log_transactions') >= number('log_avg_transactions_per_fsync'))
    ok(number('log_avg_transactions_per_fsync') >= 1)
    ok(number('log_avg_bytes_per_fsync') > 0)
  })

  test('envi: what clients read the version from, and no secret', async () => {
    const text = await word('envi')
    const [head, version] = lines(text)
    strictEqual(head, 'Environment:')
    match(version ?? '', /^zookeeper\.version=\d+\.\d+\.\d+-.*, built on \d{4}-\d\d-\d\d /)
    doesNotMatch(text + (await word('conf')), /sesame/)
  })

  test('gtmk and stmk', async () => {
    strictEqual(await word('gtmk'), '306')
    const mask = new Uint8Array([...Buffer.from('stmk'), 0, 0, 0, 0, 0, 0, 1, 2])
    strictEqual(await ask(port, mask), '258')
    strictEqual(await word('gtmk'), '258')
  })

  test('srst', async () => {
    strictEqual(await word('srst'), 'Server stats reset.\n')
    match(await word('srvr'), /Latency min\/avg\/max: 0\/0\.0\/0\nReceived: [12]\nSent: [12]\n/)
  })

  test('anything else is no word', async () => strictEqual(await word('RUOK'), ''))
  test('a telnet interrupt closes', async () => {
    strictEqual(await ask(port, new Uint8Array([0xff, 0xf4, 0xff, 0xfd])), '')
  })
})

describe('the whitelist', () => {
  test('only srvr, unless more is allowed (CVE-2017-5637)', async () => {
    const folder = temporaryFolder()
    const options = optionsFor(folder, [...DEFAULTS.fourLetterWords])
    const { server, port } = await startServer(options)
    for (const word of FOUR_LETTER_WORDS.filter((word) => word !== 'srvr')) {
      const refusal = `${word} is not executed because it is not in the whitelist.\n`
      strictEqual(await ask(port, word), refusal)
    }
    match(await ask(port, 'srvr'), /^Zookeeper version: /)
    await server.stop()
    removeFolder(folder)
  })
})

describe('a server that does not serve', () => {
  const notServing = {
    options: optionsFor('/nowhere', FOUR_LETTER_WORDS),
    gauges: new GaugeTable(),
    network: { isServing: false },
    traceMask: new TraceMask(),
  } as unknown as ReportSource
  const handler = fourLetterWords(notServing)
  const TEXT = 'This ZooKeeper instance is not currently serving requests'
  const ANSWERS: Readonly<Record<string, string>> = {
    ruok: 'imok',
    isro: 'null',
    hash: TEXT,
    gtmk: '306',
    stmk: '306',
  }
  for (const word of FOUR_LETTER_WORDS.filter((word) => word !== 'envi')) {
    test(word, async () => {
      strictEqual(await handler(word, NO_BYTES), ANSWERS[word] ?? `${TEXT}\n`)
    })
  }
})

describe('envi', () => {
  const source = { options: optionsFor('/nowhere', ['envi']), gauges: new GaugeTable() }
  const handler = fourLetterWords(source as unknown as ReportSource)
  const unknown = (): never => {
    throw new Error('uv_os_get_passwd returned ENOENT')
  }
  afterEach(() => {
    mock.restoreAll()
    syncBuiltinESMExports()
  })

  test('of a user without name and home, as in a container', async () => {
    mock.method(os, 'userInfo', unknown)
    mock.method(os, 'homedir', unknown)
    syncBuiltinESMExports()
    match(String(await handler('envi', NO_BYTES)), /^user\.name=\?\nuser\.home=\?$/m)
  })

  test('of a system that fails: no answer, and no more harm', async () => {
    mock.method(os, 'hostname', unknown)
    syncBuiltinESMExports()
    await rejects(async () => await handler('envi', NO_BYTES), /ENOENT/)
  })
})

describe('Java’s way with numbers and dates', () => {
  const DOUBLES: readonly (readonly [number, string])[] = [
    [0, '0.0'],
    [5, '5.0'],
    [1.5, '1.5'],
    [4.571_428, '4.5714'],
    [Number.NaN, '0.0'],
  ]
  for (const [value, text] of DOUBLES) {
    test(String(value), () => strictEqual(String(new Decimal(value)), text))
  }
  test('a date', () => {
    match(dateText(0), /^\w{3} (Jan 01|Dec 31) \d\d:\d\d:\d\d \S+ (1970|1969)$/)
  })
})

test('the shell and the server call themselves the same', () => {
  ok(FULL_VERSION.startsWith(`${VERSION_TEXT}, built on `))
})
