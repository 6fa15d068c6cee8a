// The settings of an ensemble: keys of the configuration file, and system properties. A server on
// its own checks them and says that they matter in an ensemble only.

import type { EnsembleSettings } from './ensemble.ts'
import { BOOLEAN, integer, type Kind, oneOf, PORT, YES_NO } from './value-kinds.ts'

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

export interface EnsembleSetting {
  /** Ends the sentence "must be ...". */
  readonly allowed: string
  /** Null when the text is none of the allowed; no remarks otherwise. */
  set(draft: EnsembleDraft, text: string): readonly string[] | null
}

const FINALIZE_MS_MAX = 200
const MINUTE_MS = 60_000

function setting<T>(
  kind: Kind<T>,
  apply: (draft: EnsembleDraft, value: T) => void,
): EnsembleSetting {
  return {
    allowed: kind.allowed,
    set: (draft, text) => {
      const value = kind.parse(text)
      if (value === undefined) return null
      apply(draft, value)
      return []
    },
  }
}

type SettingName = keyof NonNullable<EnsembleDraft['ensembleSettings']>

function named<K extends SettingName>(name: K, kind: Kind<EnsembleSettings[K]>): EnsembleSetting {
  return setting(kind, (draft, value) => {
    draft.ensembleSettings = { ...draft.ensembleSettings, [name]: value }
  })
}

/** Checked, and without effect. */
function checked(kind: Kind<unknown>): EnsembleSetting {
  return setting(kind, () => undefined)
}

export const ENSEMBLE_FILE_SETTINGS: readonly (readonly [string, EnsembleSetting])[] = [
  ['electionAlg', checked(integer(3, 3))],
  [
    'initLimit',
    setting(integer(0), (draft, value) => {
      draft.initLimit = value
    }),
  ],
  [
    'syncLimit',
    setting(integer(0), (draft, value) => {
      draft.syncLimit = value
    }),
  ],
  ['connectToLearnerMasterLimit', named('connectToLearnerMasterLimit', integer(0))],
  ['observerMasterPort', checked(PORT)],
  [
    'peerType',
    setting(oneOf('participant', 'observer'), (draft, value) => {
      draft.peerType = value
    }),
  ],
  ['quorumListenOnAllIPs', named('quorumListenOnAllIPs', BOOLEAN)],
  ['multiAddress.enabled', named('multiAddressEnabled', BOOLEAN)],
  ['syncEnabled', checked(BOOLEAN)],
  ['localSessionsEnabled', checked(BOOLEAN)],
  ['localSessionsUpgradingEnabled', checked(BOOLEAN)],
]

/** By their whole names. */
export const ENSEMBLE_PROPERTY_SETTINGS: readonly (readonly [string, EnsembleSetting])[] = [
  ['zookeeper.multiAddress.enabled', named('multiAddressEnabled', BOOLEAN)],
  ['zookeeper.leaderServes', named('leaderServes', YES_NO)],
  ['zookeeper.electionPortBindRetry', named('electionPortBindRetry', integer(0))],
  ['zookeeper.cnxTimeout', named('cnxTimeoutMs', integer(1))],
  ['zookeeper.fastleader.finalizeWaitMs', named('finalizeMs', integer(0, FINALIZE_MS_MAX))],
  ['zookeeper.fastleader.minNotificationInterval', named('minNotificationMs', integer(1))],
  ['zookeeper.fastleader.maxNotificationInterval', named('maxNotificationMs', integer(1))],
  ['zookeeper.commitLogCount', named('commitLogCount', integer(1))],
  ['zookeeper.ringkeeper.heartbeatMs', named('heartbeatMs', integer(1, MINUTE_MS))],
  ['zookeeper.ringkeeper.silenceMs', named('silenceMs', integer(2, MINUTE_MS))],
]

/** Names, without `zookeeper.`, that ZooKeeper gives to ensembles and that change nothing here:
 * what happens instead. */
export const ENSEMBLE_REMARKS: ReadonlyMap<string, string> = new Map([
  ['observerMasterPort', 'has no effect: observers learn from the leader'],
  ['localSessionsEnabled', 'has no effect: every session is known to all servers'],
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
