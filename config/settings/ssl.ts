// The settings of TLS that clients' ports and the ports between servers share, under different
// prefixes (X509Util): where keys and certificates are, what may be negotiated, what the other side
// has to prove.

import { JAVA_NAMES, openSslNames } from '../tls/cipher-suites.ts'
import { ANY_TEXT, DECODED_INT, type Kind, mapped, nearest, oneOf, strict } from './kinds.ts'
import type { Setting } from './setting.ts'

export const STORE_TYPES = ['JKS', 'PEM', 'PKCS12'] as const
export type StoreType = (typeof STORE_TYPES)[number]
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'
export type ClientAuth = 'none' | 'want' | 'need'

/** A file with keys or certificates. */
export interface StoreSettings {
  /** The file's path; null if there is no store. */
  readonly location: string | null
  /** Used only if there is no `passwordPath`. */
  readonly password: string | null
  /** A file that holds the password; a line feed at its end does not count. */
  readonly passwordPath: string | null
  /** Null: the ending of the file's name decides. */
  readonly type: StoreType | null
}

/** The settings of one side of connections, whatever their prefix. */
export interface TlsSettings {
  /** The prefix of the settings' names, for messages. */
  readonly prefix: 'ssl' | 'ssl.quorum'
  readonly keyStore: StoreSettings
  readonly trustStore: StoreSettings
  /** The oldest first. */
  readonly versions: readonly TlsVersion[]
  /** OpenSSL's names, in order of preference; null for the defaults. */
  readonly ciphers: readonly string[] | null
  readonly clientAuth: ClientAuth
  /** Whether certificates are checked against revocation lists. */
  readonly crl: boolean
  /** Files of revocation lists, besides those in the trust store. */
  readonly crlLocations: readonly string[]
  /** Whether a certificate has to name its owner: a server its host or address. For clients both
   * settings must be on. */
  readonly hostnameVerification: boolean
  readonly clientHostnameVerification: boolean
  /** Whether a certificate may also name what the address resolves to. */
  readonly allowReverseDnsLookup: boolean
}

const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3']
/** Java knows these, and no longer offers them either. */
const OLD_VERSIONS: readonly string[] = ['SSLv2Hello', 'SSLv3', 'TLSv1', 'TLSv1.1']
const ALLOWED_VERSIONS = `${VERSIONS.join(' or ')}, with commas between them`

/** The names that Java's SSLContext.getInstance takes: each stands for all versions up to that
 * one. */
export const PROTOCOL: Kind<readonly TlsVersion[]> = {
  allowed: VERSIONS.join(' or '),
  read: (text) => {
    if (text === 'TLS' || text === 'TLSv1.3') return { value: VERSIONS, remark: null }
    if (text === 'TLSv1.2') return { value: ['TLSv1.2'], remark: null }
    if (!OLD_VERSIONS.includes(text)) return null
    return { value: ['TLSv1.2'], remark: 'it is too old to be safe; TLSv1.2 is used' }
  },
}

export const ENABLED_PROTOCOLS: Kind<readonly TlsVersion[]> = {
  allowed: ALLOWED_VERSIONS,
  read: (text) => {
    const names = text.split(',').map((name) => name.trim())
    const old = names.filter((name) => OLD_VERSIONS.includes(name))
    const value = VERSIONS.filter((version) => names.includes(version))
    if (value.length === 0 || value.length + old.length !== new Set(names).size) return null
    const remark = `${old.join(', ')}: too old to be safe, and not offered`
    return { value, remark: old.length > 0 ? remark : null }
  },
}

export const CIPHER_SUITES: Kind<readonly string[]> = strict(
  `names out of ${JAVA_NAMES.join(', ')}`,
  openSslNames,
)

export const CLIENT_AUTH: Kind<ClientAuth> = mapped(oneOf('none', 'want', 'need', ''), (word) =>
  word === '' ? undefined : word,
)

export const STORE_TYPE: Kind<StoreType> = mapped(oneOf(...STORE_TYPES, ''), (word) =>
  word === '' ? undefined : word,
)

/** An empty text counts as not set. */
export const PATH: Kind<string> = mapped(ANY_TEXT, (text) => (text === '' ? undefined : text))

export const PATHS: Kind<readonly string[]> = mapped(ANY_TEXT, (text) =>
  text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== ''),
)

export const DETECTION_MS: Kind<number> = nearest(DECODED_INT, 1)

/** A setting that may be in the file or a system property. `meaning` and `where` are for the tables
 * in docs/settings.md. */
export function row<T>(
  key: string,
  kind: Kind<T>,
  standard: Setting<T>['default'],
  meaning: string,
  where: string,
): Setting<T> {
  return { key, from: 'both', kind, default: standard, where, meaning }
}

export const NONE: { readonly value: null; readonly said: string } = { value: null, said: 'none' }
