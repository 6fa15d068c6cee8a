// The id of a server of an ensemble: what `myid` holds. It is a long on the wire and a number here,
// so the largest id is the largest exact integer.

import { JuteReader } from '../bytes/jute-reader.ts'
import type { NumberKind } from '../number-kind.ts'
import { SERVER_ID } from './ranges.ts'

export type ServerId = NumberKind<'server id'>

/** Nobody: the vote of a server that takes no part, and any id that no configuration can name. */
export const SERVER_NONE: ServerId = -1

/** A long; SERVER_NONE if it cannot be anybody's. */
export function readServerId(reader: JuteReader): ServerId {
  return serverIdOf(reader.long())
}

export function serverIdOf(id: bigint): ServerId {
  return id >= 0n && id <= BigInt(SERVER_ID.max) ? Number(id) : SERVER_NONE
}

/** Longs, one after the other. */
export function readServerIds(bytes: Uint8Array, start: number, end: number): ServerId[] {
  const reader = new JuteReader(bytes, start, end)
  const ids: ServerId[] = []
  while (reader.remaining > 0) ids.push(readServerId(reader))
  return ids
}

const WORD = 0x1_0000_0000

/** The two words of an id, as frames hold them. */
export function serverHigh(id: ServerId): number {
  return Math.floor(id / WORD)
}

export function serverLow(id: ServerId): number {
  return id | 0
}

export function serverFrom(high: number, low: number): ServerId {
  return high * WORD + (low >>> 0)
}

/** An id in text, as Java reads it (Long.parseLong). Null if it is none. */
export function serverIdIn(text: string): ServerId | null {
  const id = /^\+?\d{1,20}$/.test(text) ? Number(text) : Number.NaN
  return id <= SERVER_ID.max ? id : null
}
