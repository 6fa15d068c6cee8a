// Settings of SASL for clients, and of who must have proven something. What of them needs the login
// configuration is put together in config/logins.ts.

import type { MissingFeature } from '../names/missing-features.ts'
import { ANY_TEXT, type Kind, mapped, SWITCH, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface SaslSettings {
  /** A client whose proof by SASL fails stays, as nobody in particular. */
  readonly allowSaslFailedClients: boolean
}

/** Passwords by user. */
export type Passwords = ReadonlyMap<string, string>

export interface SaslOptions {
  /** For DIGEST-MD5 with clients; null: nobody can authenticate by SASL. */
  readonly saslLogin: Passwords | null
  /** The scheme `sasl`, for access lists. */
  readonly saslProvider: boolean
  readonly saslSuperUsers: ReadonlySet<string>
  /** Of one of these everybody has to prove an identity; null: nobody has to. */
  readonly requiredSchemes: ReadonlySet<string> | null
}

export interface SaslInputs {
  /** A JAAS file; null for none. */
  readonly loginConfig: string | null
  /** The section of it that is for clients. */
  readonly saslServerconfig: string
  /** Of the user `super`, in the place of the one in the section. */
  readonly superPassword: string | null
  readonly sessionRequireClientSaslAuth: boolean
  readonly enforceAuth: boolean
  readonly enforceAuthSchemes: ReadonlySet<string>
}

export const LOGIN_CONFIGURATION = 'java.security.auth.login.config'

const SCHEMES: Kind<ReadonlySet<string>> = mapped(
  ANY_TEXT,
  (text) =>
    new Set(
      text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    ),
)

export const SASL: Chapter<SaslSettings, SaslInputs> = {
  title: 'SASL, and who must authenticate',
  scope: 'server',
  more: [
    {
      key: '`superUser` `superUser.N`',
      meaning: 'Users who are the superuser once they have authenticated by SASL.',
    },
  ],
  options: {
    allowSaslFailedClients: {
      key: 'allowSaslFailedClients',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/net',
      meaning: 'A client whose proof by SASL fails may stay, without an identity.',
    },
  },
  inputs: {
    loginConfig: {
      key: LOGIN_CONFIGURATION,
      from: 'property',
      kind: TEXT,
      default: { value: null, said: 'none' },
      where: 'config',
      meaning:
        'A JAAS file. Clients authenticate by DIGEST-MD5 as the users of its section `Server`, ' +
        '`user_NAME="password"`.',
    },
    saslServerconfig: {
      key: 'sasl.serverconfig',
      from: 'both',
      kind: TEXT,
      default: 'Server',
      where: 'config',
      meaning: 'The name of that section.',
    },
    superPassword: {
      key: 'SASLAuthenticationProvider.superPassword',
      from: 'both',
      kind: TEXT,
      default: { value: null, said: 'none' },
      where: 'config',
      meaning: 'The password of the user `super`, if the section has that user.',
    },
    sessionRequireClientSaslAuth: {
      key: 'sessionRequireClientSASLAuth',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'config',
      meaning: 'Clients that have not authenticated by SASL may do nothing else.',
    },
    enforceAuth: {
      key: 'enforce.auth.enabled',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'config',
      meaning: 'The same for the schemes below: an identity of one of them is needed.',
    },
    enforceAuthSchemes: {
      key: 'enforce.auth.schemes',
      from: 'both',
      kind: SCHEMES,
      default: '',
      where: 'config',
      meaning: 'Of `digest`, `ip`, `sasl`, those that are on; with commas.',
    },
  },
}

export const MISSING_KERBEROS: MissingFeature = {
  names: 'kerberos. security. requireKerberosConfig',
  asked: (values) => values.get('requireKerberosConfig') === 'true' || values.size > 1,
  problem: 'no client can authenticate by Kerberos (GSSAPI)',
}
