// Proving identities (opcode 100) by the schemes that need no SASL.
//
// x509: the certificate proved it when the connection began. digest: `user:password` becomes
// `user:base64(hash(user:password))`; if that is the configured superDigest, the client is also the
// superuser. ip: there is nothing to prove, because the address is known. ensemble: the client says
// which ensemble it means, and must look for another server if this is a different one.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Id } from '../../../protocol/acl.ts'
import type { ClientConnection } from '../client-connection.ts'

export interface AuthenticationOptions {
  readonly digestAuthEnabled: boolean
  readonly digestAlg: string
  readonly superDigest: string | null
  /** Null if the scheme is off. Without names, every name is right. */
  readonly ensembleAuth: { readonly names: ReadonlySet<string> | null } | null
}

/** The identities that were proven; null if the scheme is unknown or the proof is wrong;
 * `elsewhere` if the client must leave without an answer. */
export function authenticate(
  scheme: string,
  data: Uint8Array | null,
  { address, proof }: Pick<ClientConnection, 'address' | 'proof'>,
  options: AuthenticationOptions,
): readonly Id[] | 'elsewhere' | null {
  if (scheme === 'ip') return [{ scheme: 'ip', id: address }]
  if (scheme === 'x509') return proof.identities.length > 0 ? proof.identities : null
  if (scheme === 'ensemble' && options.ensembleAuth !== null) {
    const { names } = options.ensembleAuth
    if (data === null || data.length === 0 || names === null) return []
    return names.has(Buffer.from(data).toString('utf8')) ? [] : 'elsewhere'
  }
  if (scheme !== 'digest' || !options.digestAuthEnabled || data === null) return null
  const credentials = Buffer.from(data).toString('utf8')
  const id = digestOf(credentials, options.digestAlg)
  const identities: Id[] = [{ scheme: 'digest', id }]
  if (options.superDigest !== null && equal(id, options.superDigest)) {
    identities.push({ scheme: 'super', id: '' })
  }
  return identities
}

/** `user:base64(hash)` of `user:password` (DigestAuthenticationProvider.generateDigest). */
export function digestOf(credentials: string, algorithm: string): string {
  return `${userOf(credentials)}:${createHash(algorithm).update(credentials).digest('base64')}`
}

export function userOf(credentials: string): string {
  return credentials.split(':', 1)[0] ?? ''
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
