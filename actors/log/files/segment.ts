// One file of the transaction log, byte for byte ZooKeeper's.
//
//   file    = header entry* zeros          the zeros are space written ahead
//   header  = int 'ZKLG', int 2, long 0    16 bytes
//   entry   = long adler32(payload), int length, payload, byte 0x42
//   payload = TxnHeader record [digest]    its zxid stands at TXN_ZXID_AT
//
// See ZooKeeper's FileTxnLog. Unlike it, readers here check the byte 0x42 and the order of zxids,
// and tell an entry that was cut short from one that has gone bad (recovery.ts).

import { ADLER32_START, adler32 } from '../../../protocol/bytes/adler32.ts'
import { TXN_HEADER_BYTES, TXN_ZXID_AT } from '../../../protocol/txn.ts'
import { isZxid, type Zxid, zxidOf } from '../../../protocol/zxid.ts'

export const HEADER_BYTES = 16
/** Checksum and length. */
export const PREFIX_BYTES = 12
/** What an entry takes besides its payload. */
export const OVERHEAD_BYTES: number = PREFIX_BYTES + 1
export const ENTRY_END = 0x42
export const LOG_MAGIC = 0x5a4b4c47
export const SNAPSHOT_MAGIC = 0x5a4b534e
export const FORMAT_VERSION = 2

/** A batch of entries under construction, in one reused buffer. */
export class EntryBuffer {
  bytes: Uint8Array
  length = 0
  #view: DataView

  constructor(initialBytes: number) {
    this.bytes = new Uint8Array(initialBytes)
    this.#view = new DataView(this.bytes.buffer)
  }

  reset(): void {
    this.length = 0
  }

  add(payload: Uint8Array, start: number, end: number): void {
    const count = end - start
    const at = this.length
    if (at + count + OVERHEAD_BYTES > this.bytes.length) this.#grow(at + count + OVERHEAD_BYTES)
    const bytes = this.bytes
    const target = at + PREFIX_BYTES
    bytes.set(payload.subarray(start, end), target)
    this.#view.setInt32(at, 0)
    this.#view.setUint32(at + 4, adler32(ADLER32_START, bytes, target, target + count))
    this.#view.setInt32(at + 8, count)
    bytes[target + count] = ENTRY_END
    this.length = target + count + 1
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

export function logHeader(): Uint8Array {
  return fileHeader(LOG_MAGIC, 0)
}

/** Snapshots carry -1 as database id, logs 0. */
export function snapshotHeader(): Uint8Array {
  return fileHeader(SNAPSHOT_MAGIC, -1)
}

function fileHeader(magic: number, databaseId: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, magic)
  view.setInt32(4, FORMAT_VERSION)
  view.setBigInt64(8, BigInt(databaseId))
  return bytes
}

/** Whether the `count` payload bytes at `start`, together with the prefix before them and the end
 * byte after them, are an entry as it was written. */
export function isWholeEntry(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  count: number,
): boolean {
  if (bytes[start + count] !== ENTRY_END) return false
  if (view.getInt32(start - PREFIX_BYTES) !== 0) return false
  const sum = adler32(ADLER32_START, bytes, start, start + count)
  if (view.getUint32(start - PREFIX_BYTES + 4) !== sum) return false
  return count >= TXN_HEADER_BYTES && isZxid(view.getInt32(start + TXN_ZXID_AT))
}

/** The zxid in the payload of a whole entry. */
export function zxidAt(view: DataView, payloadStart: number): Zxid {
  const at = payloadStart + TXN_ZXID_AT
  return zxidOf(view.getInt32(at), view.getInt32(at + 4))
}
