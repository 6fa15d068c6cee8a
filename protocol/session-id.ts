// The session id: 64 bits, with the server's id in the top byte, so that it cannot be a number. It
// is a bigint where sessions are opened, looked up and logged, which is rare; and eight untouched
// bytes or a small connection slot everywhere else.

import { CONTAINER_OWNER } from './ephemeral-owner.ts'

declare const sessionIdBrand: unique symbol
export type SessionId = bigint & { readonly [sessionIdBrand]: true }

export const SESSION_NONE: SessionId = 0n as SessionId

/** Whether it can be the id of a session. */
export function isSessionId(id: SessionId): boolean {
  return id !== SESSION_NONE && id !== CONTAINER_OWNER
}

/** Signed 64 bits, as Jute reads a long. */
export function sessionIdOf(value: bigint): SessionId {
  return BigInt.asIntN(64, value) as SessionId
}

/** The two words of an id, signed, as headers and frames hold them. */
export function sessionHigh(id: SessionId): number {
  return Number(id >> 32n)
}

export function sessionLow(id: SessionId): number {
  return Number(BigInt.asIntN(32, id))
}

export function sessionFrom(high: number, low: number): SessionId {
  return sessionIdOf((BigInt(high) << 32n) | BigInt(low >>> 0))
}

/** `0x` and the lower-case digits of the unsigned value, as ZooKeeper logs it. */
export function formatSessionId(id: SessionId): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`
}

const LCG_MULTIPLIER = 0x5deece66dn
const LCG_INCREMENT = 0xbn
const LCG_MASK = (1n << 48n) - 1n
const PASSWORD_SALT = 0xb3415c00n
export const PASSWORD_BYTES = 16

/** The 16 password bytes that ZooKeeper derives from a session id: java.util.Random, seeded with
 * the id xor a constant (SessionTrackerImpl and ZooKeeperServer.generatePasswd). Every server
 * of an ensemble must derive the same bytes. They are no secret: who knows the id knows the
 * password. */
export function passwordOf(id: SessionId): Uint8Array {
  const password = new Uint8Array(PASSWORD_BYTES)
  let state = (BigInt.asUintN(64, id ^ PASSWORD_SALT) ^ LCG_MULTIPLIER) & LCG_MASK
  for (let i = 0; i < PASSWORD_BYTES; i += 4) {
    state = (state * LCG_MULTIPLIER + LCG_INCREMENT) & LCG_MASK
    let word = Number(state >> 16n) | 0
    for (let j = 0; j < 4; j++) {
      password[i + j] = word & 0xff
      word >>= 8
    }
  }
  return password
}
