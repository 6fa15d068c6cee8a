// The tools with ZooKeeper's names print what ZooKeeper's own print, of both servers' files.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type NamedFile, sortedLogs, sortedSnapshots } from '../../actors/log/files/file-names.ts'
import { Client } from '../../client/client.ts'
import { checkOp, createOp, deleteOp, setOp } from '../../client/operations.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { snappyChunk, snappyHeader } from '../../runtime/disk/snappy.ts'
import { APACHE_MISSING, ApacheServer, javaArguments } from '../support/apache.ts'
import { ChildServer } from '../support/own-server.ts'
import { zxidsIn } from '../support/zxids-in.ts'

const TOOL = new URL('../../bin/tool.js', import.meta.url).pathname
const CLASSES: Readonly<Record<string, string>> = {
  zkCleanup: 'server.PurgeTxnLog',
  zkSnapShotToolkit: 'server.SnapshotFormatter',
  zkSnapshotComparer: 'server.SnapshotComparer',
  zkTxnLogToolkit: 'server.persistence.TxnLogToolkit',
}
const SNAPPY_BLOCK = 32 * 1024
/** How a whole snapshot ends: string "/" (SnapStream.sealStream). */
const SEAL = Buffer.from([0, 0, 0, 1, 0x2f])

interface Said {
  readonly status: number | null
  readonly out: string
}

describe("tools and ZooKeeper's own", { skip: APACHE_MISSING }, () => {
  const root = mkdtempSync(join(tmpdir(), 'ringkeeper-tools-'))
  const [theirs, ours] = [join(root, 'theirs'), join(root, 'ours')]
  for (const folder of [theirs, ours]) mkdirSync(folder)

  before(async () => {
    const properties = ['zookeeper.snapCount=12', 'zookeeper.extendedTypesEnabled=true']
    for (let run = 0; run < 3; run++) {
      const server = await ApacheServer.start({ folder: theirs, properties })
      await fill(server.port, run)
      await server.stop()
    }
    // Java's server writes them beside its work, and its end may have cut the last one short.
    for (const { name } of sortedSnapshots(readdirSync(join(theirs, 'version-2')))) {
      const path = join(theirs, 'version-2', name)
      if (!readFileSync(path).subarray(-SEAL.length).equals(SEAL)) rmSync(path)
    }
    for (let run = 0; run < 3; run++) {
      const server = await ChildServer.start(ours, { snapCount: 12 })
      await fill(server.port, run)
      await server.kill()
    }
  })
  after(() => rmSync(root, { recursive: true }))

  const both = () => [theirs, ours].map((folder) => join(folder, 'version-2'))

  test('a log, whole', () => {
    for (const folder of both()) {
      const logs = sortedLogs(readdirSync(folder)).filter(({ name }) => name !== 'log.0')
      ok(logs.length >= 2, folder)
      for (const { name } of logs) same('zkTxnLogToolkit', ['-d', join(folder, name)])
    }
  })

  test('a log with a wrong checksum: printed, asked about, mended', () => {
    for (const folder of both()) {
      const log = join(root, 'damaged')
      rmSync(log, { force: true })
      writeFileSync(log, damaged(readFileSync(join(folder, firstLog(folder)))))
      same('zkTxnLogToolkit', [log])
      for (const [args, input] of [
        [['-r', '-y', '-v'], ''],
        [['-r', '-y'], ''],
        [['-r'], 'x\nyes\n'],
        [['-r'], 'No\n'],
        [['-r'], 'abort\n'],
      ] as const) {
        const fixed = `${log}.fixed`
        const [one, other] = [java, tool].map((run) => {
          rmSync(fixed, { force: true })
          const said = run('zkTxnLogToolkit', [...args, log], input)
          return { said, content: existsSync(fixed) ? withoutZeros(readFileSync(fixed)) : null }
        })
        strictEqual(other?.said.out, one?.said.out, args.join(' '))
        // An aborted one leaves nothing behind here.
        if (input !== 'abort\n') deepStrictEqual(other?.content, one?.content)
      }
    }
  })

  test('a log that is chopped', () => {
    for (const folder of both()) {
      const log = join(root, 'chopped')
      const { name, zxid: first } = longestLog(folder)
      copyFileSync(join(folder, name), log)
      for (const zxid of [first + 2, first + 4]) {
        const target = `${log}.chopped${zxid}`
        const [one, other] = [java, tool].map((run) => {
          rmSync(target, { force: true })
          const said = run('zkTxnLogToolkit', ['-c', '-z', `0x${zxid.toString(16)}`, log])
          return { said, content: readFileSync(target) }
        })
        deepStrictEqual(other, one)
      }
      const beyond = tool('zkTxnLogToolkit', ['-c', '-z', '0xffff', log])
      match(beyond.out, /^EOF reached after \d+ txns\.\nGot exception: Failed to chop chopped\n$/m)
      strictEqual(existsSync(`${log}.chopped65535`), false)
      strictEqual(beyond.status, 2)
    }
  })

  test('a snapshot: nodes and sessions, with data, for ncdu', () => {
    for (const folder of both()) {
      const snapshots = sortedSnapshots(readdirSync(folder))
      ok(snapshots.length >= 2, folder)
      for (const { name } of snapshots) {
        for (const option of [[], ['-d'], ['-json']]) {
          same('zkSnapShotToolkit', [...option, join(folder, name)], '', unordered)
        }
      }
    }
  })

  test('a compressed snapshot, and one that is damaged', () => {
    for (const folder of both()) {
      const { name } = sortedSnapshots(readdirSync(folder))[0]!
      const plain = readFileSync(join(folder, name))
      const expected = tool('zkSnapShotToolkit', ['-d', join(folder, name)])
      writeFileSync(join(root, `${name}.gz`), gzipSync(plain))
      writeFileSync(join(root, `${name}.snappy`), snappy(plain))
      for (const ending of ['gz', 'snappy']) {
        deepStrictEqual(
          tool('zkSnapShotToolkit', ['-d', join(root, `${name}.${ending}`)]),
          expected,
        )
      }
      const changed = Buffer.from(plain)
      changed[plain.length - 40]! ^= 1
      for (const [bytes, problem] of [
        [changed, /checksum at its end does not match/],
        [plain.subarray(0, plain.length - 60), /does not match|it ends within its nodes/],
        [Buffer.from('rubbish'), /this is no snapshot/],
      ] as const) {
        const path = join(root, name)
        writeFileSync(path, bytes)
        const said = tool('zkSnapShotToolkit', [path])
        strictEqual(said.status, 1)
        match(said.out, problem)
        strictEqual(said.out.trimEnd().split('\n').length, 1)
      }
    }
  })

  test('two snapshots compared', () => {
    for (const folder of both()) {
      const [newest, oldest] = [0, -1].map(
        (at) => sortedSnapshots(readdirSync(folder)).at(at)!.name,
      )
      const files = ['-l', join(folder, oldest!), '-r', join(folder, newest!)]
      for (const options of [
        ['-b', '0', '-n', '0', '-d'],
        ['-b', '3', '-n', '2'],
      ]) {
        same('zkSnapshotComparer', [...files, ...options])
      }
      const typed = '1\n\n/many\n/none\nx\n9\n\n\n\n'
      same('zkSnapshotComparer', [...files, '-b', '0', '-n', '0', '-i'], typed)
    }
  })

  test('the subtrees of a snapshot', () => {
    for (const folder of both()) {
      const path = join(folder, sortedSnapshots(readdirSync(folder))[0]!.name)
      const said = tool('zkSnapshotRecursiveSummaryToolkit', [path, '/many', '0'])
      strictEqual(said.out, ' /many\n   children: 20\n   data: 66\n')
      match(
        tool('zkSnapshotRecursiveSummaryToolkit', [path, '/', '1']).out,
        /^ \/\n {3}children: \d+\n {3}data: \d+\n(.*\n)*-- \/many\n-- {3}children: 20\n/,
      )
      match(tool('zkSnapshotRecursiveSummaryToolkit', [path, '/none', '1']).out, /no node \/none/)
    }
  })

  test('old files are removed', () => {
    for (const folder of [theirs, ours]) {
      const [one, other] = [java, tool].map((run) => {
        const copy = mkdtempSync(join(root, 'purged-'))
        cpSync(folder, copy, { recursive: true })
        const said = run('zkCleanup', [copy, '-n', '3'])
        const lines = said.out.match(/^Removing file: .*$/gm) ?? []
        const removed = lines.map((line) => basename(line.split('\t')[1] ?? '')).sort()
        const left = readdirSync(join(copy, 'version-2')).sort()
        rmSync(copy, { recursive: true })
        return { removed, left: left.filter((name) => /^(log|snapshot)\./.test(name)) }
      })
      ok((one?.removed.length ?? 0) > 0)
      deepStrictEqual(other, one)
    }
  })

  test('what is wrong with a command line', () => {
    for (const args of [[], ['nowhere'], ['-h']]) same('zkTxnLogToolkit', args)
    for (const args of [[], ['nowhere'], [root], ['-d', '-json', TOOL]]) {
      same('zkSnapShotToolkit', args)
    }
    same('zkSnapshotComparer', ['-l', TOOL])
    for (const args of [[], ['nowhere', '-n', '3'], [root, '-n', '2'], [root, '-n', 'x']]) {
      same('zkCleanup', args)
    }
  })
})

/** Every kind of transaction that clients can make; the second time there is something to change. */
async function fill(port: number, run: number): Promise<void> {
  const client = new Client({ servers: `127.0.0.1:${port}` })
  try {
    await change(client, run)
  } finally {
    // The session stays open: the snapshot of the next start has it.
    client.connection.abandon()
  }
}

async function change(client: Client, run: number): Promise<void> {
  const bytes = (text: string) => Buffer.from(text)
  if (run === 0) {
    await client.create('/many', null)
    for (let i = 0; i < 20; i++) await client.create(`/many/node-${i}`, bytes('abc'))
    await client.create('/ü "q"', bytes('line\nbreak'))
    await client.create('/box', null, { mode: CreateMode.container })
  }
  await client.create(`/ephemeral-${run}`, bytes('e'), { mode: CreateMode.ephemeral })
  await client.create('/s-', bytes(`${run}`), { mode: CreateMode.persistentSequential })
  await client.set('/many/node-1', bytes(`changed ${run}`))
  const anyone = { scheme: 'world', id: 'anyone' }
  const local = { scheme: 'ip', id: '127.0.0.1' }
  await client.setAcl('/many/node-2', [
    { perms: 31, id: anyone },
    { perms: 1, id: local },
  ])
  await client.multi([
    createOp('/m', bytes('m')),
    setOp('/m', bytes('n')),
    checkOp('/many', -1),
    deleteOp('/m'),
  ])
  await client.multi([deleteOp('/nowhere'), createOp('/x', null)]).catch(() => undefined)
  await client.delete('/nowhere').catch(() => undefined)
  await client.create(`/gone-${run}`, null)
  await client.delete(`/gone-${run}`)
  for (let i = 0; i < 15; i++) await client.set('/many', null)
}

function firstLog(folder: string): string {
  return sortedLogs(readdirSync(folder)).find(({ name }) => name !== 'log.0')!.name
}

/** Which of them are short depends on when a server was stopped. */
function longestLog(folder: string): NamedFile {
  const logs = sortedLogs(readdirSync(folder))
  const zxids = zxidsIn(folder)
  const length = ({ zxid: from }: NamedFile): number => {
    const next = logs.find(({ zxid }) => zxid > from)?.zxid ?? Number.POSITIVE_INFINITY
    return zxids.filter((zxid) => zxid >= from && zxid < next).length
  }
  return logs.toSorted((a, b) => length(b) - length(a))[0]!
}

/** With one byte of the data of a node changed. */
function damaged(log: Buffer): Buffer {
  const changed = Buffer.from(log)
  changed[log.indexOf('abc')] = 'x'.charCodeAt(0)
  return changed
}

function withoutZeros(file: Buffer): string {
  return file.toString('latin1').replace(/\0+$/, '')
}

function snappy(plain: Buffer): Buffer {
  const chunks: Uint8Array[] = [snappyHeader()]
  for (let at = 0; at < plain.length; at += SNAPPY_BLOCK) {
    chunks.push(snappyChunk(plain.subarray(at, at + SNAPPY_BLOCK)))
  }
  return Buffer.concat(chunks)
}

function same(
  name: string,
  args: readonly string[],
  input: string = '',
  normal: (text: string) => string = (text) => text,
): void {
  const [expected, found] = [java, tool].map((run) => normal(run(name, args, input).out))
  strictEqual(found, expected, `${name} ${args.join(' ')}`)
}

/** ZooKeeper prints children and sessions in the order of a hash table of its own. */
function unordered(text: string): string {
  if (!text.startsWith('[')) {
    const blocks = text.split('----\n').map((block) => block.split('\n').sort().join('\n'))
    return blocks.sort().join('----\n')
  }
  const sorted = (item: unknown): unknown => {
    if (!Array.isArray(item)) {
      const { ino: _, ...rest } = item as Record<string, unknown>
      return rest
    }
    const [own, ...children] = item
    const texts = children.map((child) => JSON.stringify(sorted(child)))
    return [sorted(own), ...texts.sort().map((child) => JSON.parse(child) as unknown)]
  }
  const [, , , root] = JSON.parse(text.replace('"timestamp":T', '"timestamp":0'))
  return JSON.stringify(sorted(root), null, 1)
}

function java(name: string, args: readonly string[], input: string = ''): Said {
  const main = `org.apache.zookeeper.${CLASSES[name]}`
  return run('java', [...javaArguments(main), ...args], input)
}

function tool(name: string, args: readonly string[], input: string = ''): Said {
  return run(process.execPath, [TOOL, name, ...args], input)
}

/** Both streams, without what differs from run to run and from one version to the other: a digest is printed
 * by 3.9, not by 3.8. */
function run(program: string, args: readonly string[], input: string): Said {
  const ended = spawnSync(program, args, {
    encoding: 'utf8',
    input,
    env: { ...process.env, TZ: 'UTC' },
  })
  const out = `${ended.stdout}${ended.stderr}`
    .replace(/^SLF4J.*\n/gm, '')
    .replace(/in [\d.]+ seconds/g, 'in S seconds')
    .replace(/"timestamp":\d+/, '"timestamp":T')
    .replace(/^Target zxid digest is: .*\n/m, '')
    .replace(/[\u202f\u00a0]/g, ' ')
    // ZooKeeper's tool prints the bytes of the parts of a multi; ours prints words.
    .replace(/ multi [\s\S]*?(?=\n\d+\/\d+\/\d+, |\nEOF|\nCRC)/g, ' multi')
    .replace(/\]\]\n$/, ']]')
  return { status: ended.status, out }
}
