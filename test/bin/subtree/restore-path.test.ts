// A subtree of a running server is restored: to what was recorded at a transaction, beside others' writes, after a
// run that ended midway; and what is said when it cannot be.

import {
  deepStrictEqual,
  match,
  notDeepStrictEqual,
  ok,
  rejects,
  strictEqual,
} from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { backup } from '../../../bin/backup/backup.ts'
import { planRestore } from '../../../bin/backup/restore.ts'
import type { Nodes } from '../../../bin/backup/subtree/difference.ts'
import { foundNodes, type Target } from '../../../bin/backup/subtree/found.ts'
import { wantedNodes } from '../../../bin/backup/subtree/wanted.ts'
import { writeSubtree } from '../../../bin/backup/subtree/writing.ts'
import { Client } from '../../../client/client.ts'
import { createOp } from '../../../client/operations.ts'
import type { Acl } from '../../../protocol/acl.ts'
import { NodeKind } from '../../../protocol/ephemeral-owner.ts'
import { CreateMode } from '../../../protocol/op-code.ts'
import { formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import { NodeFiles } from '../../../runtime/disk/files.ts'
import { ChildServer } from '../../support/own-server.ts'
import { seeded } from '../../support/random.ts'
import { type Ended, run } from '../launch.ts'

const SEED = Number(process.env['SEED'] ?? 20_261)
const WRITES = 300
const RESTORES = 12
const MANY = 1600
const ALL = { deleteExtra: true, acls: true }
const OWN: readonly Acl[] = [{ perms: 31, id: { scheme: 'auth', id: '' } }]
const READ: readonly Acl[] = [
  { perms: 1, id: { scheme: 'world', id: 'anyone' } },
  { perms: 31, id: { scheme: 'auth', id: '' } },
]

/** Path to what a restore must bring back. */
type State = Readonly<Record<string, unknown>>

describe('restore --path', () => {
  const root = mkdtempSync(join(tmpdir(), 'ringkeeper-path-'))
  const [data, copy, auth] = [join(root, 'data'), join(root, 'copy'), join(root, 'identities')]
  const random = seeded(SEED)
  let server: ChildServer
  let client: Client

  before(async () => {
    mkdirSync(data)
    writeFileSync(auth, 'digest:ann:secret\n')
    server = await ChildServer.start(data, { snapCount: 40, purge: false, extendedTypes: true })
    client = new Client({ servers: server.address })
    await client.addAuth('digest', Buffer.from('ann:secret'))
  })
  after(async () => {
    await client?.close()
    await server?.kill()
    rmSync(root, { recursive: true, force: true })
  })

  function now(): Zxid {
    return client.connection.lastZxid as Zxid
  }

  async function saved(): Promise<void> {
    await backup({ dataDir: data, dataLogDir: data }, copy)
  }

  async function wanted(path: string, zxid: Zxid): Promise<Nodes> {
    const files = join(copy, 'version-2')
    return wantedNodes(await planRestore(new NodeFiles(files, files), { zxid }), path)
  }

  async function state(path: string): Promise<State> {
    return stateOf(await foundNodes(client, path))
  }

  function command(zxid: Zxid, path: string, ...more: string[]): Promise<Ended> {
    const moment = ['--zxid', formatZxid(zxid), '--from', copy, '--path', path]
    return run('dist/bin/restore.js', [...moment, '--server', server.address, ...more])
  }

  test('by command: the difference first, then data, access lists and kinds', async () => {
    await client.create('/c', Buffer.from('top'))
    await client.create('/c/null', null)
    await client.create('/c/empty', Buffer.from(''))
    await client.create('/c/own', Buffer.from('1'), { acl: OWN })
    await client.create('/c/own/child', Buffer.from('2'), { acl: READ })
    await client.create('/c/box', null, { mode: CreateMode.container })
    await client.create('/c/box/in', Buffer.from('3'))
    await client.create('/c/ttl', Buffer.from('4'), { ttlMs: 3_600_000 })
    await client.create('/c/live', null, { mode: CreateMode.ephemeral })
    const recorded = await state('/c')
    const zxid = now()
    await client.delete('/c/live')
    for (const path of ['/c/own/child', '/c/own', '/c/box/in', '/c/box', '/c/ttl']) {
      await client.delete(path)
    }
    await client.set('/c/null', Buffer.from('some'))
    await client.setAcl('/c/empty', OWN)
    await client.create('/c/new', null)
    await client.create('/c/new/child', null)
    await client.create('/beside', null)
    await saved()
    const changed = await state('/c')

    const dry = await command(zxid, '/c', '--delete-extra', '--auth-file', auth, '--dry-run')
    strictEqual(dry.code, 0, dry.err)
    match(dry.out, /^\/c of the backup, at 0x[0-9a-f]+: 9 nodes\.$/m)
    match(dry.out, /^To write: 2 deletes, 5 creates, 1 sets of data, 1 sets of access lists\.$/m)
    match(dry.out, /^1 ephemeral in the backup, left out:\n {2}\/c\/live$/m)
    deepStrictEqual(await state('/c'), changed)

    const { '/c/live': _, ...lasting } = recorded
    const kept = await command(zxid, '/c', '--auth-file', auth, '--keep-acls')
    strictEqual(kept.code, 0, kept.err)
    match(kept.out, /^2 on the server only, left there:\n {2}\/c\/new\n {2}\/c\/new\/child$/m)
    const { '/c/new': _1, '/c/new/child': _2, ...without } = await state('/c')
    deepStrictEqual(without, { ...lasting, '/c/empty': changed['/c/empty'] })

    const done = await command(zxid, '/c', '--auth-file', auth, '--delete-extra')
    strictEqual(done.code, 0, done.err)
    match(done.out, /^Done: 3 writes\.$/m)
    deepStrictEqual(await state('/c'), lasting)
    ok((await client.exists('/beside')) !== null)
    // Only the files tell.
    await saved()
    const kinds = await wanted('/c', now())
    strictEqual(kinds.get('/c/box')?.kind, NodeKind.container)
    strictEqual(kinds.get('/c/ttl')?.ttlMs, 3_600_000)
    strictEqual(kinds.get('/c/own')?.kind, NodeKind.persistent)
    const again = await command(zxid, '/c', '--auth-file', auth, '--delete-extra')
    match(again.out, /^Nothing to write\.$/m)
  })

  test(`to ${RESTORES} of its transactions, seed ${SEED}`, async () => {
    await client.create('/t', Buffer.from(''))
    const recorded = new Map<Zxid, State>()
    const paths = ['/t']
    for (let i = 0; i < WRITES; i++) {
      await change(paths, i)
      if (i % 10 === 0) recorded.set(now(), await state('/t'))
    }
    await saved()
    const zxids = [...recorded.keys()]
    for (let i = 0; i < RESTORES; i++) {
      const zxid = zxids[random(zxids.length)]!
      await writeSubtree(client, '/t', await wanted('/t', zxid), ALL)
      const message = `seed ${SEED}, ${formatZxid(zxid)}`
      deepStrictEqual(await state('/t'), recorded.get(zxid), message)
    }
  })

  async function change(paths: string[], i: number): Promise<void> {
    const at = random(paths.length)
    const path = paths[at]!
    const isLeaf = path !== '/t' && !paths.some((each) => each.startsWith(`${path}/`))
    const kind = random(5)
    if (kind === 0 && isLeaf) {
      await client.delete(path)
      paths.splice(at, 1)
    } else if (kind <= 2) {
      const child = `${path}/${i}`
      await client.multi([
        createOp(child, Buffer.from(`made ${i}`), i % 3 === 0 ? { acl: READ } : {}),
      ])
      paths.push(child)
    } else if (kind === 3) await client.setAcl(path, i % 2 === 0 ? OWN : READ)
    else await client.set(path, i % 7 === 0 ? null : Buffer.from(`set ${i}`))
  }

  test('a run that ends midway is finished by the next one', async () => {
    await client.create('/many', null)
    for (let i = 0; i < MANY; i += 100) {
      const names = Array.from({ length: 100 }, (_, n) => `/many/${i + n}`)
      await client.multi(names.map((path) => createOp(path, Buffer.from(path))))
    }
    const [recorded, zxid] = [await state('/many'), now()]
    const { children } = await client.getChildren('/many')
    await Promise.all(children.map((name) => client.delete(`/many/${name}`)))
    await saved()
    let left = 2
    const ending: Target = targetWith(async (ops) => {
      if (left-- === 0) throw new Error('ended here')
      return await client.multi(ops)
    })
    const nodes = await wanted('/many', zxid)
    await rejects(writeSubtree(ending, '/many', nodes, ALL), /ended here/)
    const half = Object.keys(await state('/many')).length
    ok(half > 1 && half < MANY, `${half} nodes`)
    const done = await command(zxid, '/many')
    strictEqual(done.code, 0, done.err)
    deepStrictEqual(await state('/many'), recorded)
  })

  test("beside others' writes, and when the connection is lost, the difference is worked out anew", async () => {
    await client.create('/busy', Buffer.from('then'))
    await client.create('/busy/gone', null)
    const [recorded, zxid] = [await state('/busy'), now()]
    await client.set('/busy', Buffer.from('now'))
    await client.delete('/busy/gone')
    await saved()
    let isFirst = true
    const target = targetWith(async (ops) => {
      if (isFirst) {
        await client.set('/busy', Buffer.from('by another'))
        await client.create('/busy/gone', Buffer.from('by another'))
      }
      isFirst = false
      return await client.multi(ops)
    })
    const { rounds } = await writeSubtree(target, '/busy', await wanted('/busy', zxid), ALL)
    strictEqual(rounds, 2)
    deepStrictEqual(await state('/busy'), recorded)
    await client.delete('/busy/gone')
    let isWhole = true
    const breaking = targetWith(async (ops) => {
      const reply = client.multi(ops)
      if (isWhole) client.connection.breakSocket()
      isWhole = false
      return await reply
    })
    const lost = await writeSubtree(breaking, '/busy', await wanted('/busy', zxid), ALL)
    strictEqual(lost.rounds, 2)
    deepStrictEqual(await state('/busy'), recorded)
    const always = targetWith(async (ops) => {
      await client.set('/busy', Buffer.from('by another'))
      return await client.multi(ops)
    })
    await client.set('/busy', null)
    const nodes = await wanted('/busy', zxid)
    await rejects(
      writeSubtree(always, '/busy', nodes, ALL),
      /\/busy: .*, after 10 attempts: others/,
    )
  })

  /** The server, with other multis. */
  function targetWith(multi: Target['multi']): Target {
    return {
      get: (path) => client.get(path),
      getAcl: (path) => client.getAcl(path),
      getChildren: (path) => client.getChildren(path),
      exists: (path) => client.exists(path),
      sync: (path) => client.sync(path),
      setAcl: (...args) => client.setAcl(...args),
      multi,
    }
  }

  test('what cannot be done names the path and what to do', async () => {
    await client.create('/e', null)
    await client.create('/e/own', Buffer.from('1'), { acl: OWN })
    await client.create('/e/read', Buffer.from('1'), { acl: READ })
    await client.create('/e/a', null)
    await client.create('/e/a/b', null)
    const zxid = now()
    await client.set('/e/read', Buffer.from('2'))
    await client.delete('/e/a/b')
    await client.delete('/e/a')
    await saved()
    const before = await state('/e')
    const refusals: readonly [path: string, code: number, says: RegExp, ...more: string[]][] = [
      ['/e/nowhere', 1, /^the backup has no \/e\/nowhere at 0x/],
      ['/e/a/b', 1, /^the server has no \/e\/a, the parent of \/e\/a\/b: create it, or /],
      ['/e/own', 1, /^no permission to read \/e\/own: authenticate .*--auth-file/],
      ['/e/read', 1, /^\/e\/read: no permission: authenticate .*--auth-file/],
      ['/zookeeper/quota', 2, /^--path \/zookeeper\/quota: \/zookeeper is the server's own/],
      ['e', 2, /^--path e: /],
      ['/e', 2, /^--log: only without --path/, '--log', root],
      ['/e', 1, /^no server of 127\.0\.0\.1:1 could be reached/, '--server', '127.0.0.1:1'],
    ]
    for (const [path, code, says, ...more] of refusals) {
      const ended = await command(zxid, path, ...more)
      match(ended.err, says)
      strictEqual(ended.code, code, path)
    }
    deepStrictEqual(await state('/e'), before)
    const whole = ['--latest', '--from', copy, '--delete-extra', join(root, 'none')]
    const wrong = await run('dist/bin/restore.js', whole)
    match(wrong.err, /^--delete-extra: only with --path/)
    strictEqual(wrong.code, 2)
    const done = await command(zxid, '/e', '--auth-file', auth)
    strictEqual(done.code, 0, done.err)
    notDeepStrictEqual(await state('/e'), before)
  })
})

function stateOf(nodes: Nodes): State {
  const rows = [...nodes].map(([path, { data, acl, kind, ttlMs }]) => {
    const text = data === null ? null : Buffer.from(data).toString()
    const lists = acl.map(({ perms, id }) => `${id.scheme}:${id.id}:${perms}`)
    return [path, { text, lists, kind, ttlMs }] as const
  })
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)))
}
