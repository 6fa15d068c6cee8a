// What DIGEST-MD5 needs of the system: the hash, where it is allowed, and numbers nobody guesses.

import { createHash, randomBytes } from 'node:crypto'

const NONCE_BYTES = 30

/** Throws where the system forbids MD5, as in FIPS mode. */
export function md5(bytes: Uint8Array): Uint8Array {
  return createHash('md5').update(bytes).digest()
}

/** Why there is no MD5; null where there is. */
export function md5Problem(): string | null {
  try {
    md5(new Uint8Array(0))
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export function newNonce(): string {
  return randomBytes(NONCE_BYTES).toString('base64')
}
