// Settings of SASL for clients, and of who must authenticate. config/logins.ts makes options out of
// those that need the login configuration.

import type { KerberosLogin } from './kerberos.ts'
import { ANY_TEXT, type Kind, mapped, SWITCH, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface SaslSettings {
  /** Whether a client stays connected, without an identity, if it fails to authenticate with SASL. */
  readonly allowSaslFailedClients: boolean
}

/** Passwords by user. */
export type Passwords = ReadonlyMap<string, string>

export interface SaslOptions {
  /** For DIGEST-MD5 with clients. If there is no login for Kerberos either, nobody can authenticate by
   * SASL. */
  readonly saslLogin: Passwords | null
  /** For GSSAPI with clients. */
  readonly saslKerberos: KerberosLogin | null
  /** Whether access lists may have the scheme `sasl`. */
  readonly saslProvider: boolean
  readonly saslSuperUsers: ReadonlySet<string>
  /** Every client has to prove an identity of one of these schemes; null: none has to. */
  readonly requiredSchemes: ReadonlySet<string> | null
}

export interface SaslInputs {
  /** A JAAS file; null for none. */
  readonly loginConfig: string | null
  /** The name of its section for clients. */
  readonly saslServerconfig: string
  /** The password of the user `super`, instead of the one in the section. */
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
      meaning: 'Users who are the superuser once they have authenticated with SASL.',
    },
  ],
  options: {
    allowSaslFailedClients: {
      key: 'allowSaslFailedClients',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/net',
      meaning: 'A client that fails to authenticate with SASL may stay, without an identity.',
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
        'A JAAS file. Clients authenticate with DIGEST-MD5 as the users of its section `Server`, ' +
        '`user_NAME="password"`, or with Kerberos to its `Krb5LoginModule`.',
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
      meaning: 'Clients may do nothing before they have authenticated with SASL.',
    },
    enforceAuth: {
      key: 'enforce.auth.enabled',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'config',
      meaning:
        'Clients may do nothing before they have proven an identity of one of the schemes below.',
    },
    enforceAuthSchemes: {
      key: 'enforce.auth.schemes',
      from: 'both',
      kind: SCHEMES,
      default: '',
      where: 'config',
      meaning: 'The schemes, out of `digest`, `ip` and `sasl`, with commas between them.',
    },
  },
}
