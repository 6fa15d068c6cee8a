// Settings of TLS between the servers of an ensemble, on both of their ports.

import { BOOLEAN, SWITCH } from './kinds.ts'
import type { Chapter } from './setting.ts'
import {
  CIPHER_SUITES,
  CLIENT_AUTH,
  type ClientAuth,
  DETECTION_MS,
  ENABLED_PROTOCOLS,
  NONE,
  PATH,
  PATHS,
  PROTOCOL,
  row,
  STORE_TYPE,
  type StoreType,
  type TlsSettings,
  type TlsVersion,
} from './ssl.ts'

export interface QuorumTlsSettings {
  /** Whether this server connects to others over TLS. */
  readonly sslQuorum: boolean
  /** Whether the ports for peers take TLS and plain connections. */
  readonly portUnification: boolean
  /** Whether files that change are read again without a restart. */
  readonly sslQuorumReloadCertFiles: boolean
  /** All versions up to the newest. */
  readonly sslQuorumProtocol: readonly TlsVersion[]
  /** Null: those of `sslQuorumProtocol`. */
  readonly sslQuorumEnabledProtocols: readonly TlsVersion[] | null
  /** OpenSSL's names; null for the defaults. */
  readonly sslQuorumCiphersuites: readonly string[] | null
  readonly sslQuorumKeyStoreLocation: string | null
  readonly sslQuorumKeyStorePassword: string | null
  readonly sslQuorumKeyStorePasswordPath: string | null
  readonly sslQuorumKeyStoreType: StoreType | null
  readonly sslQuorumTrustStoreLocation: string | null
  readonly sslQuorumTrustStorePassword: string | null
  readonly sslQuorumTrustStorePasswordPath: string | null
  readonly sslQuorumTrustStoreType: StoreType | null
  /** What a server that connects to us has to show. */
  readonly sslQuorumClientAuth: ClientAuth
  readonly sslQuorumCrl: boolean
  readonly sslQuorumCrlLocations: readonly string[]
  readonly sslQuorumHostnameVerification: boolean
  readonly sslQuorumClientHostnameVerification: boolean
  readonly sslQuorumAllowReverseDnsLookup: boolean
  readonly sslQuorumHandshakeDetectionTimeoutMillis: number
}

export interface QuorumTlsInputs {
  /** A Java class that would replace the other settings. */
  readonly sslQuorumContextSupplierClass: string | null
  readonly sslQuorumOcsp: boolean
}

const ANY_TYPE = { value: null, said: 'by name' }
const IN = 'runtime/peer/tls'

export const QUORUM_TLS: Chapter<QuorumTlsSettings, QuorumTlsInputs> = {
  title: 'TLS between servers',
  scope: 'ensemble',
  options: {
    sslQuorum: {
      key: 'sslQuorum',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: IN,
      meaning:
        'The servers talk to each other over TLS, on both ports. Without `portUnification` a server without TLS is refused.',
    },
    portUnification: {
      key: 'portUnification',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: IN,
      meaning:
        'Both ports take TLS and plain connections: the first byte decides. Only for a migration: it keeps nobody out.',
    },
    sslQuorumReloadCertFiles: {
      key: 'sslQuorumReloadCertFiles',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'runtime/process',
      meaning:
        'As `client.certReload`: new connections use the new files, and open connections stay.',
    },
    sslQuorumProtocol: row(
      'ssl.quorum.protocol',
      PROTOCOL,
      'TLSv1.3',
      'The newest version: TLSv1.3 or TLSv1.2.',
      'config',
    ),
    sslQuorumEnabledProtocols: row(
      'ssl.quorum.enabledProtocols',
      ENABLED_PROTOCOLS,
      { value: null, said: 'TLSv1.2 and `ssl.quorum.protocol`' },
      'The versions, with commas between them.',
      'config',
    ),
    sslQuorumCiphersuites: row(
      'ssl.quorum.ciphersuites',
      CIPHER_SUITES,
      { value: null, said: "Node's" },
      "Java's names, with commas between them.",
      'config',
    ),
    sslQuorumKeyStoreLocation: row(
      'ssl.quorum.keyStore.location',
      PATH,
      NONE,
      "A file with the server's key and certificates, for connections from and to other servers. Required.",
      'config',
    ),
    sslQuorumKeyStorePassword: row(
      'ssl.quorum.keyStore.password',
      PATH,
      NONE,
      'Its password, if it has one.',
      'config',
    ),
    sslQuorumKeyStorePasswordPath: row(
      'ssl.quorum.keyStore.passwordPath',
      PATH,
      NONE,
      'A file with the password. If both are set, this one counts.',
      'config',
    ),
    sslQuorumKeyStoreType: row(
      'ssl.quorum.keyStore.type',
      STORE_TYPE,
      ANY_TYPE,
      'JKS, PKCS12 or PEM. If it is not set, the name must end in .jks, .p12 or .pem.',
      'config',
    ),
    sslQuorumTrustStoreLocation: row(
      'ssl.quorum.trustStore.location',
      PATH,
      NONE,
      "A file with the certificates of the authorities that sign servers' certificates. Required. Whoever they sign a certificate for can be a server of the ensemble, if the certificate names it.",
      'config',
    ),
    sslQuorumTrustStorePassword: row(
      'ssl.quorum.trustStore.password',
      PATH,
      NONE,
      'Its password, if it has one.',
      'config',
    ),
    sslQuorumTrustStorePasswordPath: row(
      'ssl.quorum.trustStore.passwordPath',
      PATH,
      NONE,
      'A file with the password.',
      'config',
    ),
    sslQuorumTrustStoreType: row(
      'ssl.quorum.trustStore.type',
      STORE_TYPE,
      ANY_TYPE,
      'As above.',
      'config',
    ),
    sslQuorumClientAuth: row(
      'ssl.quorum.clientAuth',
      CLIENT_AUTH,
      'need',
      'Whether a server that connects must have a certificate: `need`, `want` (if it has one, it must be valid) or `none`.',
      'config',
    ),
    sslQuorumCrl: row(
      'ssl.quorum.crl',
      SWITCH,
      'false',
      'As `ssl.crl`, with the files that `ringkeeper.ssl.quorum.crlLocations` names.',
      'config',
    ),
    sslQuorumCrlLocations: row(
      'ringkeeper.ssl.quorum.crlLocations',
      PATHS,
      { value: [], said: 'none' },
      'Files of revocation lists, PEM or DER, with commas between them.',
      'config',
    ),
    sslQuorumHostnameVerification: row(
      'ssl.quorum.hostnameVerification',
      SWITCH,
      'true',
      'The certificate of a server that is connected to must name the host in its `server.N` line, or the address that this host resolves to.',
      'config',
    ),
    sslQuorumClientHostnameVerification: row(
      'ssl.quorum.clientHostnameVerification',
      SWITCH,
      'true',
      'The certificate of a server that connects must name the address it connects from, or the host in any `server.N` line. It has an effect only together with `ssl.quorum.hostnameVerification`.',
      'config',
    ),
    sslQuorumAllowReverseDnsLookup: row(
      'ssl.quorum.allowReverseDnsLookup',
      SWITCH,
      'false',
      'For both checks, names that the address resolves to count as well.',
      'config',
    ),
    sslQuorumHandshakeDetectionTimeoutMillis: row(
      'ssl.quorum.handshakeDetectionTimeoutMillis',
      DETECTION_MS,
      '5000',
      'Milliseconds that the first byte of a connection may take.',
      'runtime/peer',
    ),
  },
  inputs: {
    sslQuorumOcsp: row(
      'ssl.quorum.ocsp',
      SWITCH,
      'false',
      'Not supported: with `true` the server does not start.',
      'config',
    ),
    sslQuorumContextSupplierClass: row(
      'ssl.quorum.context.supplier.class',
      PATH,
      NONE,
      'A Java class, which cannot be loaded: if it is set, the server does not start.',
      'config',
    ),
  },
}

/** Whether the ports for peers take TLS. */
export function peersTakeTls(
  settings: Pick<QuorumTlsSettings, 'sslQuorum' | 'portUnification'>,
): boolean {
  return settings.sslQuorum || settings.portUnification
}

/** Those of the servers' own ports, put together. */
export function quorumTlsOf(settings: QuorumTlsSettings): TlsSettings {
  return {
    prefix: 'ssl.quorum',
    keyStore: {
      location: settings.sslQuorumKeyStoreLocation,
      password: settings.sslQuorumKeyStorePassword,
      passwordPath: settings.sslQuorumKeyStorePasswordPath,
      type: settings.sslQuorumKeyStoreType,
    },
    trustStore: {
      location: settings.sslQuorumTrustStoreLocation,
      password: settings.sslQuorumTrustStorePassword,
      passwordPath: settings.sslQuorumTrustStorePasswordPath,
      type: settings.sslQuorumTrustStoreType,
    },
    versions: settings.sslQuorumEnabledProtocols ?? settings.sslQuorumProtocol,
    ciphers: settings.sslQuorumCiphersuites,
    clientAuth: settings.sslQuorumClientAuth,
    crl: settings.sslQuorumCrl,
    crlLocations: settings.sslQuorumCrlLocations,
    hostnameVerification: settings.sslQuorumHostnameVerification,
    clientHostnameVerification: settings.sslQuorumClientHostnameVerification,
    allowReverseDnsLookup: settings.sslQuorumAllowReverseDnsLookup,
  }
}
