// The settings that take effect: ZooKeeper's names, what each may be, and what it sets.
//
// Two tables, because ZooKeeper has two: the keys that only its configuration file knows, and Java
// system properties, which the file reaches too (its key K, if it is none of the first table, is
// the property zookeeper.K).

import { FOUR_LETTER_WORDS } from '../four-letter-names.ts'
import {
  GLOBAL_OUTSTANDING_MAX,
  JUTE_BUFFER_MAX,
  JUTE_EXTRA_MIN,
  SNAP_COUNT_MIN,
  SNAPSHOTS_KEPT_MIN,
} from '../limits.ts'
import type { ServerOptions } from '../options.ts'
import {
  ENSEMBLE_FILE_SETTINGS,
  ENSEMBLE_PROPERTY_SETTINGS,
  type EnsembleDraft,
} from './ensemble-settings.ts'
import {
  ANY_INTEGER,
  BOOLEAN,
  DECODED_INT,
  DECODED_LONG,
  decimal,
  INT_MAX,
  integer,
  interval,
  type Kind,
  ONLY_YES,
  oneOf,
  PORT,
  SECRET,
  SWITCH,
  TEXT,
  UNLESS_NO,
} from './kinds.ts'
import { type Setting as SettingOf, setting, within } from './setting.ts'
import { suggest } from './suggest.ts'

type Mutable<T> = { -readonly [K in keyof T]?: T[K] }

/** What has been set so far; an option that is missing gets its default. */
export interface Draft extends Mutable<Omit<ServerOptions, 'ensemble'>>, EnsembleDraft {
  secureClientPort?: number
  ensembleNames?: ReadonlySet<string>
  readOnlyMode?: boolean
  whitelist?: string
}

export type Setting = SettingOf<Draft>

type NumberName = {
  [K in keyof ServerOptions]: ServerOptions[K] extends number ? K : never
}[keyof ServerOptions]

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

/** -1 stands for the default. Whether they can be is seen when both are there. */
function sessionTimeout(name: 'minSessionTimeoutMs' | 'maxSessionTimeoutMs'): Setting {
  return setting(ANY_INTEGER, (draft, value) => {
    if (value !== -1) draft[name] = value
    return undefined
  })
}

/** Nothing below 1 is a limit. */
function kilobytes(name: 'snapSizeLimitBytes' | 'txnLogSizeLimitBytes'): Setting {
  return setting(DECODED_LONG, (draft, value) => {
    draft[name] = value <= 0 ? -1 : value * 1024
    return undefined
  })
}

/** A number of which the nearest that is possible is taken. */
function nearest(name: NumberName, kind: Kind<number>, min: number, max = INT_MAX): Setting {
  return setting(kind, (draft, given) => {
    const { value, remark } = within(given, min, max)
    draft[name] = value
    return remark
  })
}

/** Java's names, and those of node:crypto. */
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

const LOOPBACK = '127.0.0.1'

/** Whatever a text may be. */
const ANY_TEXT: Kind<string> = { allowed: 'a text', parse: (text) => text }

/** As InetAddress.getByName: an IPv6 address may stand in brackets, and no text is this machine. */
const HOST: Kind<string> = { allowed: 'a host', parse: (text) => text.replace(/^\[(.*)\]$/, '$1') }

function applyAddress(draft: Draft, host: string): string | undefined {
  draft.clientPortAddress = host === '' ? LOOPBACK : host
  return host === ''
    ? `as with ZooKeeper, that is ${LOOPBACK}: no other machine connects`
    : undefined
}

const COMPRESSION: Kind<'' | 'gz' | 'snappy'> = {
  ...oneOf('', 'gz', 'snappy'),
  otherwise: { value: '', said: 'nothing is compressed' },
}

/** Keys of the configuration file alone. */
export const FILE_SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['dataDir', option('dataDir', TEXT)],
  ['dataLogDir', option('dataLogDir', TEXT)],
  ['clientPort', option('clientPort', PORT)],
  ['clientPortAddress', setting(HOST, applyAddress)],
  ['clientPortListenBacklog', option('clientPortListenBacklog', ANY_INTEGER)],
  ['secureClientPort', option('secureClientPort', PORT)],
  ['tickTime', option('tickTimeMs', integer(1))],
  [
    'maxClientCnxns',
    setting(ANY_INTEGER, (draft, value) => {
      draft.maxClientCnxns = Math.max(0, value)
      return undefined
    }),
  ],
  ['minSessionTimeout', sessionTimeout('minSessionTimeoutMs')],
  ['maxSessionTimeout', sessionTimeout('maxSessionTimeoutMs')],
  ['reconfigEnabled', option('reconfigEnabled', BOOLEAN)],
  ['standaloneEnabled', option('standaloneEnabled', BOOLEAN)],
  ['dynamicConfigFile', option('dynamicConfigFile', TEXT)],
  [
    'autopurge.snapRetainCount',
    setting(ANY_INTEGER, (draft, value) => {
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
  [
    'jute.maxbuffer',
    setting(DECODED_INT, (draft, given) => {
      if (given < 1) return 'ZooKeeper would take no connection at all; the default counts'
      const { value, remark } = within(given, 1, JUTE_BUFFER_MAX)
      draft.juteMaxBuffer = value
      return remark
    }),
  ],
  [
    'zookeeper.jute.maxbuffer.extrasize',
    nearest('juteMaxBufferExtraSize', DECODED_INT, JUTE_EXTRA_MIN, JUTE_BUFFER_MAX),
  ],
  ['readonlymode.enabled', option('readOnlyMode', SWITCH)],
  [
    'znode.container.checkIntervalMs',
    setting({ ...DECODED_INT, allowed: '1 or more' }, (draft, value) => {
      draft.containerCheckIntervalMs = value
      return value < 1 ? null : undefined
    }),
  ],
  [
    'znode.container.maxPerMinute',
    setting(DECODED_INT, (draft, value) => {
      draft.containerMaxPerMinute = value < 0 ? INT_MAX : value
      return value === 0 ? 'no container is ever removed' : undefined
    }),
  ],
  [
    'znode.container.maxNeverUsedIntervalMs',
    setting(DECODED_LONG, (draft, value) => {
      // Below 0 every age is more than that.
      draft.containerMaxNeverUsedIntervalMs = value < 0 ? 1 : value
      return undefined
    }),
  ],
  // The longer name wins, as with ZooKeeper: of two, the later in this table is applied last.
  ['fsync.warningthresholdms', option('fsyncWarningThresholdMs', DECODED_LONG)],
  ['zookeeper.fsync.warningthresholdms', option('fsyncWarningThresholdMs', DECODED_LONG)],
  ['zookeeper.4lw.commands.whitelist', option('whitelist', ANY_TEXT)],
  [
    'zookeeper.maxCnxns',
    setting(DECODED_INT, (draft, value) => {
      draft.maxCnxns = Math.max(0, value)
      return undefined
    }),
  ],
  [
    'zookeeper.nio.sessionlessCnxnTimeout',
    setting(DECODED_INT, (draft, value) => {
      if (value < 1) return 'a handshake needs a deadline; the default counts'
      draft.sessionlessCnxnTimeoutMs = value
      return undefined
    }),
  ],
  ['zookeeper.clientTcpKeepAlive', option('clientTcpKeepAlive', SWITCH)],
  [
    'zookeeper.globalOutstandingLimit',
    nearest('globalOutstandingLimit', DECODED_INT, 1, GLOBAL_OUTSTANDING_MAX),
  ],
  ['zookeeper.snapCount', nearest('snapCount', DECODED_INT, SNAP_COUNT_MIN)],
  ['zookeeper.snapSizeLimitInKb', kilobytes('snapSizeLimitBytes')],
  [
    'zookeeper.preAllocSize',
    setting(decimal('long'), (draft, value) => {
      draft.preAllocSizeBytes = Math.max(0, value) * 1024
      return undefined
    }),
  ],
  ['zookeeper.txnLogSizeLimitInKb', kilobytes('txnLogSizeLimitBytes')],
  ['zookeeper.snapshot.compression.method', option('snapshotCompressionMethod', COMPRESSION)],
  ['zookeeper.snapshot.trust.empty', option('snapshotTrustEmpty', SWITCH)],
  ['zookeeper.serializeLastProcessedZxid.enabled', option('serializeLastProcessedZxid', SWITCH)],
  ['zookeeper.digest.enabled', option('digestEnabled', SWITCH)],
  ['zookeeper.datadir.autocreate', option('datadirAutocreate', SWITCH)],
  ['zookeeper.extendedTypesEnabled', option('extendedTypes', SWITCH)],
  ['zookeeper.enforceQuota', option('enforceQuota', SWITCH)],
  ['zookeeper.skipACL', option('skipAcl', ONLY_YES)],
  [
    'zookeeper.DigestAuthenticationProvider.superDigest',
    setting(ANY_TEXT, (draft, value) => {
      draft.superDigest = value === '' ? null : value
      return undefined
    }),
  ],
  [
    'zookeeper.ensembleAuthName',
    setting(ANY_TEXT, (draft, value) => {
      draft.ensembleNames = new Set(value.split(',').map((name) => name.trim()))
      return undefined
    }),
  ],
  ['zookeeper.ringkeeper.sessionSecret', option('sessionSecret', SECRET)],
  ['zookeeper.DigestAuthenticationProvider.enabled', option('digestAuthEnabled', SWITCH)],
  [
    'zookeeper.DigestAuthenticationProvider.digestAlg',
    setting(oneOf(...Object.keys(DIGEST_NAMES)), (draft, value) => {
      const name = DIGEST_NAMES[value]
      if (name !== undefined) draft.digestAlg = name
      return undefined
    }),
  ],
  ['zookeeper.root.logger', setting(ANY_TEXT, applyLogger)],
  [
    'zookeeper.forceSync',
    setting(UNLESS_NO, (_draft, value) =>
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
  if (text === '') return undefined
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
