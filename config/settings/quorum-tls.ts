// Settings of TLS between the servers of an ensemble, on both of their ports (ssl-rows.ts has most of them).

import { BOOLEAN } from './kinds.ts'
import type { Chapter } from './setting.ts'
import type { TlsSettings } from './ssl.ts'
import { type Prefixed, type SslInputs, type SslSettings, sslInputs, sslRows } from './ssl-rows.ts'

export interface QuorumTlsSettings extends Prefixed<'sslQuorum', SslSettings> {
  /** Whether this server connects to others over TLS. */
  readonly sslQuorum: boolean
  /** Whether the ports for peers take TLS and plain connections. */
  readonly portUnification: boolean
  /** Whether files that change are read again without a restart. */
  readonly sslQuorumReloadCertFiles: boolean
}

export type QuorumTlsInputs = Prefixed<'sslQuorum', SslInputs>

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
    ...sslRows('sslQuorum', {
      keyStore:
        "A file with the server's key and certificates, for connections from and to other servers. Required.",
      trustStore:
        "A file with the certificates of the authorities that sign servers' certificates. Required. Whoever they sign a certificate for can be a server of the ensemble, if the certificate names it.",
      clientAuth:
        'Whether a server that connects must have a certificate: `need`, `want` (if it has one, it must be valid) or `none`.',
      crl: 'As `ssl.crl`, with the files that `ringkeeper.ssl.quorum.crlLocations` names.',
      hostnameVerification:
        'The certificate of a server that is connected to must name the host in its `server.N` line, or the address that this host resolves to.',
      isClientHostVerified: 'true',
      clientHostnameVerification:
        'The certificate of a server that connects must name the address it connects from, or the host in any `server.N` line. It has an effect only together with `ssl.quorum.hostnameVerification`.',
      allowReverseDnsLookup: 'For both checks, names that the address resolves to count as well.',
      detection: 'Milliseconds that the first byte of a connection may take.',
      where: 'runtime/peer',
    }),
  },
  inputs: sslInputs('sslQuorum'),
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
