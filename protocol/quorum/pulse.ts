// Signs of life on an election connection between our own servers, too short for votes: a pulse, the text
// `puls`, and a doubt, the text `hush` and a long, the id of a server that has no pulse. They are never
// sent to one of ZooKeeper's servers.

import { intAt, putInt } from '../bytes/int-at.ts'
import { JuteReader } from '../bytes/jute-reader.ts'
import { readServerId, type ServerId, serverHigh, serverLow } from './server-id.ts'

export const PULSE: Uint8Array = new Uint8Array([0x70, 0x75, 0x6c, 0x73])
const PULSE_INT = intAt(PULSE, 0)
const DOUBT_INT = 0x68757368
const DOUBT_BYTES = 12

export function isPulse(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === PULSE.length && intAt(bytes, start) === PULSE_INT
}

/** The sender hears nothing of this server. */
export function doubtBytes(about: ServerId): Uint8Array {
  const bytes = new Uint8Array(DOUBT_BYTES)
  putInt(bytes, 0, DOUBT_INT)
  putInt(bytes, 4, serverHigh(about))
  putInt(bytes, 8, serverLow(about))
  return bytes
}

/** Whom a doubt is about, SERVER_NONE if that cannot be anybody; null if the bytes are no doubt. */
export function doubtIn(bytes: Uint8Array, start: number, end: number): ServerId | null {
  if (end - start !== DOUBT_BYTES || intAt(bytes, start) !== DOUBT_INT) return null
  return readServerId(new JuteReader(bytes, start + 4, end))
}
