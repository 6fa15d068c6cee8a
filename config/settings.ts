// The settings that take effect: ZooKeeper's names, what each may be, and what it sets.
//
// Two tables, because ZooKeeper has two: the keys that only its configuration file knows, and Java
// system properties, which the file reaches too (its key K, if it is none of the first table, is
// the property zookeeper.K).

import {
  ENSEMBLE_FILE_SETTINGS,
  ENSEMBLE_PROPERTY_SETTINGS,
  type EnsembleDraft,
} from './ensemble-settings.ts'
import { FOUR_LETTER_WORDS } from './four-letter-names.ts'
import {
  GLOBAL_OUTSTANDING_MAX,
  JUTE_BUFFER_MAX,
  JUTE_BUFFER_MIN,
  SNAP_COUNT_MIN,
  SNAPSHOTS_KEPT_MIN,
} from './limits.ts'
import type { ServerOptions } from './options.ts'
import { suggest } from './suggest.ts'
import { BOOLEAN, integer, interval, type Kind, oneOf, PORT, TEXT, YES_NO } from './value-kinds.ts'

type Mutable<T> = { -readonly [K in keyof T]?: T[K] }

/** What has been set so far; an option that is missing gets its default. */
export interface Draft extends Mutable<Omit<ServerOptions, 'ensemble'>>, EnsembleDraft {
  secureClientPort?: number
  readOnlyMode?: boolean
  whitelist?: string
}

export interface Setting {
  /** Ends the sentence "must be ...". */
  readonly allowed: string
  /** Null when the text is none of the allowed; otherwise remarks, mostly none. */
  set(draft: Draft, text: string): readonly string[] | null
}

function setting<T>(kind: Kind<T>, apply: (draft: Draft, value: T) => string | undefined): Setting {
  return {
    allowed: kind.allowed,
    set: (draft, text) => {
      const value = kind.parse(text)
      if (value === undefined) return null
      const remark = apply(draft, value)
      return remark === undefined ? [] : [remark]
    },
  }
}

/** Sets one option to the value as it is. */
function option<K extends keyof Draft>(
  name: K,
  kind: Kind<Exclude<Draft[K], undefined | null>>,
): Setting {
  return setting(kind, (draft, value) => {
    draft[name] = value
    return undefined
  })
}

/** -1 stands for the default. */
function sessionTimeout(name: 'minSessionTimeoutMs' | 'maxSessionTimeoutMs'): Setting {
  return setting(integer(-1), (draft, value) => {
    if (value > 0) draft[name] = value
    return undefined
  })
}

/** Nothing below 1 is a limit. */
function kilobytes(
  name: 'preAllocBytes' | 'snapSizeLimitBytes' | 'txnLogSizeLimitBytes',
  min: number,
): Setting {
  return setting(integer(min), (draft, value) => {
    draft[name] = value <= 0 ? -1 : value * 1024
    return undefined
  })
}

const DIGESTS = { SHA1: 'sha1', 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-512': 'sha512' } as const
const MORE_DIGESTS = { MD5: 'md5', 'SHA-384': 'sha384', 'SHA3-256': 'sha3-256' } as const
const DIGEST_NAMES: Readonly<Record<string, string>> = { ...DIGESTS, ...MORE_DIGESTS }

/** Keys of the configuration file alone. */
export const FILE_SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['dataDir', option('dataDir', TEXT)],
  ['dataLogDir', option('dataLogDir', TEXT)],
  ['clientPort', option('clientPort', PORT)],
  ['clientPortAddress', option('clientPortAddress', TEXT)],
  ['clientPortListenBacklog', option('clientPortListenBacklog', integer(-1))],
  ['secureClientPort', option('secureClientPort', PORT)],
  ['tickTime', option('tickTimeMs', integer(1))],
  ['maxClientCnxns', option('maxClientCnxns', integer(0))],
  ['minSessionTimeout', sessionTimeout('minSessionTimeoutMs')],
  ['maxSessionTimeout', sessionTimeout('maxSessionTimeoutMs')],
  ['reconfigEnabled', option('reconfigEnabled', BOOLEAN)],
  ['standaloneEnabled', option('standaloneEnabled', BOOLEAN)],
  ['dynamicConfigFile', option('dynamicConfigFile', TEXT)],
  [
    'autopurge.snapRetainCount',
    setting(integer(0), (draft, value) => {
      draft.snapRetainCount = Math.max(value, SNAPSHOTS_KEPT_MIN)
      if (value >= SNAPSHOTS_KEPT_MIN) return undefined
      return `${SNAPSHOTS_KEPT_MIN} snapshots are kept: fewer would not survive a damaged one`
    }),
  ],
  [
    'autopurge.purgeInterval',
    setting(interval('h'), (draft, value) => {
      draft.purge = value > 0
      return undefined
    }),
  ],
  ...ENSEMBLE_FILE_SETTINGS,
])

/** System properties by their whole names. */
export const PROPERTY_SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['jute.maxbuffer', option('juteMaxBuffer', integer(JUTE_BUFFER_MIN, JUTE_BUFFER_MAX))],
  ['zookeeper.jute.maxbuffer.extrasize', option('juteExtraSize', integer(0, JUTE_BUFFER_MAX))],
  ['readonlymode.enabled', option('readOnlyMode', BOOLEAN)],
  ['znode.container.checkIntervalMs', option('containerCheckIntervalMs', integer(1))],
  ['znode.container.maxPerMinute', option('containerMaxPerMinute', integer(1))],
  ['znode.container.maxNeverUsedIntervalMs', option('containerMaxNeverUsedIntervalMs', integer(0))],
  // The bare name wins, as with ZooKeeper: of two, the later in this table is applied last.
  ['zookeeper.fsync.warningthresholdms', option('fsyncWarningMs', integer(0))],
  ['fsync.warningthresholdms', option('fsyncWarningMs', integer(0))],
  ['zookeeper.4lw.commands.whitelist', option('whitelist', { allowed: 'words', parse: (t) => t })],
  ['zookeeper.maxCnxns', option('maxCnxns', integer(0))],
  ['zookeeper.nio.sessionlessCnxnTimeout', option('sessionlessTimeoutMs', integer(1))],
  ['zookeeper.clientTcpKeepAlive', option('clientTcpKeepAlive', BOOLEAN)],
  [
    'zookeeper.globalOutstandingLimit',
    setting(integer(1), (draft, value) => {
      draft.globalOutstandingLimit = Math.min(value, GLOBAL_OUTSTANDING_MAX)
      if (value <= GLOBAL_OUTSTANDING_MAX) return undefined
      return `at most ${GLOBAL_OUTSTANDING_MAX} requests may be on their way; that is used`
    }),
  ],
  [
    'zookeeper.snapCount',
    setting(integer(1), (draft, value) => {
      draft.snapCount = Math.max(value, SNAP_COUNT_MIN)
      return value < SNAP_COUNT_MIN ? `${SNAP_COUNT_MIN} is the least; that is used` : undefined
    }),
  ],
  ['zookeeper.snapSizeLimitInKb', kilobytes('snapSizeLimitBytes', -1)],
  ['zookeeper.preAllocSize', kilobytes('preAllocBytes', 1)],
  ['zookeeper.txnLogSizeLimitInKb', kilobytes('txnLogSizeLimitBytes', -1)],
  [
    'zookeeper.snapshot.compression.method',
    setting(oneOf('', 'gz', 'snappy'), (draft, value) => {
      draft.snapshotCompression = value === '' ? '' : 'gz'
      return value === 'snappy' ? 'snappy is not supported: snapshots are gz files' : undefined
    }),
  ],
  ['zookeeper.snapshot.trust.empty', option('snapshotTrustEmpty', BOOLEAN)],
  ['zookeeper.serializeLastProcessedZxid.enabled', option('serializeLastProcessedZxid', BOOLEAN)],
  ['zookeeper.digest.enabled', option('digestEnabled', BOOLEAN)],
  ['zookeeper.datadir.autocreate', option('datadirAutocreate', BOOLEAN)],
  ['zookeeper.extendedTypesEnabled', option('extendedTypes', BOOLEAN)],
  ['zookeeper.enforceQuota', option('enforceQuota', BOOLEAN)],
  ['zookeeper.skipACL', option('skipAcl', YES_NO)],
  [
    'zookeeper.DigestAuthenticationProvider.superDigest',
    setting({ allowed: 'user:digest', parse: (text) => text }, (draft, value) => {
      draft.superDigest = value === '' ? null : value
      return undefined
    }),
  ],
  ['zookeeper.DigestAuthenticationProvider.enabled', option('digestAuthEnabled', BOOLEAN)],
  [
    'zookeeper.DigestAuthenticationProvider.digestAlg',
    setting(oneOf(...Object.keys(DIGEST_NAMES)), (draft, value) => {
      const name = DIGEST_NAMES[value]
      if (name !== undefined) draft.digestAlgorithm = name
      return undefined
    }),
  ],
  ['zookeeper.root.logger', setting(TEXT, applyLogger)],
  [
    'zookeeper.forceSync',
    setting(YES_NO, (_draft, value) =>
      value
        ? undefined
        : 'IGNORED: every acknowledged write is on disk first, and that cannot be switched off',
    ),
  ],
  ...ENSEMBLE_PROPERTY_SETTINGS,
])

const LEVELS: Readonly<Record<string, string>> = {
  all: 'trace',
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
  off: 'silent',
}

/** Log4j's `LEVEL, appender`: the level is taken. */
function applyLogger(draft: Draft, text: string): string | undefined {
  const level = LEVELS[text.split(',', 1)[0]?.trim().toLowerCase() ?? '']
  if (level === undefined) return `the level is none of ${Object.keys(LEVELS).join(', ')}`
  draft.logLevel = level
  return undefined
}

/** The words a whitelist allows, and remarks on those that are none. `srvr` is always allowed. */
export function allowedWords(
  whitelist: string,
  readOnlyMode: boolean,
): { words: ReadonlySet<string>; remarks: string[] } {
  const words = new Set(['srvr', ...(readOnlyMode ? ['isro'] : [])])
  const remarks: string[] = []
  for (const word of whitelist.split(',').map((part) => part.trim())) {
    if (word === '*') for (const known of FOUR_LETTER_WORDS) words.add(known)
    else if (FOUR_LETTER_WORDS.includes(word)) words.add(word)
    else if (word !== '') {
      const near = suggest(word, FOUR_LETTER_WORDS)
      remarks.push(`there is no word ${word}${near === null ? '' : `: did you mean ${near}?`}`)
    }
  }
  return { words, remarks }
}
