// Our client against Apache ZooKeeper: every operation of the typed API once.

import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from '../../client/client.ts'
import {
  checkOp,
  createOp,
  deleteOp,
  getChildrenOp,
  getOp,
  setOp,
} from '../../client/operations.ts'
import { RawConnection } from '../../client/raw-connection.ts'
import type { WatchEvent } from '../../client/watch-registry.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { AddWatchMode, CreateMode, EventType, OpCode, WatcherType } from '../../protocol/op-code.ts'
import { APACHE_MISSING, ApacheServer } from '../support/apache.ts'

describe('the client against Apache ZooKeeper', { skip: APACHE_MISSING }, () => {
  let server: ApacheServer
  let client: Client

  before(async () => {
    server = await ApacheServer.start({ properties: ['zookeeper.extendedTypesEnabled=true'] })
    client = new Client({ servers: server.address })
    await client.create('/t', Buffer.from('x'))
  })
  after(async () => {
    await client?.close()
    await server?.stop()
  })

  test('create in every mode, and what can be asked about it', async () => {
    strictEqual(await client.create('/t/e', null, { mode: CreateMode.ephemeral }), '/t/e')
    const { path, stat } = await client.create2('/t/s-', null, {
      mode: CreateMode.persistentSequential,
    })
    strictEqual(path, '/t/s-0000000001')
    strictEqual(stat.version, 0)
    strictEqual(await client.create('/t/c', null, { mode: CreateMode.container }), '/t/c')
    strictEqual(await client.create('/t/ttl', null, { ttlMs: 60_000 }), '/t/ttl')
    strictEqual((await client.create2('/t/ttl2', null, { ttlMs: 60_000 })).path, '/t/ttl2')
    deepStrictEqual(await client.getEphemerals('/t'), ['/t/e'])
    strictEqual(await client.getAllChildrenNumber('/t'), 5)
    const owner = (await client.exists('/t/e'))?.ephemeralOwner
    strictEqual(owner, client.connection.session.id)
  })

  test('set, get, versions, ACLs, sync', async () => {
    const stat = await client.set('/t', Buffer.from('y'))
    await rejects(client.set('/t', null, stat.version + 5), { code: ErrorCode.badVersion })
    strictEqual(Buffer.from((await client.get('/t')).data ?? []).toString(), 'y')
    const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
    strictEqual((await client.setAcl('/t', acl)).aversion, 1)
    deepStrictEqual((await client.getAcl('/t')).acl, acl)
    await client.sync('/t')
    await client.addAuth('digest', Buffer.from('u:p'))
    deepStrictEqual(
      (await client.whoAmI()).map((info) => info.authScheme),
      ['ip', 'digest'],
    )
    await rejects(client.reconfig({ ...NO_CHANGE, leavingServers: '1' }), {
      code: ErrorCode.reconfigDisabled,
    })
  })

  test('a large node', async () => {
    const large = Buffer.alloc(1_000_000, 7)
    await client.create('/t/large', large)
    deepStrictEqual(Buffer.from((await client.get('/t/large')).data ?? []), large)
  })

  test('multi and multiRead', async () => {
    const results = await client.multi([
      createOp('/m', Buffer.from('1')),
      setOp('/m', Buffer.from('2')),
      checkOp('/m', 1),
      deleteOp('/m'),
    ])
    deepStrictEqual(
      results.map((result) => result.type),
      [OpCode.create, OpCode.setData, OpCode.check, OpCode.delete],
    )
    const failing = client.multi([createOp('/m', null), deleteOp('/missing')])
    await rejects(failing, { code: ErrorCode.noNode, path: '/missing' })
    const reads = await client.multiRead([getOp('/t'), getChildrenOp('/'), getOp('/missing')])
    deepStrictEqual(
      reads.map((read) => read.type),
      [OpCode.getData, OpCode.getChildren, OpCode.error],
    )
  })

  test('watches fire, survive a reconnect and can be removed', async () => {
    const events: string[] = []
    const watcher = (event: WatchEvent): void => {
      events.push(`${event.type} ${event.path}`)
    }
    await client.create('/w', null)
    await client.get('/w', watcher)
    await client.getChildren('/w', watcher)
    await client.exists('/w/later', watcher)
    // On a node of its own: before 3.9 a recursive watch replaces others on its path.
    await client.create('/r', null)
    await client.addWatch('/r', AddWatchMode.persistentRecursive, watcher)
    client.connection.breakSocket()
    await rejects(client.sync(), { code: ErrorCode.connectionLoss })
    await client.create('/w/later', null)
    await client.set('/w', null)
    await client.create('/r/x', null)
    await client.removeWatches('/r', WatcherType.any, 'server')
    await client.set('/r', null)
    deepStrictEqual(events, [
      `${EventType.nodeCreated} /w/later`,
      `${EventType.nodeChildrenChanged} /w`,
      `${EventType.nodeDataChanged} /w`,
      `${EventType.nodeCreated} /r/x`,
      `${EventType.persistentWatchRemoved} /r`,
    ])
  })

  test('a chroot', async () => {
    await client.create('/root', null)
    const inner = new Client({ servers: `${server.address}/root` })
    strictEqual(await inner.create('/in', null), '/in')
    deepStrictEqual((await inner.getChildren('/')).children, ['in'])
    ok((await client.exists('/root/in')) !== null)
    await inner.close()
  })

  test('raw frames', async () => {
    const [host, port] = server.address.split(':')
    const raw = await RawConnection.open(host!, Number(port))
    raw.send(Buffer.concat([Buffer.alloc(12), Buffer.from('00002710', 'hex'), Buffer.alloc(12)]))
    const response = await raw.receive()
    strictEqual(response?.readInt32BE(4), 10_000)
    raw.sendBytes(Buffer.from('ffffffff', 'hex'))
    strictEqual(await raw.receive(), null)
  })
})

const NO_CHANGE = {
  joiningServers: null,
  leavingServers: null,
  newMembers: null,
  curConfigId: -1,
}
