// Log and snapshot files, both ways: ZooKeeper's own are read here, and its own tools read ours.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SPARE_NAMES, sortedLogs, sortedSnapshots } from '../../actors/log/files/file-names.ts'
import type { Files } from '../../actors/log/files/files.ts'
import { HEADER_BYTES } from '../../actors/log/files/segment.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { SEAL_BYTES } from '../../protocol/snapshot-file.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { openFolders } from '../../runtime/disk/files.ts'
import { writeSnapshot } from '../../runtime/disk/snapshot-writer.ts'
import { append, bench, concat, later, settle, started, z } from '../actors/log/bench.ts'
import { APACHE_MISSING, ApacheServer, runJava } from '../support/apache.ts'
import { passedOn } from '../support/passed-on.ts'

const TOOLKIT = 'org.apache.zookeeper.server.persistence.TxnLogToolkit'
const FORMATTER = 'org.apache.zookeeper.server.SnapshotFormatter'
const TOOL = new URL('../../bin/tool.js', import.meta.url).pathname
const DIGEST_BYTES = 20
const STAT_PERSISTED_BYTES = 60

describe('log and snapshot files and Apache ZooKeeper', { skip: APACHE_MISSING }, () => {
  const root = mkdtempSync(join(tmpdir(), 'ringkeeper-files-'))
  const plain = join(root, 'plain')
  const gz = join(root, 'gz')
  const snappy = join(root, 'snappy')

  before(async () => {
    for (const folder of [plain, gz, snappy]) {
      mkdirSync(folder)
      const method = folder === plain ? '' : basename(folder)
      const compression = [`zookeeper.snapshot.compression.method=${method}`]
      const properties = ['zookeeper.snapCount=20', ...compression]
      const server = await ApacheServer.start({ folder, properties })
      const commands = Array.from({ length: 60 }, (_, i) => `create /node-${i} value-${i}`)
      // What is typed before the session is there may be lost.
      commands.unshift('ls /')
      commands.push('setAcl /node-5 world:anyone:cr', 'create -c /box', 'create -t 60000 /ttl')
      commands.push('create -e /gone x', 'set /node-3 other', 'delete /node-4', 'create -s /s- y')
      server.shell(commands)
      await server.stop()
    }
  })
  after(() => rmSync(root, { recursive: true }))

  it('every transaction that ZooKeeper logged is read, from its newest snapshot on', () => {
    for (const folder of [plain, gz, snappy]) {
      const files = openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: false })
      const snapshots = sortedSnapshots(files.list('snapshot'))
      ok(snapshots.length >= 3, `${snapshots.length} snapshots`)
      const dumped = dump(folder)
      ok(dumped.length >= 65, `${dumped.length} transactions`)
      const { recorder } = started(files)
      strictEqual(recorder.recoveredTo, dumped.at(-1))
      deepStrictEqual(recorder.effects[0], ['snapshotBegin', formatZxid(snapshots[0]!.zxid)])
      const newer = dumped.filter((zxid) => zxid > snapshots[0]!.zxid)
      deepStrictEqual([...recorder.replayed.keys()], newer)
      deepStrictEqual(recorder.events, ['snapshot-loaded', 'log-recovered'])
    }
  })

  it('without its snapshots every transaction is replayed from the log', () => {
    const files = openFolders({ dataLogDir: plain, dataDir: plain, datadirAutocreate: false })
    const logsOnly: Files = {
      ...passedOn(files),
      list: (folder) => (folder === 'log' ? files.list(folder) : []),
    }
    const made = bench(logsOnly)
    settle(made)
    deepStrictEqual([...made.recorder.replayed.keys()], dump(plain))
  })

  it("our dump of a log is what ZooKeeper's own tool prints", () => {
    for (const { name } of sortedLogs(readdirSync(join(plain, 'version-2')))) {
      if (name === 'log.0') continue
      const path = join(plain, 'version-2', name)
      const ended = spawnSync(process.execPath, [TOOL, 'zkTxnLogToolkit', '-d', path], {
        encoding: 'utf8',
        env: { ...process.env, TZ: 'UTC' },
      })
      strictEqual(ended.stderr, '')
      strictEqual(ended.status, 0)
      strictEqual(oneLine(ended.stdout), oneLine(runJava(TOOLKIT, ['-d', path])))
    }
  })

  it('a snapshot written here is the very file that ZooKeeper wrote', () => {
    const version2 = join(plain, 'version-2')
    const target = mkdtempSync(join(root, 'same-'))
    for (const { name, zxid } of sortedSnapshots(readdirSync(version2))) {
      const theirs = new Uint8Array(readFileSync(join(version2, name)))
      const { body, digest } = taken(theirs)
      if (digest.zxid !== zxid) continue
      const content = { zxid, chunks: pieces(body), digest, lastProcessedZxid: null }
      strictEqual(writeSnapshot(target, content, '').name, name)
      deepStrictEqual(new Uint8Array(readFileSync(join(target, name))), theirs)
    }
    ok(readdirSync(target).length >= 1)
  })

  it('ZooKeeper reads a snapshot written here, plain and compressed', () => {
    const version2 = join(plain, 'version-2')
    const newest = sortedSnapshots(readdirSync(version2))[0]!
    const { body: theirs } = taken(new Uint8Array(readFileSync(join(version2, newest.name))))
    const target = mkdtempSync(join(root, 'ours-'))
    // Large enough for several members of a compressed file.
    const body = withNodes(theirs, ['/node-a', '/node-b', '/node-c'], 900_000)
    const content = {
      zxid: z(2, 9),
      chunks: [...pieces(body)],
      lastProcessedZxid: z(2, 9),
    }
    const expected = runJava(FORMATTER, [join(version2, newest.name)])
    const nodes = (text: string) => text.split('\n').filter((line) => line.startsWith('/node-'))
    const added = ['/node-a', '/node-b', '/node-c']
    ok(nodes(expected).length > 10)
    const digest = { zxid: z(2, 9), value: -5n }
    // Of a fuzzy tree the digest is empty (digest-audit.ts).
    const empty = { zxid: z(0, 0), value: 0n }
    for (const [compression, each] of [
      ['', digest],
      ['gz', digest],
      ['snappy', digest],
      ['', empty],
    ] as const) {
      const { name } = writeSnapshot(target, { ...content, digest: each }, compression)
      const found = nodes(runJava(FORMATTER, [join(target, name)]))
      deepStrictEqual(found.sort(), [...nodes(expected), ...added].sort())
    }
  })

  it('ZooKeeper takes a snapshot that a crash left half written over an old one for none', async () => {
    const folder = mkdtempSync(join(root, 'writing-'))
    const crashed = mkdtempSync(join(root, 'crashed-'))
    cpSync(plain, folder, { recursive: true })
    const version2 = join(folder, 'version-2')
    renameSync(join(version2, 'snapshot.0'), join(version2, SPARE_NAMES.snapshot))
    const chunks = (function* () {
      cpSync(folder, crashed, { recursive: true })
      yield new Uint8Array(100)
    })()
    const content = { zxid: z(0, 1000), chunks, digest: null, lastProcessedZxid: null }
    writeSnapshot(version2, content, '')
    const server = await ApacheServer.start({ folder: crashed })
    const listed = server.shell(['ls /'])
    await server.kill()
    match(listed, /node-59/)
  })

  it('a folder goes from here to ZooKeeper and back', async () => {
    const folder = mkdtempSync(join(root, 'there-'))
    const made = started(
      openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: true }),
    )
    for (let i = 1; i <= 40; i++) append(made.log, z(0, i), i)
    settle(made)
    later(made)
    const version2 = join(folder, 'version-2')
    copyFileSync(join(plain, 'version-2', 'snapshot.0'), join(version2, 'snapshot.0'))
    const server = await ApacheServer.start({ folder })
    server.shell(['ls /', 'create /there x'])
    await server.kill()
    const back = started(
      openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: false }),
    )
    ok((back.recorder.recoveredTo ?? 0) > 40, `back at ${back.recorder.recoveredTo}`)
    deepStrictEqual(back.recorder.recoveredTo, dump(folder).at(-1))
  })

  it('ZooKeeper dumps a log written here', () => {
    const folder = mkdtempSync(join(root, 'log-'))
    const files = openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: true })
    const made = started(files, { preAllocSizeBytes: 1 << 20 })
    for (let i = 1; i <= 300; i++) {
      append(made.log, z(3, i), i * 7)
      if (i % 10 === 0) settle(made)
    }
    later(made)
    const text = runJava(TOOLKIT, ['-d', join(folder, 'version-2', 'log.300000001')])
    match(text, /EOF reached after 300 txns/)
    match(text, /cxid 0x7 zxid 0x30000012c error -101/)
    deepStrictEqual([...started(files).recorder.replayed.keys()].at(-1), z(3, 300))
  })
})

/** Java breaks the line inside an ACL and uses its own kinds of blanks in times; 3.8 puts a quote
 * before a deleted path, 3.9 none. */
function oneLine(text: string): string {
  return text.replace(/[\u202f\u00a0 ]+/g, ' ').replace(/\s*\n+/g, '\n')
}

/** The zxids in all logs below a folder, by ZooKeeper's own tool. */
function dump(folder: string): Zxid[] {
  const version2 = join(folder, 'version-2')
  const zxids: Zxid[] = []
  for (const { name } of sortedLogs(readdirSync(version2))) {
    if (name === 'log.0') continue
    const text = runJava(TOOLKIT, ['-d', join(version2, name)])
    for (const found of text.matchAll(/ zxid 0x([0-9a-f]+) /g)) {
      zxids.push(Number.parseInt(found[1]!, 16) as Zxid)
    }
  }
  return zxids
}

/** The body and the digest in a snapshot of ZooKeeper 3.8: header, body, seal, digest, seal. */
function taken(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const digestAt = file.length - SEAL_BYTES - DIGEST_BYTES
  const digest = {
    zxid: Number(view.getBigInt64(digestAt)) as Zxid,
    value: view.getBigInt64(digestAt + 12),
  }
  return { body: file.slice(HEADER_BYTES, digestAt - SEAL_BYTES), digest }
}

/** The body with nodes of zero bytes added before the "/" that ends it. */
function withNodes(body: Uint8Array, paths: readonly string[], dataBytes: number): Uint8Array {
  const writer = new JuteWriter()
  for (const path of paths) {
    writer.string(path)
    writer.buffer(new Uint8Array(dataBytes))
    writer.long(-1n)
    writer.raw(new Uint8Array(STAT_PERSISTED_BYTES), 0, STAT_PERSISTED_BYTES)
  }
  const end = body.length - 5
  return concat([body.subarray(0, end), writer.finish(), body.subarray(end)])
}

function* pieces(body: Uint8Array): Generator<Uint8Array, void, void> {
  for (let at = 0; at < body.length; at += 777) yield concat([body.subarray(at, at + 777)])
}
