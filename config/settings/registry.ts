// Every setting: the chapters put together. A new chapter is named here, once in the list and once
// in the type of what it adds to.

import type { MissingFeature } from '../names/missing-features.ts'
import { ADMIN, type AdminSettings, MISSING_ADMIN } from './admin.ts'
import { AUDIT, type AuditInputs, type AuditSettings } from './audit.ts'
import {
  AUTHENTICATION,
  type AuthenticationInputs,
  type AuthenticationSettings,
} from './authentication.ts'
import { CLIENTS, type ClientSettings } from './clients.ts'
import { CONSOLE, type ConsoleSettings } from './console.ts'
import { DATA, type DataSettings } from './data.ts'
import { ELECTION, type ElectionInputs, type ElectionSettings } from './election.ts'
import { KERBEROS, type KerberosSettings } from './kerberos.ts'
import type { Kind } from './kinds.ts'
import { LOG, type LogSettings } from './log.ts'
import { MEMBERSHIP, type MembershipInputs } from './membership.ts'
import { METRICS, type MetricsSettings, MISSING_METRICS } from './metrics.ts'
import { OPERATORS, type OperatorInputs, type OperatorSettings } from './operators.ts'
import { QUORUM_AUTH, type QuorumAuthInputs } from './quorum-auth.ts'
import { QUORUM_TLS, type QuorumTlsInputs, type QuorumTlsSettings } from './quorum-tls.ts'
import { REPLICATION, type ReplicationInputs, type ReplicationSettings } from './replication.ts'
import { SASL, type SaslInputs, type SaslSettings } from './sasl.ts'
import type { Chapter, Scope, Setting, SettingsOf } from './setting.ts'
import { TELEMETRY, type TelemetrySettings } from './telemetry.ts'
import { type ClientTlsSettings, TLS, type TlsInputs } from './tls.ts'
import { TREE, type TreeSettings } from './tree.ts'

/** In the order of docs/settings.md. */
export const CHAPTERS: readonly Chapter<unknown>[] = [
  MEMBERSHIP,
  DATA,
  CLIENTS,
  TLS,
  LOG,
  TREE,
  AUTHENTICATION,
  SASL,
  KERBEROS,
  AUDIT,
  OPERATORS,
  ADMIN,
  CONSOLE,
  METRICS,
  TELEMETRY,
  REPLICATION,
  ELECTION,
  QUORUM_AUTH,
  QUORUM_TLS,
]

/** Features of ZooKeeper that are missing here. */
export const MISSING_FEATURES: readonly MissingFeature[] = [MISSING_ADMIN, MISSING_METRICS]

/** What every server is given. */
export interface ServerSettings
  extends DataSettings,
    ClientSettings,
    LogSettings,
    TreeSettings,
    AuthenticationSettings,
    SaslSettings,
    KerberosSettings,
    AuditSettings,
    OperatorSettings,
    AdminSettings,
    ConsoleSettings,
    MetricsSettings,
    TelemetrySettings,
    ClientTlsSettings {}

/** What a member of an ensemble is given besides. */
export interface EnsembleSettings
  extends ReplicationSettings,
    ElectionSettings,
    QuorumTlsSettings {}

/** What only the reading of the configuration needs. */
export interface Inputs
  extends MembershipInputs,
    AuthenticationInputs,
    SaslInputs,
    AuditInputs,
    OperatorInputs,
    TlsInputs,
    ReplicationInputs,
    QuorumAuthInputs,
    ElectionInputs,
    QuorumTlsInputs {}

const SERVER: SettingsOf<ServerSettings> = {
  ...DATA.options,
  ...CLIENTS.options,
  ...LOG.options,
  ...TREE.options,
  ...AUTHENTICATION.options,
  ...SASL.options,
  ...KERBEROS.options,
  ...AUDIT.options,
  ...OPERATORS.options,
  ...ADMIN.options,
  ...CONSOLE.options,
  ...METRICS.options,
  ...TELEMETRY.options,
  ...TLS.options,
}

const ENSEMBLE: SettingsOf<EnsembleSettings> = {
  ...REPLICATION.options,
  ...ELECTION.options,
  ...QUORUM_TLS.options,
}

const INPUTS: SettingsOf<Inputs> = {
  ...MEMBERSHIP.inputs,
  ...AUTHENTICATION.inputs,
  ...SASL.inputs,
  ...AUDIT.inputs,
  ...OPERATORS.inputs,
  ...TLS.inputs,
  ...REPLICATION.inputs,
  ...QUORUM_AUTH.inputs,
  ...ELECTION.inputs,
  ...QUORUM_TLS.inputs,
}

export const SERVER_DEFAULTS: ServerSettings = defaultsOf(SERVER)
export const ENSEMBLE_DEFAULTS: EnsembleSettings = defaultsOf(ENSEMBLE)
export const INPUT_DEFAULTS: Inputs = defaultsOf(INPUTS)

type Mutable<T> = { -readonly [K in keyof T]?: T[K] }

/** What somebody has written for a setting, and where: `zoo.cfg:12`, or a flag. */
export interface Given {
  readonly text: string
  readonly origin: string
}

/** What has been set so far. What is missing gets its default. */
export interface Draft {
  /** Where each value comes from, by the setting's key. */
  readonly given: Map<string, Given>
  readonly server: Mutable<ServerSettings>
  readonly ensemble: Mutable<EnsembleSettings>
  readonly inputs: Mutable<Inputs>
}

/** A setting under one of its names. */
export interface NamedSetting {
  readonly setting: Setting<unknown>
  readonly scope: Scope
  readonly kind: Kind<unknown>
  /** Notes a value that has been read. */
  set(draft: Draft, value: unknown): void
}

/** Keys that only the configuration file has. */
export const FILE_SETTINGS: ReadonlyMap<string, NamedSetting> = named(({ key, from, kind }) =>
  from === 'file' ? [[key, kind]] : [],
)

/** System properties by their full names. Among several names of one setting, the last has
 * precedence. */
export const PROPERTY_SETTINGS: ReadonlyMap<string, NamedSetting> = named(
  ({ key, from, kind, asProperty, aliases = [] }) => {
    if (from === 'property') return [[key, kind]]
    const proper = `zookeeper.${key}`
    if (from === 'file') return asProperty === undefined ? [] : [[proper, asProperty]]
    return [...aliases, proper].map((name): [string, Kind<unknown>] => [name, kind])
  },
)

function named(
  names: (setting: Setting<unknown>) => [string, Kind<unknown>][],
): Map<string, NamedSetting> {
  const found = new Map<string, NamedSetting>()
  for (const { scope, options, inputs } of CHAPTERS) {
    const part = scope === 'server' ? 'server' : 'ensemble'
    for (const [into, settings] of [
      [part, options],
      ['inputs', inputs],
    ] as const) {
      for (const [option, setting] of Object.entries<Setting<unknown>>(settings)) {
        const set = (draft: Draft, value: unknown): void => {
          Object.assign(draft[into], { [option]: value })
        }
        for (const [name, kind] of names(setting)) found.set(name, { setting, scope, kind, set })
      }
    }
  }
  return found
}

/** Throws if a default cannot be read as its own kind. */
function defaultsOf<Options>(settings: SettingsOf<Options>): Options {
  const entries = Object.entries<Setting<unknown>>(settings as SettingsOf<Record<string, unknown>>)
  const values = entries.map(([option, { key, kind, default: text }]) => {
    if (typeof text !== 'string') return [option, text.value]
    const reading = kind.read(text)
    if (reading?.value === undefined) throw new Error(`${key}: the default ${text} is no value`)
    return [option, reading.value]
  })
  return Object.fromEntries(values) as Options
}
