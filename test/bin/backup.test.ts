// Backup beside a live load, and restore to any of its transactions: compared with the tree as it was recorded
// when each was acknowledged. A restore that is killed leaves the old data whole.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { logsOf } from '../../actors/log/files/entry-reader.ts'
import { sortedSnapshots } from '../../actors/log/files/file-names.ts'
import { LogScanner } from '../../actors/log/files/log-scanner.ts'
import { backup } from '../../bin/backup/backup.ts'
import { beginReplacement, putBack, replace } from '../../bin/backup/folders.ts'
import { planRestore, restore } from '../../bin/backup/restore.ts'
import { Client } from '../../client/client.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { readTxnHeader } from '../../protocol/txn.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { NodeFiles, openFolders } from '../../runtime/disk/files.ts'
import { snapshotItems } from '../../runtime/disk/snapshot-items.ts'
import { ChildServer } from '../support/own-server.ts'
import { seeded } from '../support/random.ts'
import { run } from './launch.ts'

const SEED = Number(process.env['SEED'] ?? 20_260)
const WRITES = 400
const BACKUPS_AT = [150, 250]
const RESTORES = 50
const STARTED = 3
const ENTRY_BYTES_MAX = 1 << 26

/** Path to data, of the nodes below /t. */
type Tree = ReadonlyMap<string, string>

describe('backup and restore', () => {
  const root = mkdtempSync(join(tmpdir(), 'ringkeeper-backup-'))
  const [data, copy] = [join(root, 'data'), join(root, 'copy')]
  /** The tree after each transaction. */
  const recorded = new Map<Zxid, Tree>()
  const timesMs = new Map<Zxid, number>()
  const random = seeded(SEED)

  before(async () => {
    mkdirSync(data)
    const server = await ChildServer.start(data, { snapCount: 40, purge: false })
    const client = new Client({ servers: server.address })
    try {
      await load(client)
    } finally {
      await client.close()
      await server.kill()
    }
    await backup({ dataDir: data, dataLogDir: data }, copy)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  async function load(client: Client): Promise<void> {
    await client.create('/t', Buffer.from(''))
    const tree = new Map<string, string>([['/t', '']])
    for (let i = 0; i < WRITES; i++) {
      await change(client, tree, i)
      recorded.set(client.connection.lastZxid as Zxid, new Map(tree))
      timesMs.set(client.connection.lastZxid as Zxid, Date.now())
      // The server runs, and writes on as soon as this has begun.
      if (BACKUPS_AT.includes(i)) pending.push(backup({ dataDir: data, dataLogDir: data }, copy))
    }
    await Promise.all(pending)
  }
  const pending: Promise<unknown>[] = []

  async function change(client: Client, tree: Map<string, string>, i: number): Promise<void> {
    const paths = [...tree.keys()]
    const path = paths[random(paths.length)] ?? '/t'
    const hasChildren = paths.some((each) => each.startsWith(`${path}/`))
    const kind = random(4)
    if (kind === 0 && path !== '/t' && !hasChildren) {
      await client.delete(path)
      tree.delete(path)
    } else if (kind <= 2) {
      const child = `${path}/${i}`
      await client.create(child, Buffer.from(`made ${i}`))
      tree.set(child, `made ${i}`)
    } else {
      await client.set(path, Buffer.from(`set ${i}`))
      tree.set(path, `set ${i}`)
    }
  }

  test(`to ${RESTORES} of its transactions, seed ${SEED}`, async () => {
    const zxids = [...recorded.keys()]
    for (let i = 0; i < RESTORES; i++) {
      const zxid = zxids[random(zxids.length)]!
      const to = mkdtempSync(join(root, 'restored-'))
      const plan = await planRestore(filesOf(copy), { zxid })
      await restore(plan, { dataDir: to, dataLogDir: to })
      deepStrictEqual(
        await treeOf(to),
        inOrder(recorded.get(zxid)!),
        `seed ${SEED}, ${formatZxid(zxid)}`,
      )
      if (i < STARTED) deepStrictEqual(await servedFrom(to), inOrder(recorded.get(zxid)!))
      rmSync(to, { recursive: true })
    }
  })

  test('to a time', async () => {
    const zxids = [...timesMs.keys()]
    const zxid = zxids[Math.floor(zxids.length / 2)]!
    const plan = await planRestore(filesOf(copy), { timeMs: timesMs.get(zxid)! })
    ok(plan.lastZxid >= zxid, 'whatever was acknowledged by then is kept')
    ok(plan.lastTimeMs <= timesMs.get(zxid)!)
    ok(plan.undone > 0 && plan.undone < WRITES)
  })

  test('the commands: a dry run changes nothing, a restore does what it said', async () => {
    const to = join(root, 'by command')
    const zxid = [...recorded.keys()][100]!
    cpSync(data, to, { recursive: true })
    const before = listing(to)
    const args = ['--zxid', formatZxid(zxid), '--from', copy, to]
    const dry = await run('dist/bin/restore.js', ['--dry-run', ...args])
    strictEqual(dry.code, 0, dry.err)
    match(dry.out, new RegExp(`^Up to ${formatZxid(zxid)}, of .*Z, from snapshot\\.`))
    match(
      dry.out,
      /later transactions are undone, the first of them:\n {2}.* (create|setData|delete) /,
    )
    deepStrictEqual(listing(to), before)
    const done = await run('dist/bin/restore.js', args)
    strictEqual(done.code, 0, done.err)
    deepStrictEqual(await treeOf(to), inOrder(recorded.get(zxid)!))
    deepStrictEqual(readdirSync(join(to, 'version-2.replaced')).sort(), before)
    const again = await run('dist/bin/restore.js', args)
    strictEqual(again.code, 1)
    match(again.err, /version-2\.replaced holds what the last restore replaced/)
    const beyond = await run('dist/bin/restore.js', ['--zxid', '0x7000000000', '--from', copy, to])
    strictEqual(beyond.code, 1)
    match(beyond.err, /^0x7000000000 is not there: the nearest before it is /)
    for (const wrong of [['--zxid', 'x'], ['--time', 'noon'], [], ['--latest', '--zxid', '1']]) {
      const ended = await run('dist/bin/restore.js', [...wrong, '--from', copy, to])
      strictEqual(ended.code, 2, wrong.join(' '))
    }
  })

  test('a backup is complete, and the next one copies only what is new', async () => {
    const [first, second] = [join(root, 'first'), join(root, 'second')]
    await backup({ dataDir: data, dataLogDir: data }, first)
    const again = await backup({ dataDir: data, dataLogDir: data }, first)
    strictEqual(again.bytes, 0)
    deepStrictEqual(listing(first).sort(), listing(data).filter(isData).sort())
    const ended = await run('dist/bin/backup.js', [data, second])
    strictEqual(ended.code, 0, ended.err)
    match(ended.out, /: up to 0x[0-9a-f]+; \d+ snapshots, \d+ logs, \d+ new bytes\n$/)
    deepStrictEqual(await treeOf(second), await treeOf(data))
  })

  test('a damaged snapshot is not copied, a log only up to its damage', async () => {
    const hurt = join(root, 'hurt')
    cpSync(data, hurt, { recursive: true })
    const { name } = sortedSnapshots(readdirSync(join(hurt, 'version-2')))[0]!
    const path = join(hurt, 'version-2', name)
    const bytes = readFileSync(path)
    bytes[bytes.length - 40]! ^= 1
    writeFileSync(path, bytes)
    const target = join(root, 'of hurt')
    await backup({ dataDir: hurt, dataLogDir: hurt }, target)
    ok(!listing(target).includes(name))
    ok(listing(target).every((each) => !each.startsWith('copying.')))
  })

  test('members get an epoch that nobody has had', async () => {
    const [from, to] = [join(root, 'member'), join(root, 'restored member')]
    cpSync(data, from, { recursive: true })
    cpSync(data, to, { recursive: true })
    const write = (folder: string, epoch: number): void => {
      for (const name of ['acceptedEpoch', 'currentEpoch']) {
        writeFileSync(join(folder, 'version-2', name), `${epoch}`)
      }
    }
    write(from, 4)
    write(to, 9)
    const plan = await planRestore(filesOf(from), 'latest')
    strictEqual(plan.epoch, 5)
    await restore(plan, { dataDir: to, dataLogDir: to })
    for (const name of ['acceptedEpoch', 'currentEpoch']) {
      match(readFileSync(join(to, 'version-2', name), 'latin1'), /^10\nringkeeper adler32 /)
    }
  })

  test('killed at any moment, the old data is whole, and no server begins empty', () => {
    for (const separate of [false, true]) {
      const place = mkdtempSync(join(root, 'killed-'))
      const folders = separate ? [join(place, 'log'), join(place, 'data')] : [place]
      for (const folder of folders) {
        mkdirSync(join(folder, 'version-2'), { recursive: true })
        writeFileSync(join(folder, 'version-2', 'old'), '')
      }
      const steps = folders.length * 2
      for (let done = 0; done < steps; done++) {
        const fresh = beginReplacement(folders)
        for (const folder of fresh) writeFileSync(join(folder, 'new'), '')
        cutShort(folders, done)
        const isBetween = folders.some((folder) => !existsSync(join(folder, 'version-2')))
        let refused = false
        try {
          const [dataLogDir = place, dataDir = dataLogDir] = folders
          openFolders({ dataLogDir, dataDir, datadirAutocreate: true })
        } catch (error) {
          refused = true
          match(String(error), /a restore was cut short/)
        }
        strictEqual(refused, isBetween, `after ${done} of ${steps} renames`)
        putBack(folders)
        for (const folder of folders) {
          deepStrictEqual(readdirSync(join(folder, 'version-2')), ['old'], `${done} of ${steps}`)
        }
      }
      beginReplacement(folders)
      replace(folders)
      for (const folder of folders) {
        deepStrictEqual(readdirSync(join(folder, 'version-2')), [])
        deepStrictEqual(readdirSync(join(folder, 'version-2.replaced')), ['old'])
      }
    }
  })
})

/** The first renames of a replacement, as replace() does them. */
function cutShort(folders: readonly string[], steps: number): void {
  const renames = [
    ...folders.map((folder) => [folder, 'version-2', 'version-2.replaced'] as const),
    ...folders.map((folder) => [folder, 'version-2.restoring', 'version-2'] as const),
  ]
  for (const [folder, from, to] of renames.slice(0, steps)) {
    renameSync(join(folder, from), join(folder, to))
  }
}

function filesOf(folder: string): NodeFiles {
  const files = join(folder, 'version-2')
  return new NodeFiles(files, files)
}

function listing(folder: string): string[] {
  return readdirSync(join(folder, 'version-2')).sort()
}

function isData(name: string): boolean {
  return /^(log|snapshot)\.[0-9a-f]+$|Epoch$/.test(name)
}

/** What the files hold below /t, by a reader of the test's own: the newest snapshot, and what the logs add. */
async function treeOf(folder: string): Promise<Tree> {
  const files = filesOf(folder)
  const tree = new Map<string, string>()
  const [newest] = sortedSnapshots(files.list('snapshot'))
  if (newest !== undefined) {
    for await (const item of snapshotItems(files.path('snapshot', newest.name))) {
      if (item.kind === 'node' && isOurs(item.path)) tree.set(item.path, textOf(item.data))
    }
  }
  for (const { name } of logsOf(files)) {
    const file = files.open('log', name, 'read')
    const scanner = new LogScanner(name, file, ENTRY_BYTES_MAX)
    scanner.header()
    while (scanner.next() === 'entry') {
      if (scanner.zxid <= (newest?.zxid ?? 0)) continue
      const record = new JuteReader(scanner.bytes, scanner.start, scanner.end)
      const { type } = readTxnHeader(record)
      const writes: readonly number[] = [OpCode.create, OpCode.create2, OpCode.setData]
      if (type !== OpCode.delete && !writes.includes(type)) continue
      const path = record.string() ?? ''
      if (type === OpCode.delete) tree.delete(path)
      else if (isOurs(path)) tree.set(path, textOf(record.buffer()))
    }
    file.close()
  }
  return inOrder(tree)
}

function isOurs(path: string): boolean {
  return path === '/t' || path.startsWith('/t/')
}

function textOf(data: Uint8Array | null): string {
  return data === null ? '' : Buffer.from(data).toString()
}

/** Maps are compared whatever their order; this is for a message that can be read. */
function inOrder(tree: Tree): Tree {
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What a server serves that is started with the folder. */
async function servedFrom(folder: string): Promise<Tree> {
  const server = await ChildServer.start(folder)
  const client = new Client({ servers: server.address })
  const tree = new Map<string, string>()
  try {
    const rest = ['/t']
    for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
      const [{ data }, { children }] = await Promise.all([
        client.get(path),
        client.getChildren(path),
      ])
      tree.set(path, textOf(data))
      rest.push(...children.map((name) => `${path}/${name}`))
    }
  } finally {
    await client.close()
    await server.kill()
  }
  return inOrder(tree)
}
