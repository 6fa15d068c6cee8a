// Settings of Kerberos, for clients and between members. The logins are in the login configuration
// (config/kerberos.ts).

import { identities, RulesError } from '../../protocol/sasl/kerberos-name.ts'
import { type Kind, SWITCH, strict, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface KerberosSettings {
  /** krb5.conf; null: the system's. */
  readonly krb5Conf: string | null
  /** Rules from principals to names: see protocol/sasl/kerberos-name.ts. */
  readonly authToLocal: string
  readonly kerberosRemoveHostFromPrincipal: boolean
  readonly kerberosRemoveRealmFromPrincipal: boolean
}

/** Who logs in, and with what. */
export interface KerberosLogin {
  /** Null: any in the key table, or the first in the ticket cache. */
  readonly principal: string | null
  /** A file; null: the system's. */
  readonly keyTab: string | null
  /** A file; empty: the system's; null: tickets come by the key. */
  readonly ticketCache: string | null
}

export const KERBEROS_CONFIGURATION = 'java.security.krb5.conf'

const RULES: Kind<string> = strict(
  'rules such as RULE:[1:$1@$0](.*@EXAMPLE.COM)s/@.*// and DEFAULT, with blanks between them',
  (text) => {
    try {
      identities({ authToLocal: text, removeHost: false, removeRealm: false })
      return text
    } catch (error) {
      if (!(error instanceof RulesError)) throw error
      return undefined
    }
  },
)

export const KERBEROS: Chapter<KerberosSettings> = {
  title: 'Kerberos',
  scope: 'server',
  options: {
    krb5Conf: {
      key: KERBEROS_CONFIGURATION,
      from: 'property',
      kind: TEXT,
      default: { value: null, said: "the system's" },
      where: 'runtime/kerberos',
      meaning: 'The file `krb5.conf`.',
    },
    authToLocal: {
      key: 'security.auth_to_local',
      from: 'both',
      kind: RULES,
      default: 'DEFAULT',
      where: 'runtime/kerberos',
      meaning: 'Rules that make a name out of a principal.',
    },
    kerberosRemoveHostFromPrincipal: {
      key: 'kerberos.removeHostFromPrincipal',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/kerberos',
      meaning: 'The identity of `name/host@REALM` has no host.',
    },
    kerberosRemoveRealmFromPrincipal: {
      key: 'kerberos.removeRealmFromPrincipal',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'runtime/kerberos',
      meaning: 'The identity of `name/host@REALM` has no realm.',
    },
  },
  inputs: {},
}
