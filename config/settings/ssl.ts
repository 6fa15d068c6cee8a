// Settings of TLS that clients' ports and the servers' own have alike, under different prefixes (X509Util):
// where key and certificates are, what may be negotiated, what the other side has to prove.

import { JAVA_NAMES, openSslNames } from '../tls/cipher-suites.ts'
import { ANY_TEXT, DECODED_INT, type Kind, mapped, nearest, oneOf, strict } from './kinds.ts'
import type { Setting } from './setting.ts'

export const STORE_TYPES = ['JKS', 'PEM', 'PKCS12'] as const
export type StoreType = (typeof STORE_TYPES)[number]
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'
export type ClientAuth = 'none' | 'want' | 'need'

/** A file with keys or certificates. */
export interface StoreSettings {
  /** Null: there is none. */
  readonly location: string | null
  /** Counts when there is no `passwordPath`. */
  readonly password: string | null
  /** A file whose first line it is. */
  readonly passwordPath: string | null
  /** Null: by the file's name. */
  readonly type: StoreType | null
}

/** Of one side of connections, wherever its settings stand. */
export interface TlsSettings {
  /** What the names of these settings begin with, for messages. */
  readonly prefix: 'ssl' | 'ssl.quorum'
  readonly keyStore: StoreSettings
  readonly trustStore: StoreSettings
  /** From the first to the last, with none between left out. */
  readonly versions: readonly TlsVersion[]
  /** OpenSSL's names, in order of preference; null for the defaults. */
  readonly ciphers: readonly string[] | null
  readonly clientAuth: ClientAuth
  /** Certificates may be revoked: lists say so. */
  readonly crl: boolean
  /** Files of such lists besides those in the trust store. */
  readonly crlLocations: readonly string[]
  /** Whether a server's certificate has to name it, and a client's its address. */
  readonly hostnameVerification: boolean
  readonly clientHostnameVerification: boolean
  /** Whether a name that an address resolves to counts as well. */
  readonly allowReverseDnsLookup: boolean
}

const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3']
/** Of Java, which does not offer them any more either. */
const OLD_VERSIONS: readonly string[] = ['SSLv2Hello', 'SSLv3', 'TLSv1', 'TLSv1.1']
const ALLOWED_VERSIONS = `${VERSIONS.join(' or ')}, with commas between them`

/** What SSLContext.getInstance takes: up to which version. */
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

/** No text is as if it were not there. */
export const PATH: Kind<string> = mapped(ANY_TEXT, (text) => (text === '' ? undefined : text))

export const PATHS: Kind<readonly string[]> = mapped(ANY_TEXT, (text) =>
  text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== ''),
)

export const DETECTION_MS: Kind<number> = nearest(DECODED_INT, 1)

/** A row: the same for clients and servers but for the prefix. */
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
