// The real disk: folders, files, snapshot files written and read back.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type Compression, snapshotName } from '../../../actors/log/files/file-names.ts'
import { Purge } from '../../../actors/log/purge.ts'
import { NodeFiles, openFolders } from '../../../runtime/disk/files.ts'
import { writeSnapshot } from '../../../runtime/disk/snapshot-writer.ts'
import {
  append,
  concat,
  logFile,
  seeded,
  settle,
  started,
  transaction,
  z,
} from '../../actors/log/bench.ts'

const root = mkdtempSync(join(tmpdir(), 'ringkeeper-disk-'))
after(() => rmSync(root, { recursive: true }))
const fresh = (): string => mkdtempSync(join(root, 'd-'))

describe('the two folders', () => {
  it('are created, unless that is forbidden', () => {
    const options = { dataLogDir: join(fresh(), 'a/b'), dataDir: join(fresh(), 'c') }
    throws(() => openFolders({ ...options, datadirAutocreate: false }), /autocreate/)
    openFolders({ ...options, datadirAutocreate: true })
    ok(existsSync(join(options.dataLogDir, 'version-2')))
    openFolders({ ...options, datadirAutocreate: false })
  })

  it("are refused when they hold each other's files", () => {
    const [a, b] = [fresh(), fresh()]
    openFolders({ dataLogDir: a, dataDir: b, datadirAutocreate: true })
    writeFileSync(join(a, 'version-2', 'snapshot.5'), '')
    throws(() => openFolders({ dataLogDir: a, dataDir: b, datadirAutocreate: true }), /snapshot\.5/)
    openFolders({ dataLogDir: a, dataDir: a, datadirAutocreate: true })
    throws(() => {
      openFolders({ dataLogDir: b, dataDir: a, datadirAutocreate: true })
      writeFileSync(join(a, 'version-2', 'log.5'), '')
      openFolders({ dataLogDir: b, dataDir: a, datadirAutocreate: true })
    }, /log\.5/)
  })
})

describe('the log on real files', () => {
  it('comes back after a restart, in a new file each time', () => {
    const folder = fresh()
    for (let round = 1; round <= 3; round++) {
      const files = openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: true })
      const made = started(files, { preAllocSizeBytes: 1 << 20 })
      strictEqual(made.recorder.replayed.size, (round - 1) * 50)
      for (let i = 1; i <= 50; i++) {
        append(made.log, z(round, i), i * 100)
        if (i % 7 === 0) settle(made)
      }
      settle(made)
      if (round === 2) made.log.shutdown()
    }
    const logs = readdirSync(join(folder, 'version-2')).filter((name) => /^log\.[1-9]/.test(name))
    deepStrictEqual(logs.sort(), ['log.100000001', 'log.200000001', 'log.300000001'])
  })
})

describe('snapshot files', () => {
  for (const compression of ['', 'gz', 'snappy'] as const) {
    it(`written and read back, ${compression}, whatever trailers they have`, () => {
      for (const digest of [null, { zxid: z(1, 4), value: 77n }]) {
        for (const lastProcessedZxid of [null, z(1, 4)]) {
          const folder = fresh()
          const files = openFolders({
            dataLogDir: folder,
            dataDir: folder,
            datadirAutocreate: true,
          })
          const version2 = join(folder, 'version-2')
          const chunks = bodyChunks(2_600_000)
          const content = { zxid: z(1, 4), chunks, digest, lastProcessedZxid }
          const { name, bytes } = writeSnapshot(version2, content, compression)
          const stored = readFileSync(join(version2, name))
          strictEqual(stored.length, bytes)
          const plain =
            compression === 'gz'
              ? gunzipSync(stored)
              : compression === 'snappy'
                ? inflated(join(version2, name))
                : stored
          const trailers = (digest === null ? 0 : 33) + (lastProcessedZxid === null ? 0 : 21)
          strictEqual(plain.length, 16 + 2_600_000 + 13 + trailers)
          const { recorder } = started(files)
          strictEqual(recorder.recoveredTo, z(1, 4))
          strictEqual(Buffer.compare(concat(recorder.body), plain.subarray(16)), 0)
          deepStrictEqual(readdirSync(version2), [name])
        }
      }
    })

    it(`cut or damaged, ${compression}, give way to the one before`, () => {
      const random = seeded(11)
      const folder = withSnapshots(compression)
      const version2 = join(folder, 'version-2')
      const name = snapshotName(z(1, 3), compression)
      const whole = readFileSync(join(version2, name))
      for (let trial = 0; trial < 60; trial++) {
        const bytes = Buffer.from(whole)
        const at = trial < 12 ? trial : random(whole.length)
        bytes[at]! ^= 1 + random(255)
        writeFileSync(join(version2, name), bytes)
        if (trial % 2 === 0) truncateSync(join(version2, name), at)
        const files = openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: true })
        const { recorder } = started(files)
        strictEqual(recorder.recoveredTo, z(1, 3), `trial ${trial} at ${at}`)
        // A few bits of the headers of gzip and snappy say nothing about the content.
        const header = { '': 0, gz: 10, snappy: 16 }[compression]
        const harmless = at < header && recorder.replayed.size === 0
        if (!harmless) deepStrictEqual([...recorder.replayed.keys()], [z(1, 2), z(1, 3)])
      }
    })
  }

  it('leave nothing behind when they cannot be written', () => {
    const folder = fresh()
    const chunks = (function* () {
      yield new Uint8Array(100)
      throw new Error('no more')
    })()
    const content = { zxid: z(1, 1), chunks, digest: null, lastProcessedZxid: null }
    throws(() => writeSnapshot(folder, content, ''), /no more/)
    deepStrictEqual(readdirSync(folder), [])
  })

  it('that a crash left unfinished are removed at the start', () => {
    const folder = fresh()
    mkdirSync(join(folder, 'version-2'))
    for (const name of ['writing.snapshot.7', 'writing.snapshot.8.gz', 'snapshot.9.tmp']) {
      writeFileSync(join(folder, 'version-2', name), 'x')
    }
    writeFileSync(join(folder, 'version-2', 'currentEpoch.tmp'), 'x')
    started(openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: true }))
    const names = readdirSync(join(folder, 'version-2')).sort()
    deepStrictEqual(names, ['currentEpoch.tmp', 'log.0'])
  })
})

describe('a purge', () => {
  it('leaves a backup made of hard links as it is', () => {
    const folder = fresh()
    const names = ['log.1', 'snapshot.1'] as const
    const content = Buffer.alloc(3 << 20, 'x')
    for (const name of names) {
      writeFileSync(join(folder, name), content)
      linkSync(join(folder, name), join(folder, `backup.${name}`))
    }
    const purge = new Purge(new NodeFiles(folder, folder), 64 << 20)
    purge.begin([
      { folder: 'snapshot', name: 'snapshot.1' },
      { folder: 'log', name: 'log.1' },
    ])
    while (purge.pending) purge.step()
    deepStrictEqual(readdirSync(folder).sort(), ['backup.log.1', 'backup.snapshot.1'])
    for (const name of names) {
      ok(content.equals(readFileSync(join(folder, `backup.${name}`))), `${name} was changed`)
    }
  })
})

/** Snapshots of 1 and 3 and the log from 2 to 3. */
/** What a file compressed with snappy holds, read in whatever pieces come. */
function inflated(path: string): Buffer {
  const files = new NodeFiles(dirname(path), dirname(path))
  const stream = files.openSnapshot(basename(path))
  const pieces: Uint8Array[] = []
  for (let piece = stream.next(); piece.length > 0; piece = stream.next()) pieces.push(piece)
  stream.close()
  return Buffer.concat(pieces)
}

function withSnapshots(compression: Compression): string {
  const folder = fresh()
  openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: true })
  const version2 = join(folder, 'version-2')
  for (const zxid of [z(1, 1), z(1, 3)]) {
    const chunks = bodyChunks(3000 + (zxid % 16))
    writeSnapshot(version2, { zxid, chunks, digest: null, lastProcessedZxid: zxid }, compression)
  }
  const log = logFile([z(1, 2), z(1, 3)].map((zxid) => transaction(zxid, 20)))
  writeFileSync(join(version2, 'log.100000002'), log)
  return folder
}

function bodyChunks(size: number): Uint8Array[] {
  const random = seeded(size)
  const body = Uint8Array.from({ length: size }, () => random(64))
  const chunks: Uint8Array[] = []
  for (let at = 0; at < size; at += 50_001) chunks.push(body.subarray(at, at + 50_001))
  return chunks
}
