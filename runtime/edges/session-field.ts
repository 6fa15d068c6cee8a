// A session id in a frame: its two words, high in `a`, low in `b`. And in a payload: the first
// eight bytes.

import { type SessionId, sessionIdOf } from '../../protocol/session-id.ts'

export function sessionHigh(id: SessionId): number {
  return Number(id >> 32n)
}

export function sessionLow(id: SessionId): number {
  return Number(BigInt.asIntN(32, id))
}

export function sessionFrom(high: number, low: number): SessionId {
  return sessionIdOf((BigInt(high) << 32n) | BigInt(low >>> 0))
}
