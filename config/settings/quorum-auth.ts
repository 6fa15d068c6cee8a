// Settings of SASL between the members of an ensemble. Those that need the login configuration are
// put together in config/logins.ts.

import type { KerberosLogin } from './kerberos.ts'
import { BOOLEAN, type Kind, strict, TEXT } from './kinds.ts'
import type { Passwords } from './sasl.ts'
import type { Chapter } from './setting.ts'

/** How members prove who they are. */
export interface QuorumAuthOptions {
  /** Where others dial this server: the users that it lets in, or the service that they need a ticket for. */
  readonly server: { readonly users: Passwords } | { readonly kerberos: KerberosLogin }
  /** Who this server is where it dials others. */
  readonly learner: { readonly user: string; readonly password: string } | QuorumTickets
  /** Whether this server authenticates where it dials others. */
  readonly learnerRequires: boolean
  /** Whether nobody is let in without a proof. */
  readonly serverRequires: boolean
}

export interface QuorumTickets {
  readonly kerberos: KerberosLogin
  /** Whom the tickets are for, such as `zkquorum/_HOST`: the host in the other's `server.N` line. */
  readonly servicePrincipal: string
}

/** Whether any of it is with Kerberos. */
export function usesKerberos(options: QuorumAuthOptions | null): options is QuorumAuthOptions {
  return options !== null && ('kerberos' in options.server || 'kerberos' in options.learner)
}

export interface QuorumAuthInputs {
  readonly enableSasl: boolean
  readonly learnerRequireSasl: boolean
  readonly serverRequireSasl: boolean
  readonly learnerSaslLoginContext: string
  readonly serverSaslLoginContext: string
  readonly kerberosServicePrincipal: string
}

const SERVICE_PRINCIPAL: Kind<string> = strict(
  'a principal such as zkquorum/host or zkquorum/_HOST, perhaps with @REALM',
  (text) => (/^[^/@\s]+\/[^/@\s]+(@[^/@\s]+)?$/.test(text) ? text : undefined),
)

export const QUORUM_AUTH: Chapter<unknown, QuorumAuthInputs> = {
  title: 'SASL between members',
  scope: 'ensemble',
  options: {},
  inputs: {
    enableSasl: {
      key: 'quorum.auth.enableSasl',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'config',
      meaning:
        'Members may prove who they are, with DIGEST-MD5 or Kerberos, on both of their ports.',
    },
    learnerRequireSasl: {
      key: 'quorum.auth.learnerRequireSasl',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'config',
      meaning: 'This member proves who it is when it connects to another.',
    },
    serverRequireSasl: {
      key: 'quorum.auth.serverRequireSasl',
      from: 'file',
      kind: BOOLEAN,
      default: 'false',
      where: 'config',
      meaning: 'This member refuses members that do not prove who they are.',
    },
    learnerSaslLoginContext: {
      key: 'quorum.auth.learner.saslLoginContext',
      from: 'file',
      kind: TEXT,
      default: 'QuorumLearner',
      where: 'config',
      meaning:
        'The section of the JAAS file with `username` and `password`, or with a `Krb5LoginModule`.',
    },
    serverSaslLoginContext: {
      key: 'quorum.auth.server.saslLoginContext',
      from: 'file',
      kind: TEXT,
      default: 'QuorumServer',
      where: 'config',
      meaning: 'The section with `user_NAME="password"`, or with a `Krb5LoginModule`.',
    },
    kerberosServicePrincipal: {
      key: 'quorum.auth.kerberos.servicePrincipal',
      from: 'file',
      kind: SERVICE_PRINCIPAL,
      default: 'zkquorum/localhost',
      where: 'config',
      meaning:
        'Whom a member asks Kerberos for a ticket for; `_HOST` is the host in the `server.N` line ' +
        'of the member that it dials.',
    },
  },
}
