// Every setting of a server in one frozen object: the result of zoo.cfg, system properties and
// flags. Nothing reads a setting anywhere else. The settings themselves are in config/settings/;
// here they are put together.

import type { EnsembleOptions } from './ensemble/ensemble.ts'
import type { QuorumAuthOptions } from './settings/quorum-auth.ts'
import { type Given, SERVER_DEFAULTS, type ServerSettings } from './settings/registry.ts'
import type { SaslOptions } from './settings/sasl.ts'
import type { TlsSettings } from './settings/ssl.ts'

export interface ServerOptions extends ServerSettings, SaslOptions {
  /** The server's id: from the file `myid`; 1 for a standalone server. */
  readonly serverId: number
  /** Null for a standalone server. */
  readonly ensemble: EnsembleOptions | null
  /** The scheme `x509`, for access lists. */
  readonly x509Provider: boolean
  /** The scheme `ensemble`: null if it is off. Without names, every client is in the right place. */
  readonly ensembleAuth: { readonly names: ReadonlySet<string> | null } | null
  /** How the members of the ensemble prove who they are to each other; null: nobody does. */
  readonly quorumAuth: QuorumAuthOptions | null
  /** For HTTPS of the admin server; null without. */
  readonly adminTls: TlsSettings | null
  /** Whether the admin server uses what replaces its certificates. */
  readonly adminReloadsCertFiles: boolean
  readonly fourLetterWords: ReadonlySet<string>
  /** The configuration's own text; empty if there is none. */
  readonly configurationText: string
  /** What was written for each setting, and where, by the setting's key. */
  readonly given: ReadonlyMap<string, Given>
  /** The file it is from; null if there is none. */
  readonly configurationPath: string | null
}

export const DEFAULTS: ServerOptions = {
  ...SERVER_DEFAULTS,
  serverId: 1,
  ensemble: null,
  x509Provider: false,
  ensembleAuth: null,
  quorumAuth: null,
  saslLogin: null,
  saslKerberos: null,
  saslProvider: false,
  saslSuperUsers: new Set(),
  requiredSchemes: null,
  adminTls: null,
  adminReloadsCertFiles: false,
  fourLetterWords: new Set(['srvr']),
  configurationText: '',
  given: new Map(),
  configurationPath: null,
}
