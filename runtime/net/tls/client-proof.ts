// What a client has proven with its certificate, once the handshake is done: who it is, or why it may not
// come in.

import type { X509Certificate } from 'node:crypto'
import { reverse } from 'node:dns/promises'
import type { TLSSocket } from 'node:tls'
import type { ClientAuth } from '../../../config/settings/ssl.ts'
import { datesProblem } from '../../tls/credentials.ts'
import { nameOf } from '../../tls/identity/certificate.ts'
import { type IdentityOptions, identityOf } from '../../tls/identity/client-identity.ts'
import { plainAddress } from '../input/admission.ts'
import type { RefusalReason } from '../input/refusals.ts'
import type { Proof } from '../transport/client-transport.ts'

export interface ProofOptions extends IdentityOptions {
  readonly clientAuth: ClientAuth
  readonly hostnameVerification: boolean
  readonly clientHostnameVerification: boolean
  readonly allowReverseDnsLookup: boolean
}

export interface Denial {
  readonly reason: RefusalReason
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Admittance {
  readonly proof: Proof
  /** Why not the alternative name is the identity, though it is asked for; null when there is nothing
   * to say. */
  readonly remark: string | null
}

const SECURE: Admittance = { proof: { isSecure: true, identities: [] }, remark: null }

/** `nowMs`: since 1970, for messages. */
export async function proofOf(
  socket: TLSSocket,
  options: ProofOptions,
  nowMs: number,
): Promise<Admittance | Denial> {
  const { clientAuth } = options
  if (clientAuth === 'none') return SECURE
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) {
    return clientAuth === 'want' ? SECURE : { reason: 'no-client-certificate', fields: {} }
  }
  const deny = (problem: string, which: X509Certificate = certificate): Denial => ({
    reason: 'untrusted-client-certificate',
    fields: {
      subject: nameOf(which),
      serial: which.serialNumber,
      issuer: which.issuer?.replaceAll('\n', ','),
      problem,
    },
  })
  // What OpenSSL says, whatever else it may be typed as.
  const error: unknown = socket.authorizationError
  if (error !== null && error !== undefined) {
    const which = chainOf(certificate).find((link) => datesProblem(link, nowMs) !== null)
    const isOfDates = error === 'CERT_HAS_EXPIRED' || error === 'CERT_NOT_YET_VALID'
    if (isOfDates && which !== undefined) return deny(datesProblem(which, nowMs) ?? '', which)
    return deny(problemText(String(error)))
  }
  const address = plainAddress(socket.remoteAddress ?? '')
  if (options.hostnameVerification && options.clientHostnameVerification) {
    const isNamed = await names(certificate, address, options.allowReverseDnsLookup)
    if (!isNamed) return deny(`does not name ${address}, from where it came`)
  }
  try {
    const { ids, remark } = identityOf(certificate, options)
    return { proof: { isSecure: true, identities: ids }, remark }
  } catch (problem) {
    return deny(`its subject cannot be read: ${problem instanceof Error ? problem.message : ''}`)
  }
}

export function isDenial(outcome: Admittance | Denial): outcome is Denial {
  return 'reason' in outcome
}

const PROBLEMS: Readonly<Record<string, string>> = {
  CERT_REVOKED: 'is revoked',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by nobody in the trust store',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by nobody in the trust store',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by nobody in the trust store',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself, and not in the trust store',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by nobody in the trust store',
  INVALID_PURPOSE: 'is not for clients (extended key usage)',
  UNABLE_TO_GET_CRL: 'has an issuer of whom there is no revocation list',
  CRL_HAS_EXPIRED: 'has an issuer whose revocation list is out of date',
  CRL_NOT_YET_VALID: 'has an issuer whose revocation list is not valid yet',
}

function problemText(code: string): string {
  return PROBLEMS[code] === undefined ? code : `${PROBLEMS[code]} (${code})`
}

/** From the client's own to the last that was sent. */
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

async function names(
  certificate: X509Certificate,
  address: string,
  byReverseDns: boolean,
): Promise<boolean> {
  if (certificate.checkIP(address) !== undefined) return true
  if (!byReverseDns) return false
  try {
    const hosts = await reverse(address)
    return hosts.some((host) => certificate.checkHost(host) !== undefined)
  } catch {
    return false
  }
}
