// Settings of TLS for clients: the ports, what is common to both kinds of ports (ssl-rows.ts), and how a
// client's certificate identifies it.

import { HOST } from './clients.ts'
import {
  ANY_TEXT,
  DECODED_INT,
  decoded,
  type Kind,
  mapped,
  nearest,
  PORT,
  SWITCH,
} from './kinds.ts'
import type { Chapter } from './setting.ts'
import { NONE, PATH, row, type TlsSettings } from './ssl.ts'
import { type Prefixed, type SslInputs, type SslSettings, sslInputs, sslRows } from './ssl-rows.ts'

export interface ClientTlsSettings extends Prefixed<'ssl', SslSettings> {
  /** -1: there is no such port. 0 lets the system choose. */
  readonly secureClientPort: number
  /** Null binds every address. */
  readonly secureClientPortAddress: string | null
  /** Whether the client port takes TLS as well. */
  readonly clientPortUnification: boolean
  /** Whether files that change are read again without a restart. */
  readonly clientCertReload: boolean
  /** The identity of the superuser; null for none. */
  readonly x509SuperUser: string | null
  readonly clientCertIdType: 'SAN' | null
  readonly clientCertIdSanMatchType: number | null
  readonly clientCertIdSanMatchRegex: string | null
  readonly clientCertIdSanExtractRegex: string | null
  readonly clientCertIdSanExtractMatcherGroupIndex: number
}

export interface TlsInputs extends Prefixed<'ssl', SslInputs> {
  /** The scheme of the identity that a certificate proves. */
  readonly sslAuthProvider: string
}

const ID_TYPE: Kind<'SAN' | null> = mapped(ANY_TEXT, (text) =>
  text.toUpperCase() === 'SAN' ? 'SAN' : null,
)
const SAN_TYPE: Kind<number> = DECODED_INT
const GROUP: Kind<number> = nearest(decoded('int'), 0)

export const TLS: Chapter<ClientTlsSettings, TlsInputs> = {
  title: 'TLS for clients',
  scope: 'server',
  options: {
    secureClientPort: {
      key: 'secureClientPort',
      from: 'file',
      kind: PORT,
      default: { value: -1, said: 'none' },
      where: 'runtime/net',
      meaning:
        'Where clients connect over TLS, besides `clientPort` or alone. 0 lets the system choose.',
    },
    secureClientPortAddress: {
      key: 'secureClientPortAddress',
      from: 'file',
      kind: HOST,
      default: { value: null, said: 'all' },
      where: 'runtime/net',
      meaning: 'The address to listen on.',
    },
    clientPortUnification: row(
      'client.portUnification',
      SWITCH,
      'false',
      "`clientPort` takes TLS as well: a connection's first byte decides. A client without TLS proves no certificate.",
      'runtime/net',
    ),
    clientCertReload: row(
      'client.certReload',
      SWITCH,
      'false',
      'Keys, certificates and revocation lists are read again when their files change, also by a rename or a symbolic link. If the new ones cannot be used, the log says so, and the old ones stay.',
      'runtime/net',
    ),
    ...sslRows('ssl', {
      keyStore: "A file with the server's key and certificates. Required.",
      trustStore:
        "A file with the certificates of the authorities that sign clients' certificates. Required, unless `ssl.clientAuth=none`.",
      clientAuth:
        'Whether a client must have a certificate: `need`, `want` (if it has one, it must be valid) or `none`.',
      crl: 'Revoked certificates are refused. The lists are PEM blocks in the trust store, or files that `ringkeeper.ssl.crlLocations` names; each issuer needs one. Lists that certificates point to are not fetched.',
      hostnameVerification:
        'On a server it has an effect only together with `ssl.clientHostnameVerification`.',
      isClientHostVerified: 'false',
      clientHostnameVerification: "A client's certificate has to name the address it comes from.",
      allowReverseDnsLookup:
        'For that check, names that the address resolves to count as well. Whoever answers reverse DNS queries for the address then has a say in who a client is.',
      detection: 'Milliseconds that the first byte of a connection may take, where it may be TLS.',
      where: 'runtime/net',
    }),
    x509SuperUser: row(
      'X509AuthenticationProvider.superUser',
      PATH,
      NONE,
      "The superuser's identity, as its certificate proves it.",
      'runtime/tls',
    ),
    clientCertIdType: row(
      'ssl.X509AuthenticationProvider.clientCertIdType',
      ID_TYPE,
      { value: null, said: 'subject' },
      '`SAN`: the identity of a client is taken from an alternative name in its certificate, and not from the subject.',
      'config',
    ),
    clientCertIdSanMatchType: row(
      'ssl.X509AuthenticationProvider.clientCertIdSanMatchType',
      SAN_TYPE,
      NONE,
      'Which kind of alternative name: 0 other, 1 mail, 2 DNS, 4 directory, 6 URI, 7 IP, 8 registered.',
      'config',
    ),
    clientCertIdSanMatchRegex: row(
      'ssl.X509AuthenticationProvider.clientCertIdSanMatchRegex',
      PATH,
      NONE,
      'A regular expression that must match exactly one of those names.',
      'config',
    ),
    clientCertIdSanExtractRegex: row(
      'ssl.X509AuthenticationProvider.clientCertIdSanExtractRegex',
      PATH,
      NONE,
      'A regular expression for the part of that name that is the identity.',
      'config',
    ),
    clientCertIdSanExtractMatcherGroupIndex: row(
      'ssl.X509AuthenticationProvider.clientCertIdSanExtractMatcherGroupIndex',
      GROUP,
      '0',
      'The group in that expression; 0 is the whole match.',
      'config',
    ),
  },
  inputs: {
    ...sslInputs('ssl'),
    sslAuthProvider: row(
      'ssl.authProvider',
      ANY_TEXT,
      'x509',
      'The scheme of certificates: `x509`. Another would need a Java class, so the server does not start.',
      'config',
    ),
  },
}

/** Whether a port for clients takes TLS. */
export function takesTls(
  options: Pick<ClientTlsSettings, 'secureClientPort' | 'clientPortUnification'>,
): boolean {
  return options.secureClientPort >= 0 || options.clientPortUnification
}

/** The settings of the clients' ports in the shape that both kinds of ports share. */
export function clientTlsOf(options: ClientTlsSettings): TlsSettings {
  return {
    prefix: 'ssl',
    keyStore: {
      location: options.sslKeyStoreLocation,
      password: options.sslKeyStorePassword,
      passwordPath: options.sslKeyStorePasswordPath,
      type: options.sslKeyStoreType,
    },
    trustStore: {
      location: options.sslTrustStoreLocation,
      password: options.sslTrustStorePassword,
      passwordPath: options.sslTrustStorePasswordPath,
      type: options.sslTrustStoreType,
    },
    versions: options.sslEnabledProtocols ?? options.sslProtocol,
    ciphers: options.sslCiphersuites,
    clientAuth: options.sslClientAuth,
    crl: options.sslCrl,
    crlLocations: options.sslCrlLocations,
    hostnameVerification: options.sslHostnameVerification,
    clientHostnameVerification: options.sslClientHostnameVerification,
    allowReverseDnsLookup: options.sslAllowReverseDnsLookup,
  }
}
