// What proves that a session is one's own. ZooKeeper's passwords can be computed from the session's
// id, which everybody sees who sees an ephemeral of that session. With a secret that the servers
// share they cannot.

import { createHmac } from 'node:crypto'
import { PASSWORD_BYTES, passwordOf, type SessionId } from '../../protocol/session-id.ts'

export type PasswordOf = (id: SessionId) => Uint8Array

/** Null: passwords like ZooKeeper's. */
export function sessionPasswords(secret: string | null): PasswordOf {
  if (secret === null) return passwordOf
  return (id) => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, id)
    return createHmac('sha256', secret).update(bytes).digest().subarray(0, PASSWORD_BYTES)
  }
}
