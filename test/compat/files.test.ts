// Data directories handed from one server to the other: ours is killed, Apache ZooKeeper starts on
// what it left, and the other way round. Every node, stat and access list must be the same.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import { checkOp, createOp, deleteOp, setOp } from '../../client/operations.ts'
import type { Acl } from '../../protocol/acl.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { APACHE_MISSING, ApacheServer, runJava } from '../support/apache.ts'
import {
  ChildServer,
  removeFolder,
  type TestOptions,
  temporaryFolder,
} from '../support/own-server.ts'
import { within } from '../support/until.ts'

const FORMATTER = 'org.apache.zookeeper.server.SnapshotFormatter'
const TOOLKIT = 'org.apache.zookeeper.server.persistence.TxnLogToolkit'
const WAIT_MS = 30_000
/** Snapshots and logs come often. */
const OFTEN = 40
const OPTIONS: TestOptions = { extendedTypes: true, snapCount: OFTEN, preAllocSizeBytes: 1 << 20 }
const PROPERTIES = [
  'zookeeper.extendedTypesEnabled=true',
  `zookeeper.snapCount=${OFTEN}`,
  'zookeeper.preAllocSize=1024',
]
const LISTS: readonly (readonly Acl[])[] = [
  [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }],
  [{ perms: 31, id: { scheme: 'ip', id: '127.0.0.1' } }],
  [
    { perms: 31, id: { scheme: 'auth', id: '' } },
    { perms: 1, id: { scheme: 'world', id: 'anyone' } },
  ],
]

describe('data directories and Apache ZooKeeper', { skip: APACHE_MISSING }, () => {
  for (const compression of ['', 'gz', 'snappy'] as const) {
    const kind = compression === '' ? 'plain' : compression
    const options: TestOptions = { ...OPTIONS, snapshotCompressionMethod: compression }
    const properties = [
      ...PROPERTIES,
      ...(compression === '' ? [] : [`zookeeper.snapshot.compression.method=${compression}`]),
    ]

    describe(`with ${kind} snapshots`, () => {
      const folder = temporaryFolder()
      let seen: Tree = new Map()

      after(() => removeFolder(folder))

      test('Apache serves what ours left', async () => {
        const ours = await ChildServer.start(folder, options)
        seen = await filled(ours.address, 'ours')
        await ours.kill()
        const theirs = await ApacheServer.start({ folder, properties })
        try {
          deepStrictEqual(await treeOf(theirs.address), seen)
        } finally {
          await theirs.stop()
        }
      })

      test('ours serves what Apache added', async () => {
        const theirs = await ApacheServer.start({ folder, properties })
        seen = await filled(theirs.address, 'theirs')
        await theirs.stop()
        const ours = await ChildServer.start(folder, options)
        try {
          deepStrictEqual(await treeOf(ours.address), seen)
        } finally {
          await ours.kill()
        }
      })

      test('and Apache again what ours added to that', async () => {
        const ours = await ChildServer.start(folder, options)
        seen = await filled(ours.address, 'again')
        await ours.kill()
        const theirs = await ApacheServer.start({ folder, properties })
        try {
          deepStrictEqual(await treeOf(theirs.address), seen)
        } finally {
          await theirs.stop()
        }
      })

      test('Apache’s tools read every file', () => {
        const files = readdirSync(join(folder, 'version-2'))
        // Apache, stopped in the middle of a snapshot, leaves what it had of it.
        const snapshots = files.filter((name) => /^snapshot\.(?!.*\.tmp$)/.test(name))
        const logs = files.filter((name) => name.startsWith('log.'))
        ok(snapshots.length > 3 && logs.length > 3, files.join(' '))
        const suffix = compression === '' ? /^snapshot\.[0-9a-f]+$/ : `.${compression}`
        for (const name of snapshots) {
          ok(typeof suffix === 'string' ? name.endsWith(suffix) : suffix.test(name), name)
          match(runJava(FORMATTER, [join(folder, 'version-2', name)]), /ZNode Details/)
        }
        for (const name of logs) {
          const text = runJava(TOOLKIT, ['-d', join(folder, 'version-2', name)])
          match(text, /EOF reached after \d+ txns/)
        }
      })
    })
  }
})

interface Node {
  readonly data: string | null
  readonly stat: object
  readonly acl: object | null
}
type Tree = Map<string, Node>

/** Writes nodes of every kind below `/name`, and returns the whole tree once its sessions ended. */
async function filled(address: string, name: string): Promise<Tree> {
  const client = await connected(address)
  const root = `/${name}`
  await client.addAuth('digest', Buffer.from('owner:secret'))
  await client.create(root, Buffer.from(name))
  await client.create(`${root}/null`, null)
  await client.create(`${root}/empty`, Buffer.alloc(0))
  await client.create(`${root}/big`, Buffer.alloc(900_000, name))
  await client.create(`${root}/ünïcode-日本`, Buffer.from('ü'))
  await client.create(`${root}/container`, null, { mode: CreateMode.container })
  await client.create(`${root}/container/child`, null)
  await client.create(`${root}/ttl`, Buffer.from('t'), { ttlMs: 3_600_000 })
  for (const [i, acl] of LISTS.entries()) {
    await client.create(`${root}/acl${i}`, null, { acl })
    await client.create(`${root}/again${i}`, null)
    await client.setAcl(`${root}/again${i}`, acl)
  }
  const sequential = { mode: CreateMode.persistentSequential }
  for (let i = 0; i < 60; i++) await client.create(`${root}/s-`, Buffer.from(`${i}`), sequential)
  for (let i = 0; i < 60; i += 3) {
    const path = `${root}/s-${String(i + 13).padStart(10, '0')}`
    if ((await client.exists(path)) !== null) await client.delete(path)
  }
  for (let i = 0; i < 30; i++) await client.set(root, Buffer.from(`${name} ${i}`))
  await client.multi([
    createOp(`${root}/multi`, Buffer.from('1')),
    createOp(`${root}/multi/a`, null),
    setOp(`${root}/multi`, Buffer.from('2')),
    checkOp(`${root}/multi`, 1),
    createOp(`${root}/multi/b`, null),
    deleteOp(`${root}/multi/a`),
  ])
  await client.multi([createOp(`${root}/half`, null), deleteOp(`${root}/none`)]).catch(() => {})
  await client.set(root, null, 77).catch(() => {})
  await client.create(`/zookeeper/quota${root}`, null)
  await client.create(`/zookeeper/quota${root}/zookeeper_limits`, Buffer.from('count=5,bytes=-1'))
  await client.create(`/zookeeper/quota${root}/zookeeper_stats`, Buffer.from('count=0,bytes=0'))
  // A session that ends, and one that is there when the server is killed and dies later.
  const passing = await connected(address)
  await passing.create(`${root}/passing`, null, { mode: CreateMode.ephemeral })
  await passing.close()
  await client.create(`${root}/left`, Buffer.from('e'), { mode: CreateMode.ephemeral })
  const tree = await treeOf(address)
  client.connection.abandon()
  ok(tree.get(`${root}/left`) !== undefined && !tree.has(`${root}/passing`))
  strictEqual(tree.has(`${root}/half`), false)
  return tree
}

/** Every node with data, stat and access list. */
async function treeOf(address: string): Promise<Tree> {
  const client = await connected(address)
  await client.addAuth('digest', Buffer.from('owner:secret'))
  const tree: Tree = new Map()
  const open = ['/']
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const { children, stat } = await client.getChildren(path)
    const { data } = await client.get(path)
    const { acl } = await client.getAcl(path)
    tree.set(path, { data: data === null ? null : Buffer.from(data).toString('latin1'), stat, acl })
    for (const child of children) open.push(path === '/' ? `/${child}` : `${path}/${child}`)
  }
  await client.close()
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function connected(address: string): Promise<Client> {
  const client = new Client({ servers: address, sessionTimeoutMs: 40_000, reconnectDelayMs: 50 })
  await within('a session', WAIT_MS, client.sync())
  return client
}
