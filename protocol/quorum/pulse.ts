// A sign of life on an election connection between our own servers: the text `puls`. It is too
// short for a vote. It is never sent to one of ZooKeeper's servers.

export const PULSE: Uint8Array = new Uint8Array([0x70, 0x75, 0x6c, 0x73])

export function isPulse(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === PULSE.length && PULSE.every((byte, i) => bytes[start + i] === byte)
}
