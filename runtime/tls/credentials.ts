// The credentials of one side of TLS connections: reads its key and trust stores, and puts them
// together for node:tls. Used for clients' ports, for the ports between servers, and by our own
// client.

import { constants, type KeyObject, type X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { TlsSettings } from '../../config/settings/ssl.ts'
import { nameOf } from './identity/certificate.ts'
import { StoreError } from './stores/raw-store.ts'
import { filesOf, pemBlock, readCrls, readStore } from './stores/store.ts'

export interface Credentials {
  /** For tls.createServer, Server.setSecureContext, tls.connect and createSecureContext. */
  readonly context: SecureContextOptions
  /** The certificate that the other side sees; null for a client that has none. */
  readonly own: X509Certificate | null
  /** Warnings for the operator: the credentials work, but some certificate is out of date. */
  readonly remarks: readonly string[]
}

/** TLS sessions are not resumed: every connection proves anew who it is, against the present
 * revocation lists. */
const SECURE_OPTIONS = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION

/** Reads all files that the settings name. Rejects with StoreError, whose message names the file
 * and what is wrong with it. `nowMs`: since 1970, for the warnings. */
export async function readCredentials(settings: TlsSettings, nowMs: number): Promise<Credentials> {
  const { prefix, keyStore, trustStore, versions, ciphers, crl, crlLocations } = settings
  const [own, trust, lists] = await Promise.all([
    readStore(keyStore),
    readStore(trustStore),
    crl ? readCrls(crlLocations) : [],
  ])
  if (keyStore.location !== null && own.keys.length === 0) {
    throw new StoreError(`${keyStore.location} holds no private key`)
  }
  if (trustStore.location !== null && trust.trusted.length === 0) {
    throw new StoreError(`${trustStore.location} holds no certificate that could be trusted`)
  }
  const crls = [...(crl ? trust.crls : []), ...lists]
  if (crl && crls.length === 0) {
    throw new StoreError(
      `${trustStore.location ?? 'the trust store'} holds no revocation list in PEM, and ` +
        `ringkeeper.${prefix}.crlLocations names none: ${prefix}.crl=true needs one for each issuer`,
    )
  }
  // OpenSSL takes one key of each kind (RSA, EC, ...).
  const keys = own.keys.filter(
    ({ key }, i) => own.keys.findIndex((other) => kindOf(other.key) === kindOf(key)) === i,
  )
  const context: SecureContextOptions = {
    ...(keys.length > 0 && {
      key: keys.map(({ key }) => key.export({ format: 'pem', type: 'pkcs8' })),
      cert: keys.map(({ chain }) => chain.map(({ raw }) => pemBlock('CERTIFICATE', raw)).join('')),
    }),
    ...(trust.trusted.length > 0 && {
      ca: trust.trusted.map(({ raw }) => pemBlock('CERTIFICATE', raw)),
    }),
    ...(crls.length > 0 && { crl: crls }),
    ...(ciphers !== null && { ciphers: ciphers.join(':') }),
    minVersion: versions[0] ?? 'TLSv1.2',
    maxVersion: versions.at(-1) ?? 'TLSv1.3',
    secureOptions: SECURE_OPTIONS,
    // As with Java, every certificate in the trust store is trusted, even if it is not a root.
    ...({ allowPartialTrustChain: true } as object),
  }
  checkContext(context, settings)
  const chains = keys.flatMap(({ chain }) => chain)
  const remarks = [
    ...chains.flatMap((certificate) => datesRemark(certificate, keyStore.location, nowMs)),
    ...trust.trusted.flatMap((certificate) => datesRemark(certificate, trustStore.location, nowMs)),
  ]
  return { context, own: keys[0]?.chain[0] ?? null, remarks }
}

/** Every file that `readCredentials` reads. */
export function credentialFiles(settings: TlsSettings): string[] {
  const lists = settings.crl ? settings.crlLocations : []
  return [...new Set([...filesOf(settings.keyStore), ...filesOf(settings.trustStore), ...lists])]
}

/** Why a certificate is not valid at this time; null if it is. `nowMs`: since 1970. */
export function datesProblem(certificate: X509Certificate, nowMs: number): string | null {
  if (nowMs > Date.parse(certificate.validTo)) return `expired on ${certificate.validTo}`
  if (nowMs < Date.parse(certificate.validFrom))
    return `is not valid before ${certificate.validFrom}`
  return null
}

function datesRemark(certificate: X509Certificate, file: string | null, nowMs: number): string[] {
  const problem = datesProblem(certificate, nowMs)
  return problem === null ? [] : [`${file}: the certificate of ${nameOf(certificate)} ${problem}`]
}

function kindOf(key: KeyObject): string {
  return key.asymmetricKeyType ?? ''
}

/** Throws StoreError if OpenSSL refuses the context, as it does keys that are too small and digests
 * that are too old. */
function checkContext(context: SecureContextOptions, { keyStore, trustStore }: TlsSettings): void {
  try {
    createSecureContext(context)
  } catch (error) {
    const { message } = error as Error
    const file = keyStore.location ?? trustStore.location ?? 'TLS'
    throw new StoreError(`${file} cannot be used: ${message}`)
  }
}
