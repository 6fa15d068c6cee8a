// A node's Stat as clients see it (68 bytes).

import type { JuteReader } from './bytes/jute-reader.ts'
import type { JuteWriter } from './bytes/jute-writer.ts'
import type { Zxid } from './zxid.ts'

export const STAT_BYTES = 68

export interface Stat {
  czxid: Zxid
  mzxid: Zxid
  /** Milliseconds since 1970. */
  ctime: number
  mtime: number
  version: number
  cversion: number
  aversion: number
  ephemeralOwner: bigint
  dataLength: number
  numChildren: number
  pzxid: Zxid
}

export function writeStat(writer: JuteWriter, stat: Stat): void {
  writer.zxid(stat.czxid)
  writer.zxid(stat.mzxid)
  writer.longNumber(stat.ctime)
  writer.longNumber(stat.mtime)
  writer.int(stat.version)
  writer.int(stat.cversion)
  writer.int(stat.aversion)
  writer.long(stat.ephemeralOwner)
  writer.int(stat.dataLength)
  writer.int(stat.numChildren)
  writer.zxid(stat.pzxid)
}

export function readStat(reader: JuteReader): Stat {
  return {
    czxid: reader.zxid(),
    mzxid: reader.zxid(),
    ctime: reader.longNumber(),
    mtime: reader.longNumber(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.zxid(),
  }
}
