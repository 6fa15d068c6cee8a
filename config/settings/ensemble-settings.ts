// The settings of an ensemble: keys of the configuration file, and system properties. A server on
// its own checks them and says that they matter in an ensemble only.

import { ENSEMBLE_DEFAULTS, type EnsembleSettings } from '../ensemble/ensemble.ts'
import {
  ANY_INTEGER,
  BOOLEAN,
  DECODED_INT,
  decimal,
  FRACTION,
  INT_MAX,
  integer,
  type Kind,
  oneOf,
  SWITCH,
  UNLESS_NO,
} from './kinds.ts'
import { type Setting, setting, within } from './setting.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What has been set so far. */
export interface EnsembleDraft {
  initLimit?: number
  syncLimit?: number
  peerType?: 'participant' | 'observer'
  dynamicConfigFile?: string
  standaloneEnabled?: boolean
  ensembleSettings?: Partial<Mutable<Omit<EnsembleSettings, 'initLimit' | 'syncLimit'>>>
}

type EnsembleSetting = Setting<EnsembleDraft>

const FINALIZE_MS_MAX = 200
const MINUTE_MS = 60_000
const BIND_RETRY = ENSEMBLE_DEFAULTS.electionPortBindRetry
const COMMITS_MIN = ENSEMBLE_DEFAULTS.commitLogCount

const ELECTION: Kind<number> = {
  allowed: '3: since ZooKeeper 3.6 there is no other election',
  parse: integer(3, 3).parse,
}

function plain(value: number): { value: number; remark: undefined } {
  return { value, remark: undefined }
}

function positive(given: number): { value: number; remark: string | undefined } {
  return within(given, 1, INT_MAX)
}

type SettingName = keyof NonNullable<EnsembleDraft['ensembleSettings']>
type NumberName = Exclude<
  { [K in SettingName]: EnsembleSettings[K] extends number ? K : never }[SettingName],
  undefined
>

function named<K extends SettingName>(name: K, kind: Kind<EnsembleSettings[K]>): EnsembleSetting {
  return setting(kind, (draft, value) => {
    draft.ensembleSettings = { ...draft.ensembleSettings, [name]: value }
    return undefined
  })
}

/** A number that may be anything, of which `use` makes one that can be. */
function any<K extends NumberName>(
  name: K,
  kind: Kind<number>,
  use: (value: number) => { value: number; remark: string | undefined },
): EnsembleSetting {
  return setting(kind, (draft, given) => {
    const { value, remark } = use(given)
    draft.ensembleSettings = { ...draft.ensembleSettings, [name]: value }
    return remark
  })
}

/** Ticks: ZooKeeper takes any number, and an ensemble with less than one cannot be. */
function ticks(name: 'initLimit' | 'syncLimit'): EnsembleSetting {
  return setting(ANY_INTEGER, (draft, value) => {
    draft[name] = value
    return undefined
  })
}

/** Checked, and without effect. */
function checked(kind: Kind<unknown>): EnsembleSetting {
  return setting(kind, () => undefined)
}

export const ENSEMBLE_FILE_SETTINGS: readonly (readonly [string, EnsembleSetting])[] = [
  ['electionAlg', checked(ELECTION)],
  ['initLimit', ticks('initLimit')],
  ['syncLimit', ticks('syncLimit')],
  // Nothing below 1 is a limit of its own.
  [
    'connectToLearnerMasterLimit',
    any('connectToLearnerMasterLimit', ANY_INTEGER, (given) => plain(Math.max(0, given))),
  ],
  ['observerMasterPort', checked(ANY_INTEGER)],
  [
    'peerType',
    setting(oneOf('participant', 'observer'), (draft, value) => {
      draft.peerType = value
      return undefined
    }),
  ],
  ['quorumListenOnAllIPs', named('quorumListenOnAllIPs', BOOLEAN)],
  ['multiAddress.enabled', named('multiAddressEnabled', BOOLEAN)],
  ['syncEnabled', checked(BOOLEAN)],
  ['localSessionsEnabled', named('localSessionsEnabled', BOOLEAN)],
  ['localSessionsUpgradingEnabled', checked(BOOLEAN)],
]

/** By their whole names. */
export const ENSEMBLE_PROPERTY_SETTINGS: readonly (readonly [string, EnsembleSetting])[] = [
  ['zookeeper.multiAddress.enabled', named('multiAddressEnabled', SWITCH)],
  ['zookeeper.leaderServes', named('leaderServes', UNLESS_NO)],
  [
    'zookeeper.electionPortBindRetry',
    any('electionPortBindRetry', DECODED_INT, (given) =>
      given >= 0
        ? plain(given)
        : { value: BIND_RETRY, remark: `less than 0 means ${BIND_RETRY}, as with ZooKeeper` },
    ),
  ],
  // 0 is no limit.
  [
    'zookeeper.cnxTimeout',
    any('cnxTimeoutMs', integer(0), (given) => plain(given === 0 ? INT_MAX : given)),
  ],
  ['zookeeper.fastleader.finalizeWaitMs', named('finalizeWaitMs', integer(0, FINALIZE_MS_MAX))],
  [
    'zookeeper.fastleader.minNotificationInterval',
    any('minNotificationIntervalMs', DECODED_INT, positive),
  ],
  [
    'zookeeper.fastleader.maxNotificationInterval',
    any('maxNotificationIntervalMs', DECODED_INT, positive),
  ],
  [
    'zookeeper.commitLogCount',
    any('commitLogCount', decimal('int'), (given) => within(given, COMMITS_MIN, INT_MAX)),
  ],
  ['zookeeper.snapshotSizeFactor', named('snapshotSizeFactor', FRACTION)],
  ['zookeeper.ringkeeper.heartbeatMs', named('heartbeatMs', integer(1, MINUTE_MS))],
  ['zookeeper.ringkeeper.silenceMs', named('silenceMs', integer(2, MINUTE_MS))],
]

/** Names, without `zookeeper.`, that ZooKeeper gives to ensembles and that change nothing here:
 * what happens instead. */
export const ENSEMBLE_REMARKS: ReadonlyMap<string, string> = new Map([
  ['observerMasterPort', 'has no effect: observers learn from the leader'],
  [
    'localSessionsEnabled',
    'has an effect in read-only mode alone: else every session is known to all servers',
  ],
  ['localSessionsUpgradingEnabled', 'has no effect: every session is known to all servers'],
  ['oraclePath', 'is not supported and has no effect'],
  ['portUnification', 'is not supported yet: members talk to each other without TLS'],
  ['syncEnabled', 'has no effect: observers always keep a log'],
])

/** Switches that keep strangers out of an ensemble. Not supported yet: an ensemble that asks for
 * one does not start without it. */
export const ENSEMBLE_SAFETY: ReadonlySet<string> = new Set([
  'sslQuorum',
  'quorum.auth.enableSasl',
  'quorum.auth.serverRequireSasl',
  'quorum.auth.learnerRequireSasl',
])
