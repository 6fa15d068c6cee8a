// A snapshot file written over a spare one holds what it would hold anyway.

import { deepStrictEqual } from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Compression } from '../../../actors/log/files/file-names.ts'
import { zxidOf } from '../../../protocol/zxid.ts'
import { writeSnapshot } from '../../../runtime/disk/snapshot-writer.ts'

const root = mkdtempSync(join(tmpdir(), 'ringkeeper-snapshot-'))
after(() => rmSync(root, { recursive: true }))

const CONTENT = {
  zxid: zxidOf(1, 5),
  chunks: [new Uint8Array(3000).fill(1), new Uint8Array(700_000).fill(2)],
  digest: null,
  lastProcessedZxid: null,
}

/** The folder's files after a snapshot was written into it. */
function written(compression: Compression, spareBytes: number | null): [string, Buffer][] {
  const folder = mkdtempSync(join(root, 'f-'))
  if (spareBytes !== null)
    writeFileSync(join(folder, 'spare.snapshot'), Buffer.alloc(spareBytes, 9))
  writeSnapshot(folder, CONTENT, compression)
  return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))])
}

describe('a snapshot written over a spare file', () => {
  for (const compression of ['', 'gz', 'snappy'] as const) {
    for (const bytes of [0, 500, 5_000_000]) {
      it(`of ${bytes} bytes, compression ${compression}, is the same and uses it up`, () => {
        deepStrictEqual(written(compression, bytes), written(compression, null))
      })
    }
  }
})
