// Copies a data folder while its server runs. Every file in the copy is complete: a snapshot is there whole or not
// at all, a log ends with a whole transaction. What is there already is not copied again; a log that has grown is
// continued. Everything is read and its checksums compared on the way.

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EPOCH_NAMES } from '../../actors/log/files/epoch-files.ts'
import { sortedLogs, sortedSnapshots } from '../../actors/log/files/file-names.ts'
import type { OpenFile } from '../../actors/log/files/files.ts'
import { LogScanner } from '../../actors/log/files/log-scanner.ts'
import { HEADER_BYTES, PREFIX_BYTES } from '../../actors/log/files/segment.ts'
import { ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import { NodeFiles, syncPath } from '../../runtime/disk/files.ts'
import { snapshotItems } from '../../runtime/disk/snapshot-items.ts'
import { ToolError } from '../tools/output.ts'
import { versionFolder } from './folders.ts'

const ENTRY_BYTES_MAX = 2 ** 30
const TEMPORARY = 'copying.'
/** A server may purge what is being copied; then the list is taken again. */
const TRIES_MAX = 5

export interface BackupResult {
  /** The newest transaction that the copy holds. */
  readonly lastZxid: Zxid
  readonly snapshots: number
  readonly logs: number
  readonly bytes: number
}

/** Throws ToolError. */
export async function backup(
  { dataDir, dataLogDir }: { dataDir: string; dataLogDir: string },
  target: string,
): Promise<BackupResult> {
  const source = new NodeFiles(versionFolder(dataLogDir), versionFolder(dataDir))
  const into = versionFolder(target)
  mkdirSync(into, { recursive: true })
  if ([dataDir, dataLogDir].some((folder) => statSync(folder).ino === statSync(target).ino)) {
    throw new ToolError(`${target} is the data folder itself`, 2)
  }
  for (let tried = 1; ; tried++) {
    try {
      return await copyAll(source, into)
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!isGone || tried === TRIES_MAX) throw error
    }
  }
}

async function copyAll(source: NodeFiles, into: string): Promise<BackupResult> {
  let bytes = 0
  // First the epochs, then snapshots, then logs: what is copied later is newer, so a log reaches at least as far
  // as each snapshot.
  const names = source.list('snapshot')
  for (const name of Object.values(EPOCH_NAMES)) {
    if (names.includes(name)) await copyWhole(source.path('snapshot', name), join(into, name))
  }
  const snapshots = sortedSnapshots(source.list('snapshot'))
  for (const { name } of snapshots) {
    const [from, to] = [source.path('snapshot', name), join(into, name)]
    if (existsSync(to) && statSync(to).size === statSync(from).size) continue
    bytes += await copySnapshot(from, join(into, TEMPORARY + name), to)
  }
  let lastZxid = ZXID_NONE
  const logs = sortedLogs(source.list('log'))
  for (const { name } of logs) {
    const copied = copyLog(source, name, join(into, name))
    bytes += copied.bytes
    if (copied.lastZxid > lastZxid) lastZxid = copied.lastZxid
  }
  syncPath(into)
  const kept = sortedSnapshots(new NodeFiles(into, into).list('snapshot'))
  const newest = kept[0]?.zxid ?? ZXID_NONE
  if (newest > lastZxid) lastZxid = newest
  return { lastZxid, snapshots: snapshots.length, logs: logs.length, bytes }
}

/** Bytes copied; 0 for a snapshot that is damaged or not finished: it is of no use. */
async function copySnapshot(from: string, temporary: string, to: string): Promise<number> {
  const named = `${temporary}${/\.(gz|snappy)$/.exec(from)?.[0] ?? ''}`
  await copyWhole(from, named)
  try {
    for await (const _ of snapshotItems(named));
  } catch (error) {
    rmSync(named)
    process.stderr.write(`left out: ${error instanceof Error ? error.message : error}\n`)
    return 0
  }
  renameSync(named, to)
  return statSync(to).size
}

async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const descriptor = openSync(to, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** Appends to the copy what it lacks, entry by entry. */
function copyLog(source: NodeFiles, name: string, to: string): { bytes: number; lastZxid: Zxid } {
  const file = source.open('log', name, 'read')
  const target = openSync(to, existsSync(to) ? 'r+' : 'w+')
  try {
    const scanner = new LogScanner(name, file, ENTRY_BYTES_MAX)
    // It was just begun.
    if (scanner.header() !== 'valid') return { bytes: 0, lastZxid: ZXID_NONE }
    const had = statSync(to).size
    if (had < HEADER_BYTES) writeBytes(target, bytesOf(file, 0, HEADER_BYTES), 0)
    let end = HEADER_BYTES
    let lastZxid = ZXID_NONE
    while (scanner.next() === 'entry') {
      // What is there already is the same: entries are never changed.
      if (scanner.offset > had) {
        const whole = scanner.bytes.subarray(scanner.start - PREFIX_BYTES, scanner.end + 1)
        writeBytes(target, whole, scanner.offset - whole.length)
      }
      end = scanner.offset
      lastZxid = scanner.zxid
    }
    // A log that was cut since, after an election, must not keep its old end.
    ftruncateSync(target, end)
    fsyncSync(target)
    return { bytes: Math.max(0, end - had), lastZxid }
  } finally {
    file.close()
    closeSync(target)
  }
}

function bytesOf(file: OpenFile, from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count)
  file.read(bytes, from)
  return bytes
}

function writeBytes(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done)
  }
}
