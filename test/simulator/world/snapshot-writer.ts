// Writes snapshot files to the simulated disk, one small step at a time and as late as drawn: the
// tree goes on meanwhile. The bytes are those of the real writer.

import { gzipSync } from 'node:zlib'
import {
  type Compression,
  snapshotName,
  snapshotTemporary,
} from '../../../actors/log/files/file-names.ts'
import type { OpenFile } from '../../../actors/log/files/files.ts'
import type { FrozenTree } from '../../../actors/tree/snapshot/snapshot-source.ts'
import { snappyChunk, snappyHeader } from '../../../runtime/disk/snappy.ts'
import { contentOf, snapshotBytes } from '../../../runtime/disk/snapshot-content.ts'
import type { SimulatedDisk } from './disk.ts'

export interface SnapshotTask {
  readonly frozen: FrozenTree
  /** Each step is at most one operation of the disk. */
  readonly steps: Generator<void, void, void>
}

export function snapshotTask(
  disk: SimulatedDisk,
  frozen: FrozenTree,
  compression: Compression,
  withLastZxid: boolean,
  delay: number,
): SnapshotTask {
  return { frozen, steps: write(disk, frozen, compression, withLastZxid, delay) }
}

function* write(
  disk: SimulatedDisk,
  frozen: FrozenTree,
  compression: Compression,
  withLastZxid: boolean,
  delay: number,
): Generator<void, void, void> {
  for (let i = 0; i < delay; i++) yield
  const name = snapshotName(frozen.zxid, compression)
  const temporary = snapshotTemporary(name)
  const file = disk.open('snapshot', temporary, 'write')
  yield
  file.truncate(0)
  yield* writePieces(file, frozen, compression, withLastZxid)
  file.sync()
  yield
  file.close()
  disk.rename('snapshot', temporary, name)
  yield
  disk.syncFolder('snapshot')
}

function* writePieces(
  file: OpenFile,
  frozen: FrozenTree,
  compression: Compression,
  withLastZxid: boolean,
): Generator<void, void, void> {
  const compressed: Readonly<Record<Compression, (piece: Uint8Array) => Uint8Array>> = {
    '': (piece) => piece,
    gz: (piece) => new Uint8Array(gzipSync(piece)),
    snappy: snappyChunk,
  }
  let position = 0
  if (compression === 'snappy') {
    file.write(snappyHeader(), 0, snappyHeader().length, position)
    position += snappyHeader().length
  }
  for (const piece of snapshotBytes(contentOf(frozen, withLastZxid))) {
    const bytes = compressed[compression](piece)
    file.write(bytes, 0, bytes.length, position)
    position += bytes.length
    yield
  }
}
