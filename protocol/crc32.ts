// CRC-32 (the zip polynomial), continuable: the digest of a node covers path, data and stat, and
// only the stat part changes most of the time.

const TABLES: Int32Array[] = makeTables()
const [T0, T1, T2, T3] = TABLES as [Int32Array, Int32Array, Int32Array, Int32Array]

/** The state before the first byte. */
export const CRC32_START = -1

/** The state after these bytes. Not yet the checksum: see `crc32Value`. */
export function crc32Update(state: number, bytes: Uint8Array, start: number, end: number): number {
  let crc = state
  let i = start
  for (; i + 4 <= end; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc = T3[crc & 0xff]! ^ T2[(crc >>> 8) & 0xff]! ^ T1[(crc >>> 16) & 0xff]! ^ T0[crc >>> 24]!
  }
  for (; i < end; i++) crc = T0[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8)
  return crc
}

/** The checksum, 0 to 2^32 - 1. */
export function crc32Value(state: number): number {
  return ~state >>> 0
}

function makeTables(): Int32Array[] {
  const tables = [0, 1, 2, 3].map(() => new Int32Array(256))
  for (let n = 0; n < 256; n++) {
    let crc = n
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    tables[0]![n] = crc
  }
  for (let n = 0; n < 256; n++) {
    for (let k = 1; k < 4; k++) {
      const previous = tables[k - 1]![n]!
      tables[k]![n] = tables[0]![previous & 0xff]! ^ (previous >>> 8)
    }
  }
  return tables
}
