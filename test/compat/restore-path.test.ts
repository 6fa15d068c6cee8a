// `restore --path` with ZooKeeper on both ends: from a backup of its files, into it while it runs.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { backup } from '../../bin/backup/backup.ts'
import { planRestore } from '../../bin/backup/restore.ts'
import { wantedNodes } from '../../bin/backup/subtree/wanted.ts'
import { Client } from '../../client/client.ts'
import { NodeKind } from '../../protocol/ephemeral-owner.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { formatZxid } from '../../protocol/zxid.ts'
import { NodeFiles } from '../../runtime/disk/files.ts'
import { removeFolder, run, temporaryFolder } from '../bin/launch.ts'
import { APACHE_MISSING, ApacheServer } from '../support/apache.ts'

test('a subtree of ZooKeeper goes back to a moment', { skip: APACHE_MISSING }, async () => {
  const root = temporaryFolder()
  const [folder, copy] = [join(root, 'data'), join(root, 'copy')]
  const properties = ['zookeeper.extendedTypesEnabled=true']
  const server = await ApacheServer.start({ folder, properties })
  const client = new Client({ servers: server.address })
  try {
    await client.create('/app', Buffer.from('then'))
    await client.create('/app/null', null)
    await client.create('/app/box', Buffer.from('1'), { mode: CreateMode.container })
    await client.create('/app/box/in', Buffer.from('2'))
    await client.create('/app/ttl', Buffer.from('3'), { ttlMs: 3_600_000 })
    await client.create('/app/live', null, { mode: CreateMode.ephemeral })
    const moment = client.connection.lastZxid
    await client.set('/app', Buffer.from('now'))
    for (const path of ['null', 'box/in', 'box', 'ttl', 'live']) await client.delete(`/app/${path}`)
    await client.create('/app/new', null)
    await backup({ dataDir: folder, dataLogDir: folder }, copy)
    const ended = await run('dist/bin/restore.js', [
      ...['--zxid', formatZxid(moment), '--from', copy],
      ...['--path', '/app', '--server', server.address, '--delete-extra'],
    ])
    strictEqual(ended.code, 0, ended.err)
    match(ended.out, /^To write: 1 deletes, 4 creates, 1 sets of data, 0 sets of access lists\.$/m)
    const { children } = await client.getChildren('/app')
    deepStrictEqual([...children].sort(), ['box', 'null', 'ttl'])
    const kept = ['/app', '/app/null', '/app/box', '/app/box/in', '/app/ttl']
    const found = await Promise.all(kept.map((path) => client.get(path)))
    deepStrictEqual(
      found.map(({ data }) => data && String(data)),
      ['then', null, '1', '2', '3'],
    )
    await backup({ dataDir: folder, dataLogDir: folder }, copy)
    const files = join(copy, 'version-2')
    const plan = await planRestore(new NodeFiles(files, files), 'latest')
    const nodes = wantedNodes(plan, '/app')
    deepStrictEqual(
      kept.map((path) => nodes.get(path)?.kind),
      [0, 0, NodeKind.container, 0, NodeKind.ttl],
    )
    strictEqual(nodes.get('/app/ttl')?.ttlMs, 3_600_000)
  } finally {
    await client.close()
    await server.stop()
    removeFolder(root)
  }
})
