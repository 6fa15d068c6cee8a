// Checks a client's certificate once the TLS handshake is done: who the client is, or why it is
// refused (ZooKeeper's ZKTrustManager and X509AuthenticationProvider).

import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { ClientAuth } from '../../../config/settings/ssl.ts'
import { nameOf } from '../../tls/identity/certificate.ts'
import { type IdentityOptions, identityOf } from '../../tls/identity/client-identity.ts'
import { names, untrusted } from '../../tls/verdicts.ts'
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
  /** Why the identity is the subject although the settings ask for an alternative name; null if
   * there is nothing to say. */
  readonly remark: string | null
}

const NO_CERTIFICATE =
  'showed no certificate; Java does so, too, if its issuer is none of those in our trust store'

const SECURE: Admittance = { proof: { isSecure: true, identities: [] }, remark: null }

/** The client's proof, or why it is refused. Never rejects. `nowMs`: since 1970, for messages. */
export async function proofOf(
  socket: TLSSocket,
  options: ProofOptions,
  nowMs: number,
): Promise<Admittance | Denial> {
  const { clientAuth } = options
  if (clientAuth === 'none') return SECURE
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) {
    if (clientAuth === 'want') return SECURE
    return { reason: 'no-client-certificate', fields: { problem: NO_CERTIFICATE } }
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
  const doubt = untrusted(socket, certificate, nowMs)
  if (doubt !== null) return deny(doubt.problem, doubt.which)
  const address = plainAddress(socket.remoteAddress ?? '')
  if (options.hostnameVerification && options.clientHostnameVerification) {
    const isNamed = await names(certificate, address, [], options.allowReverseDnsLookup)
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
