// Judges the certificate of the other side of a TLS connection: whether it is trusted, and whether
// it names that side.

import type { X509Certificate } from 'node:crypto'
import { reverse } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { datesProblem } from './credentials.ts'

export interface Doubt {
  /** The certificate of the chain that is at fault. */
  readonly which: X509Certificate
  /** What is wrong, to follow the certificate's name: `is revoked`. */
  readonly problem: string
}

/** Why OpenSSL does not trust the other side; null if it does. `certificate`: the other side's own,
 * after the handshake. `nowMs`: since 1970, to find out which certificate of the chain is out of
 * date. */
export function untrusted(
  socket: TLSSocket,
  certificate: X509Certificate,
  nowMs: number,
): Doubt | null {
  // At run time this is OpenSSL's code as a string, whatever its type says.
  const error: unknown = socket.authorizationError
  if (error === null || error === undefined) return null
  const which = chainOf(certificate).find((link) => datesProblem(link, nowMs) !== null)
  const isOfDates = error === 'CERT_HAS_EXPIRED' || error === 'CERT_NOT_YET_VALID'
  if (isOfDates && which !== undefined) return { which, problem: datesProblem(which, nowMs) ?? '' }
  return { which: certificate, problem: problemText(String(error)) }
}

/** Whether the certificate names the address, or one of `hosts` (names or addresses); or, with
 * `byReverseDns`, a name that the address resolves to (ZKTrustManager). Never rejects: without an
 * answer from DNS it is false. */
export async function names(
  certificate: X509Certificate,
  address: string,
  hosts: readonly string[],
  byReverseDns: boolean,
): Promise<boolean> {
  const isNamed = (host: string): boolean =>
    (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined
  if ([address, ...hosts].some(isNamed)) return true
  if (!byReverseDns) return false
  try {
    return (await reverse(address)).some(isNamed)
  } catch {
    return false
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  CERT_REVOKED: 'is revoked',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by nobody in the trust store',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by nobody in the trust store',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by nobody in the trust store',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed, and not in the trust store',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by nobody in the trust store',
  INVALID_PURPOSE: 'is not for this use (extended key usage)',
  // OpenSSL goes on after an unknown issuer, and reports what it finds last.
  UNABLE_TO_GET_CRL:
    'is signed by nobody in the trust store, or has an issuer without a revocation list',
  CRL_HAS_EXPIRED: 'has an issuer whose revocation list is out of date',
  CRL_NOT_YET_VALID: 'has an issuer whose revocation list is not valid yet',
}

function problemText(code: string): string {
  return PROBLEMS[code] === undefined ? code : `${PROBLEMS[code]} (${code})`
}

/** From the other side's own certificate to the last that it sent. */
function chainOf(certificate: X509Certificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  const seen = new Set<string>()
  for (let link: X509Certificate | undefined = certificate; link !== undefined; ) {
    if (seen.has(link.fingerprint256)) break
    seen.add(link.fingerprint256)
    chain.push(link)
    link = link.issuerCertificate
  }
  return chain
}
