// What one side of TLS connections has and trusts: the stores read, and put together as node:tls wants
// them. For clients' ports, for those between servers, and for our own client alike.

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
  /** What the operator should know, though it works. */
  readonly remarks: readonly string[]
}

/** Sessions are not resumed: every connection proves anew who it is, by the lists that count now. */
const SECURE_OPTIONS = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION

/** Throws StoreError, whose message names the file and what is wrong with it. `nowMs`: since 1970. */
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
  // OpenSSL takes one of each kind.
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
    // Any certificate of the trust store is trusted, be it a root or not: as with Java.
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

/** Why a certificate is not valid now; null when it is. */
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

/** OpenSSL refuses keys that are too small and digests that are too old. */
function checkContext(context: SecureContextOptions, { keyStore, trustStore }: TlsSettings): void {
  try {
    createSecureContext(context)
  } catch (error) {
    const { message } = error as Error
    const file = keyStore.location ?? trustStore.location ?? 'TLS'
    throw new StoreError(`${file} cannot be used: ${message}`)
  }
}
