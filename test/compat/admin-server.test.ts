// The admin server against Apache's, command by command: both are driven into the same state, and the
// answers must have the same keys, with values of the same types. What differs on purpose is listed.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { freePort } from '../../perf/ensemble/ports.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { adminPages } from '../../runtime/admin/admin-server.ts'
import { COMMANDS } from '../../runtime/admin/commands.ts'
import { HttpListener } from '../../runtime/admin/http-listener.ts'
import { ADMIN_JARS, APACHE_MISSING, ApacheServer } from '../support/apache.ts'
import { OwnServer } from '../support/own-server.ts'
import { IN_PROMETHEUS, leftOutNames, metricNames, OLD_METRICS, shapeOf } from './report-shapes.ts'

const HOST = '127.0.0.1'
const NO_BYTES = new Uint8Array(0)
const SESSION_MS = 20_000

/** They are about Java's classes, and its way with TLS. */
const NOT_COUNTED = [
  'server_stats.non_mtlslocal_conn_count: number',
  'server_stats.non_mtlsremote_conn_count: number',
  'server_stats.provider_null: boolean',
]
/** Not among Apache's commands: two of later versions, the others of our own. */
const OWN_COMMANDS = ['changes', 'hand_over', 'shed_connections', 'snapshot', 'top', 'why']
/** The first two are compared below. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  ...['monitor', 'system_properties'],
  ...OWN_COMMANDS,
])
/** Waits in rings have no quantiles. */
const PLAIN = ['prep_processor_queue_time_ms', 'sync_processor_queue_time_ms']
/** What Apache's answer has and ours has not. */
const MISSING: Readonly<Record<string, readonly string[]>> = {
  server_stats: NOT_COUNTED,
  stats: NOT_COUNTED,
}

/** Java has empty buckets of sessions for a while. */
const EMPTY_BUCKET = 'expiry_time_to_session_ids.N[]: null'

async function answerOf(port: number, command: string): Promise<Record<string, unknown>> {
  const response = await fetch(`http://${HOST}:${port}/commands/${command}`)
  deepStrictEqual(
    [response.status, response.headers.get('content-type')?.split(';')[0]],
    [200, 'application/json'],
  )
  return (await response.json()) as Record<string, unknown>
}

async function clientOf(address: string): Promise<Client> {
  const client = new Client({ servers: address, sessionTimeoutMs: SESSION_MS })
  await client.create('/a', NO_BYTES)
  await client.create('/a/e', NO_BYTES, { mode: CreateMode.ephemeral })
  await client.exists('/a/b', () => undefined)
  return client
}

describe('the admin server and Apache’s', { skip: APACHE_MISSING }, () => {
  let theirs: ApacheServer
  let ours: OwnServer
  let listener: HttpListener
  let clients: Client[]
  const ports = { theirs: 0, ours: 0 }

  before(async () => {
    ports.theirs = await freePort()
    theirs = await ApacheServer.start({
      jars: ADMIN_JARS,
      configuration: [
        'admin.enableServer=true',
        `admin.serverAddress=${HOST}`,
        `admin.serverPort=${ports.theirs}`,
      ],
    })
    ours = await OwnServer.start()
    listener = new HttpListener(adminPages(ours.server, '/commands'), SESSION_MS)
    ports.ours = await listener.listen(0, HOST)
    clients = await Promise.all([clientOf(theirs.address), clientOf(ours.address)])
  })
  after(async () => {
    for (const client of clients ?? []) await client.close()
    await listener?.close()
    await ours?.stop()
    await theirs?.stop()
  })

  for (const { name } of COMMANDS.filter(({ name }) => !NOT_COMPARED.has(name))) {
    test(name, async () => {
      const theirShape = shapeOf(await answerOf(ports.theirs, name))
      const missing = MISSING[name] ?? []
      for (const key of missing) ok(theirShape.includes(key), `${key} is there`)
      deepStrictEqual(
        shapeOf(await answerOf(ports.ours, name)),
        theirShape.filter((key) => !missing.includes(key) && key !== EMPTY_BUCKET),
      )
    })
  }

  test('monitor: what both have is of the same type', async () => {
    const [ourAnswer, theirAnswer] = await Promise.all([
      answerOf(ports.ours, 'monitor'),
      answerOf(ports.theirs, 'monitor'),
    ])
    const shared = Object.keys(theirAnswer).filter((key) => key in ourAnswer)
    ok(shared.length >= 30, `${shared.length} shared`)
    for (const key of shared) strictEqual(typeof ourAnswer[key], typeof theirAnswer[key], key)
    // And none is made up under a name that ZooKeeper would have.
    const own = Object.keys(ourAnswer).filter((key) => !(key in theirAnswer))
    deepStrictEqual(
      own.filter((key) => !key.startsWith('ringkeeper_')),
      OLD_METRICS,
    )
  })

  test('monitor: each of theirs is there, or in the list of what is left out', async () => {
    const theirs = new Set(metricNames(Object.keys(await answerOf(ports.theirs, 'monitor'))))
    const ours = new Set(metricNames(Object.keys(await answerOf(ports.ours, 'monitor'))))
    const leftOut = leftOutNames()
    ok(leftOut.size > 60)
    deepStrictEqual(
      [...theirs].filter(
        (name) => !ours.has(name) && !leftOut.has(name) && !IN_PROMETHEUS.test(name),
      ),
      [],
    )
    deepStrictEqual(
      [...ours].filter((name) => leftOut.has(name)),
      [],
    )
  })

  test('monitor: a summary has the quantiles that theirs has', async () => {
    const theirs = await answerOf(ports.theirs, 'monitor')
    const ours = await answerOf(ports.ours, 'monitor')
    const summaries = Object.keys(ours)
      .filter((key) => key.startsWith('cnt_') && key in theirs)
      .map((key) => key.slice('cnt_'.length))
    ok(summaries.length >= 20, `${summaries.length} shared`)
    for (const name of summaries.filter((one) => !PLAIN.includes(one))) {
      for (const prefix of ['avg', 'min', 'max', 'sum', 'p50', 'p95', 'p99', 'p999']) {
        const key = `${prefix}_${name}`
        strictEqual(typeof ours[key], typeof theirs[key], key)
      }
    }
  })

  test('system properties: what both have is text', async () => {
    const [ours, theirs] = await Promise.all([
      answerOf(ports.ours, 'sysp'),
      answerOf(ports.theirs, 'sysp'),
    ])
    const shared = Object.keys(theirs).filter((key) => key in ours)
    ok(shared.length >= 10, `${shared}`)
    for (const key of shared) strictEqual(typeof ours[key], typeof theirs[key], key)
  })

  test('an unknown command', async () => {
    deepStrictEqual(await answerOf(ports.ours, 'nothing'), await answerOf(ports.theirs, 'nothing'))
  })

  test('the page of commands', async () => {
    const links = async (port: number): Promise<Set<string>> => {
      const text = await (await fetch(`http://${HOST}:${port}/commands`)).text()
      return new Set(text.match(/<a href="[^"]+">\w+<\/a>/g))
    }
    const theirLinks = await links(ports.theirs)
    const ourLinks = await links(ports.ours)
    strictEqual(ourLinks.size, COMMANDS.length)
    deepStrictEqual(
      [...ourLinks].filter((link) => !theirLinks.has(link)),
      OWN_COMMANDS.map((name) => `<a href="/commands/${name}">${name}</a>`),
    )
  })
})
