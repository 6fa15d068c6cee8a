// How far the newest log file was surely synced: the certificate that tells damage from a torn
// batch.
//
// A batch of entries is one write and one sync. When power goes in between, any subset of its
// sectors may be on disk: an entry cut or blank, then whole ones. That looks like rot in the
// middle of the log, which must be refused (acknowledged entries are gone), while a torn batch
// must be cut (nobody was told of it). ZooKeeper's format cannot tell them apart; ZooKeeper refuses
// both. So this small file beside the logs says: log.<zxid> was synced up to `offset`.
//
// Invariant: what it says is true whenever it is readable, because it is written after the sync
// it reports. It may be old, so it needs no sync of its own: then more is taken for torn than
// need be, never less for damage. It is synced once, when its log file begins; hence a mark that
// names another file than the newest tells that ZooKeeper wrote that one, and nothing is assumed.
//
//   int 'RKSM', int 1, long zxid of the file's name, long offset, long adler32 of the 24 before

import { ADLER32_START, adler32 } from '../../protocol/adler32.ts'
import { JuteReader } from '../../protocol/jute-reader.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { Files, OpenFile } from './files.ts'

export const MARK_NAME = 'synced-mark'
const MAGIC = 0x524b534d
const VERSION = 1
const SUMMED_BYTES = 24
const MARK_BYTES = 32

export interface SyncedMark {
  /** The zxid in the name of the log file meant. */
  logZxid: Zxid
  offset: number
}

/** Null when there is none, or none that can be trusted. */
export function readMark(files: Files): SyncedMark | null {
  if (!files.list('log').includes(MARK_NAME)) return null
  const file = files.open('log', MARK_NAME, 'read')
  const bytes = new Uint8Array(MARK_BYTES)
  try {
    if (file.read(bytes, 0) !== MARK_BYTES) return null
  } finally {
    file.close()
  }
  const reader = new JuteReader(bytes)
  if (reader.int() !== MAGIC || reader.int() !== VERSION) return null
  reader.skip(16)
  if (reader.long() !== BigInt(adler32(ADLER32_START, bytes, 0, SUMMED_BYTES))) return null
  reader.reset(bytes, 8, SUMMED_BYTES)
  return { logZxid: reader.zxid(), offset: reader.longNumber() }
}

export class MarkWriter {
  readonly #files: Files
  readonly #writer: JuteWriter = new JuteWriter(MARK_BYTES)
  #file: OpenFile | null = null

  constructor(files: Files) {
    this.#files = files
  }

  /** Durable on return; the folder still needs its sync, for the first mark ever. */
  begin(logZxid: Zxid, offset: number): void {
    this.#file ??= this.#files.open('log', MARK_NAME, 'write')
    this.write(logZxid, offset)
    this.#file.sync()
  }

  /** Durable when the operating system pleases. */
  write(logZxid: Zxid, offset: number): void {
    const writer = this.#writer
    writer.reset()
    writer.int(MAGIC)
    writer.int(VERSION)
    writer.zxid(logZxid)
    writer.longNumber(offset)
    writer.longNumber(adler32(ADLER32_START, writer.bytes, 0, SUMMED_BYTES))
    this.#file?.write(writer.bytes, 0, MARK_BYTES, 0)
  }

  close(): void {
    this.#file?.close()
    this.#file = null
  }
}
