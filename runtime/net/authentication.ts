// Proving identities (opcode 100): the schemes that need no TLS and no SASL.
//
// digest: `user:password` becomes `user:base64(hash(user:password))`; if that is the configured
// superDigest the client is also the superuser. ip: nothing to prove, the address is known.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Id } from '../../protocol/acl.ts'

export interface AuthenticationOptions {
  readonly digestAuthEnabled: boolean
  readonly digestAlgorithm: string
  readonly superDigest: string | null
}

/** The identities proven; null when the scheme is unknown or the proof is no good. */
export function authenticate(
  scheme: string,
  data: Uint8Array,
  address: string,
  options: AuthenticationOptions,
): Id[] | null {
  if (scheme === 'ip') return [{ scheme: 'ip', id: address }]
  if (scheme !== 'digest' || !options.digestAuthEnabled) return null
  const credentials = Buffer.from(data).toString('utf8')
  const id = digestOf(credentials, options.digestAlgorithm)
  const identities: Id[] = [{ scheme: 'digest', id }]
  if (options.superDigest !== null && equal(id, options.superDigest)) {
    identities.push({ scheme: 'super', id: '' })
  }
  return identities
}

/** `user:base64(hash)` of `user:password` (DigestAuthenticationProvider.generateDigest). */
export function digestOf(credentials: string, algorithm: string): string {
  const user = credentials.split(':', 1)[0] ?? ''
  return `${user}:${createHash(algorithm).update(credentials).digest('base64')}`
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
