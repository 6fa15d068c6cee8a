// The proof that both ends of DIGEST-MD5 compute (RFC 2831, 2.1.2.1), with quality of protection
// `auth`: a hash of user, realm and password is mixed with a nonce from each end and with the name
// of the service.

import { bytesOf, hashed } from './directives.ts'

/** From node:crypto, which pure code may not import. Throws if the system forbids MD5. */
export type Md5 = (bytes: Uint8Array) => Uint8Array

/** What a digest is made from. Texts hold a byte in each character, except user and password. */
export interface DigestParts {
  readonly user: string
  readonly password: string
  readonly realm: string
  readonly nonce: string
  readonly cnonce: string
  /** As on the wire: eight hexadecimal digits. */
  readonly nonceCount: string
  readonly digestUri: string
  /** Null if the client wants to act as the user that it proves to be. */
  readonly authzid: string | null
}

export const QOP = 'auth'
export const FIRST_NONCE_COUNT = '00000001'

/** The proof of one end, as 32 hexadecimal digits: a client's, or a server's answer to it. */
export function digestResponse(md5: Md5, parts: DigestParts, by: 'client' | 'server'): string {
  const { user, password, realm, nonce, cnonce, nonceCount, digestUri, authzid } = parts
  const secret = md5(bytesOf(`${hashed(user)}:${realm}:${hashed(password)}`))
  const rest = `:${nonce}:${cnonce}${authzid === null ? '' : `:${authzid}`}`
  const a1 = new Uint8Array(secret.length + rest.length)
  a1.set(secret)
  a1.set(bytesOf(rest), secret.length)
  const a2 = `${by === 'client' ? 'AUTHENTICATE' : ''}:${digestUri}`
  const a1Hex = hex(md5(a1))
  const a2Hex = hex(md5(bytesOf(a2)))
  return hex(md5(bytesOf(`${a1Hex}:${nonce}:${nonceCount}:${cnonce}:${QOP}:${a2Hex}`)))
}

/** Whether two proofs are equal. It takes the same time wherever they differ. */
export function sameProof(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
