// node-zookeeper-client, npm's, against our server.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { OwnServer } from '../support/own-server.ts'
import { within } from '../support/until.ts'

const WAIT_MS = 10_000

interface NodeStat {
  readonly version: number
  readonly numChildren: number
}
interface NodeEvent {
  getName(): string
  getPath(): string
}
type Callback<T extends unknown[]> = (error: { getCode(): number } | null, ...results: T) => void
type Watcher = (event: NodeEvent) => void

/** What is used here of its interface; it has no types of its own. */
interface NodeClient {
  connect(): void
  once(event: 'connected', listener: () => void): void
  close(): void
  getSessionId(): Buffer
  create(path: string, data: Buffer, mode: number, callback: Callback<[string]>): void
  getData(path: string, watcher: Watcher, callback: Callback<[Buffer, NodeStat]>): void
  setData(path: string, data: Buffer, version: number, callback: Callback<[NodeStat]>): void
  getChildren(path: string, watcher: Watcher, callback: Callback<[string[], NodeStat]>): void
  exists(path: string, callback: Callback<[NodeStat | null]>): void
  remove(path: string, version: number, callback: Callback<[]>): void
  mkdirp(path: string, callback: Callback<[string]>): void
  transaction(): Transaction
}
interface Transaction {
  create(path: string, data?: Buffer): Transaction
  setData(path: string, data: Buffer, version?: number): Transaction
  check(path: string, version?: number): Transaction
  remove(path: string, version?: number): Transaction
  commit(callback: Callback<[unknown[]]>): void
}

const library = createRequire(import.meta.url)('node-zookeeper-client') as {
  createClient(servers: string, options: object): NodeClient
  CreateMode: Record<'PERSISTENT' | 'EPHEMERAL' | 'PERSISTENT_SEQUENTIAL', number>
}

/** The callback's result as a promise; an error rejects. */
function result<T extends unknown[]>(call: (callback: Callback<T>) => void): Promise<T> {
  const promise = new Promise<T>((resolve, reject) => {
    call((error, ...results) => (error === null ? resolve(results) : reject(error)))
  })
  return within('an answer', WAIT_MS, promise)
}

function codeOf<T extends unknown[]>(call: (callback: Callback<T>) => void): Promise<number> {
  return result(call).then(
    () => 0,
    (error: { getCode(): number }) => error.getCode(),
  )
}

describe('node-zookeeper-client', () => {
  let server: OwnServer
  let client: NodeClient

  before(async () => {
    server = await OwnServer.start()
    client = library.createClient(server.address, { sessionTimeout: 10_000 })
    const connected = new Promise<void>((resolve) => client.once('connected', resolve))
    client.connect()
    await within('a connection', WAIT_MS, connected)
  })
  after(async () => {
    client?.close()
    await server?.stop()
  })

  test('create, get, set, children, remove', async () => {
    const { PERSISTENT, EPHEMERAL, PERSISTENT_SEQUENTIAL } = library.CreateMode
    const ignore: Watcher = () => {}
    await result((done) => client.create('/n', Buffer.from('x'), PERSISTENT, done))
    strictEqual(
      await codeOf((done) => client.create('/n', Buffer.from(''), PERSISTENT, done)),
      -110,
    )
    const data = Buffer.from('')
    const sequential = result<[string]>((done) =>
      client.create('/n/s-', data, PERSISTENT_SEQUENTIAL, done),
    )
    deepStrictEqual(await sequential, ['/n/s-0000000000'])
    await result((done) => client.create('/n/e', data, EPHEMERAL, done))
    const [children, stat] = await result<[string[], NodeStat]>((done) =>
      client.getChildren('/n', ignore, done),
    )
    deepStrictEqual(children.sort(), ['e', 's-0000000000'])
    strictEqual(stat.numChildren, 2)
    await result((done) => client.setData('/n', Buffer.from('y'), 0, done))
    strictEqual(await codeOf((done) => client.setData('/n', data, 0, done)), -103)
    const [got] = await result<[Buffer, NodeStat]>((done) => client.getData('/n', ignore, done))
    strictEqual(got.toString(), 'y')
    await result((done) => client.remove('/n/e', -1, done))
    deepStrictEqual(await result((done) => client.exists('/n/e', done)), [null])
    strictEqual(await codeOf((done) => client.remove('/n', -1, done)), -111)
    await result((done) => client.mkdirp('/deep/er/still', done))
  })

  test('watches', async () => {
    const { PERSISTENT } = library.CreateMode
    await result((done) => client.create('/w', Buffer.from(''), PERSISTENT, done))
    const events: string[] = []
    const told = new Promise<void>((resolve) => {
      const watcher: Watcher = (event) => {
        if (events.push(`${event.getName()} ${event.getPath()}`) === 2) resolve()
      }
      client.getData('/w', watcher, () => {})
      client.getChildren('/w', watcher, () => {})
    })
    client.setData('/w', Buffer.from('1'), -1, () => {})
    client.create('/w/c', Buffer.from(''), PERSISTENT, () => {})
    await within('two events', WAIT_MS, told)
    deepStrictEqual(events, ['NODE_DATA_CHANGED /w', 'NODE_CHILDREN_CHANGED /w'])
  })

  test('transactions', async () => {
    await result((done) => {
      const one = client.transaction().create('/t', Buffer.from('1')).check('/t', 0)
      one.setData('/t', Buffer.from('2')).create('/t/a').remove('/t/a').commit(done)
    })
    strictEqual(
      await codeOf((done) => client.transaction().create('/t/b').check('/t', 7).commit(done)),
      -103,
    )
    deepStrictEqual(await result((done) => client.exists('/t/b', done)), [null])
  })
})
