// Settings of authentication: how clients prove who they are, and how session passwords are made.

import { ANY_TEXT, type Kind, mapped, oneOf, SECRET, SWITCH } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface AuthenticationSettings {
  /** `user:base64(hash)` of the superuser; null for none. */
  readonly superDigest: string | null
  /** Whether the admin server believes a proxy whose address a client has. */
  readonly useXForwardedFor: boolean
  readonly digestAuthEnabled: boolean
  /** The hash's name in node:crypto. */
  readonly digestAlg: string
  /** Session passwords are made from this secret; null: as in ZooKeeper, from the session's id
   * alone. */
  readonly sessionSecret: string | null
}

export interface AuthenticationInputs {
  /** The names that a client may give; null: any. */
  readonly ensembleAuthName: ReadonlySet<string> | null
}

/** Java's names of hashes, and node:crypto's names for them. */
const DIGEST_NAMES: Readonly<Record<string, string>> = {
  SHA1: 'sha1',
  'SHA-1': 'sha1',
  SHA: 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA-512/224': 'sha512-224',
  'SHA-512/256': 'sha512-256',
  'SHA3-224': 'sha3-224',
  'SHA3-256': 'sha3-256',
  'SHA3-384': 'sha3-384',
  'SHA3-512': 'sha3-512',
  MD5: 'md5',
}

const DIGEST: Kind<string> = mapped(
  oneOf(...Object.keys(DIGEST_NAMES)),
  (name) => DIGEST_NAMES[name],
)

const NAMES: Kind<ReadonlySet<string>> = mapped(
  ANY_TEXT,
  (text) => new Set(text.split(',').map((name) => name.trim())),
)

export const AUTHENTICATION: Chapter<AuthenticationSettings, AuthenticationInputs> = {
  title: 'Authentication',
  scope: 'server',
  options: {
    digestAuthEnabled: {
      key: 'DigestAuthenticationProvider.enabled',
      from: 'both',
      kind: SWITCH,
      default: 'true',
      where: 'runtime/net',
      meaning: 'The scheme `digest`.',
    },
    digestAlg: {
      key: 'DigestAuthenticationProvider.digestAlg',
      from: 'both',
      kind: DIGEST,
      default: 'SHA1',
      where: 'runtime/net',
      meaning: 'SHA1, SHA-256, SHA-384, SHA-512, SHA3-256 or MD5.',
    },
    superDigest: {
      key: 'DigestAuthenticationProvider.superDigest',
      from: 'both',
      kind: mapped(ANY_TEXT, (text) => (text === '' ? null : text)),
      default: { value: null, said: 'none' },
      where: 'runtime/net',
      meaning: '`user:base64(hash)` of the superuser.',
    },
    useXForwardedFor: {
      key: 'IPAuthenticationProvider.usexforwardedfor',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/admin',
      meaning:
        'For the admin server a client’s address is the first in `X-Forwarded-For`. Whoever ' +
        'connects can write that header: only behind a proxy that replaces it.',
    },
    sessionSecret: {
      key: 'ringkeeper.sessionSecret',
      from: 'both',
      kind: SECRET,
      default: { value: null, said: 'none' },
      where: 'runtime',
      meaning:
        'At least 16 characters, the same on all servers. Session passwords are then made from it, ' +
        'and not from the ids of sessions alone. A session can move only to a server with the same ' +
        "secret, so none of the servers may be ZooKeeper's. If it changes, open sessions end.",
    },
  },
  inputs: {
    ensembleAuthName: {
      key: 'ensembleAuthName',
      from: 'both',
      kind: NAMES,
      default: { value: null, said: 'any' },
      where: 'config',
      meaning:
        'Names of this ensemble, for clients that say which ensemble they mean. It needs ' +
        '`authProvider.1=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider`.',
    },
  },
}
