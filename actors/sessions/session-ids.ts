// Which ids sessions get, and who may continue a session
// (SessionTrackerImpl.initializeNextSessionId, ZooKeeperServer.checkPasswd).

import { assert } from '../../protocol/assert.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import { isSessionId, type SessionId, sessionIdOf } from '../../protocol/session-id.ts'

/** The server id in the top byte, then 40 bits of milliseconds, then a counter of 16 bits. */
export function firstSessionId(serverId: ServerId, startWallMs: number): SessionId {
  assert(Number.isInteger(serverId) && serverId >= 0, 'serverId')
  const middle = BigInt.asUintN(64, BigInt(Math.floor(startWallMs)) << 24n) >> 8n
  return validId((BigInt(serverId & 0xff) << 56n) | middle)
}

/** The id after this one. */
export function idAfter(id: SessionId): SessionId {
  return validId(id + 1n)
}

function validId(value: bigint): SessionId {
  const id = sessionIdOf(value)
  return isSessionId(id) ? id : sessionIdOf(id + 1n)
}

/** Takes as long for a wrong password as for the right one. */
export function passwordMatches(
  wanted: Uint8Array,
  password: Uint8Array,
  start: number,
  end: number,
): boolean {
  let difference = wanted.length ^ (end - start)
  for (let i = 0; i < wanted.length; i++) difference |= wanted[i]! ^ (password[start + i] ?? 0)
  return difference === 0
}
