// A sign of life on an election connection between our own servers: the text `puls`. It is too
// short for a vote. It is never sent to one of ZooKeeper's servers.

import { intAt } from '../bytes/int-at.ts'

export const PULSE: Uint8Array = new Uint8Array([0x70, 0x75, 0x6c, 0x73])
const PULSE_INT = intAt(PULSE, 0)

export function isPulse(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === PULSE.length && intAt(bytes, start) === PULSE_INT
}
