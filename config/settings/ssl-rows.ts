// The rows of TLS that exist twice: under `ssl.` for clients' ports, under `ssl.quorum.` for the ports
// between servers. What their rows say differs in places, what they are does not.

import { type Kind, SWITCH } from './kinds.ts'
import type { Setting, SettingsOf } from './setting.ts'
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
  type TlsVersion,
} from './ssl.ts'

/** The options' names in front of those below, and the settings'. */
const PREFIXES = { ssl: 'ssl', sslQuorum: 'ssl.quorum' } as const
export type SslPrefix = keyof typeof PREFIXES

export interface SslSettings {
  /** All versions up to the newest. */
  readonly protocol: readonly TlsVersion[]
  /** Null: those of `protocol`. */
  readonly enabledProtocols: readonly TlsVersion[] | null
  /** OpenSSL's names; null for the defaults. */
  readonly ciphersuites: readonly string[] | null
  readonly keyStoreLocation: string | null
  readonly keyStorePassword: string | null
  readonly keyStorePasswordPath: string | null
  readonly keyStoreType: StoreType | null
  readonly trustStoreLocation: string | null
  readonly trustStorePassword: string | null
  readonly trustStorePasswordPath: string | null
  readonly trustStoreType: StoreType | null
  /** What the side that connects has to show. */
  readonly clientAuth: ClientAuth
  readonly crl: boolean
  readonly crlLocations: readonly string[]
  readonly hostnameVerification: boolean
  readonly clientHostnameVerification: boolean
  readonly allowReverseDnsLookup: boolean
  readonly handshakeDetectionTimeoutMillis: number
}

export interface SslInputs {
  readonly ocsp: boolean
  /** A Java class that would replace the other settings. */
  readonly contextSupplierClass: string | null
}

/** As options are named. */
export type Prefixed<Prefix extends SslPrefix, Values> = {
  readonly [Name in keyof Values & string as `${Prefix}${Capitalize<Name>}`]: Values[Name]
}

/** What differs between the two. */
export interface SslDifferences {
  readonly keyStore: string
  readonly trustStore: string
  readonly clientAuth: string
  readonly crl: string
  readonly hostnameVerification: string
  readonly clientHostnameVerification: string
  readonly isClientHostVerified: 'true' | 'false'
  readonly allowReverseDnsLookup: string
  readonly detection: string
  /** What obeys the limit of detection. */
  readonly where: string
}

export function sslRows<Prefix extends SslPrefix>(
  prefix: Prefix,
  says: SslDifferences,
): SettingsOf<Prefixed<Prefix, SslSettings>> {
  const own = rowsUnder(prefix)
  const file = (key: string, meaning: string) => own(key, PATH, NONE, meaning)
  const storeType = (key: string, meaning: string) =>
    own(key, STORE_TYPE, { value: null, said: 'by name' }, meaning)
  const newest = `${PREFIXES[prefix]}.protocol`
  const rows: SettingsOf<SslSettings> = {
    protocol: own('protocol', PROTOCOL, 'TLSv1.3', 'The newest version: TLSv1.3 or TLSv1.2.'),
    enabledProtocols: own(
      'enabledProtocols',
      ENABLED_PROTOCOLS,
      { value: null, said: `TLSv1.2 and \`${newest}\`` },
      'The versions, with commas between them. Versions before TLSv1.2 are never offered.',
    ),
    ciphersuites: own(
      'ciphersuites',
      CIPHER_SUITES,
      { value: null, said: "Node's" },
      "Java's names, with commas between them.",
    ),
    keyStoreLocation: file('keyStore.location', says.keyStore),
    keyStorePassword: file('keyStore.password', 'Its password, if it has one.'),
    keyStorePasswordPath: file(
      'keyStore.passwordPath',
      'A file with the password. If both are set, this one counts.',
    ),
    keyStoreType: storeType(
      'keyStore.type',
      'JKS, PKCS12 or PEM. If it is not set, the name must end in .jks, .p12 or .pem.',
    ),
    trustStoreLocation: file('trustStore.location', says.trustStore),
    trustStorePassword: file('trustStore.password', 'Its password, if it has one.'),
    trustStorePasswordPath: file('trustStore.passwordPath', 'A file with the password.'),
    trustStoreType: storeType('trustStore.type', 'As above.'),
    clientAuth: own('clientAuth', CLIENT_AUTH, 'need', says.clientAuth),
    crl: own('crl', SWITCH, 'false', says.crl),
    crlLocations: row(
      `ringkeeper.${PREFIXES[prefix]}.crlLocations`,
      PATHS,
      { value: [], said: 'none' },
      'Files of revocation lists, PEM or DER, with commas between them.',
      'config',
    ),
    hostnameVerification: own('hostnameVerification', SWITCH, 'true', says.hostnameVerification),
    clientHostnameVerification: own(
      'clientHostnameVerification',
      SWITCH,
      says.isClientHostVerified,
      says.clientHostnameVerification,
    ),
    allowReverseDnsLookup: own(
      'allowReverseDnsLookup',
      SWITCH,
      'false',
      says.allowReverseDnsLookup,
    ),
    handshakeDetectionTimeoutMillis: own(
      'handshakeDetectionTimeoutMillis',
      DETECTION_MS,
      '5000',
      says.detection,
      says.where,
    ),
  }
  return prefixed(prefix, rows)
}

export function sslInputs<Prefix extends SslPrefix>(
  prefix: Prefix,
): SettingsOf<Prefixed<Prefix, SslInputs>> {
  const own = rowsUnder(prefix)
  const rows: SettingsOf<SslInputs> = {
    ocsp: own('ocsp', SWITCH, 'false', 'Not supported: with `true` the server does not start.'),
    contextSupplierClass: own(
      'context.supplier.class',
      PATH,
      NONE,
      'A Java class, which cannot be loaded: if it is set, the server does not start.',
    ),
  }
  return prefixed(prefix, rows)
}

function rowsUnder(prefix: SslPrefix) {
  return <T>(
    key: string,
    kind: Kind<T>,
    standard: Setting<T>['default'],
    meaning: string,
    where = 'config',
  ): Setting<T> => row(`${PREFIXES[prefix]}.${key}`, kind, standard, meaning, where)
}

function prefixed<Prefix extends SslPrefix, Values>(
  prefix: Prefix,
  rows: SettingsOf<Values>,
): SettingsOf<Prefixed<Prefix, Values>> {
  const entries = Object.entries(rows).map(([name, each]) => [named(prefix, name), each])
  return Object.fromEntries(entries) as SettingsOf<Prefixed<Prefix, Values>>
}

function named(prefix: SslPrefix, name: string): string {
  return prefix + name.charAt(0).toUpperCase() + name.slice(1)
}
