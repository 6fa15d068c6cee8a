// Every setting of a server in one frozen object: what zoo.cfg, system properties and flags come
// down to. Nothing reads a setting anywhere else.

import type { EnsembleOptions } from './ensemble/ensemble.ts'

export interface ServerOptions {
  /** Server id: the `myid` file's, 1 standalone. */
  readonly serverId: number
  /** Null for a server on its own. */
  readonly ensemble: EnsembleOptions | null
  readonly dataDir: string
  readonly dataLogDir: string
  /** -1: a member that has no clients. */
  readonly clientPort: number
  /** Null binds every address. */
  readonly clientPortAddress: string | null
  /** Sockets waiting to be accepted; -1 leaves it to the system. */
  readonly clientPortListenBacklog: number
  readonly clientTcpKeepAlive: boolean
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** Connections from one address; 0 is no limit. */
  readonly maxClientCnxns: number
  /** Connections in all; 0 is no limit. */
  readonly maxCnxns: number
  /** Requests accepted and not yet answered, in all. */
  readonly globalOutstandingLimit: number
  /** A connection without a finished handshake is closed this long after its accept. */
  readonly sessionlessCnxnTimeoutMs: number
  /** The longest frame a client may send, in bytes. */
  readonly juteMaxBuffer: number
  /** What transactions may have beyond `juteMaxBuffer`. */
  readonly juteMaxBufferExtraSize: number
  readonly preAllocSizeBytes: number
  readonly snapCount: number
  readonly snapSizeLimitBytes: number
  /** -1: a log is rolled by snapshots only. */
  readonly txnLogSizeLimitBytes: number
  readonly snapshotCompressionMethod: '' | 'gz' | 'snappy'
  readonly snapshotTrustEmpty: boolean
  readonly snapRetainCount: number
  /** Whether old snapshots and logs are removed. */
  readonly purge: boolean
  readonly digestEnabled: boolean
  readonly serializeLastProcessedZxid: boolean
  readonly extendedTypes: boolean
  readonly enforceQuota: boolean
  readonly skipAcl: boolean
  readonly reconfigEnabled: boolean
  readonly datadirAutocreate: boolean
  readonly containerCheckIntervalMs: number
  readonly containerMaxPerMinute: number
  readonly containerMaxNeverUsedIntervalMs: number
  readonly fsyncWarningThresholdMs: number
  /** `user:base64` of the superuser; null for none. */
  readonly superDigest: string | null
  /** From which the passwords of sessions are made; null: ZooKeeper's, which follow from the id. */
  readonly sessionSecret: string | null
  readonly digestAuthEnabled: boolean
  /** The scheme `ensemble`: null when it is off; without names every client is right here. */
  readonly ensembleAuth: { readonly names: ReadonlySet<string> | null } | null
  /** A name node:crypto knows. */
  readonly digestAlg: string
  readonly fourLetterWords: ReadonlySet<string>
  readonly logLevel: string
}

export const DEFAULTS: ServerOptions = {
  serverId: 1,
  ensemble: null,
  dataDir: 'data',
  dataLogDir: 'data',
  clientPort: 2181,
  clientPortAddress: null,
  clientPortListenBacklog: -1,
  clientTcpKeepAlive: false,
  tickTimeMs: 3000,
  minSessionTimeoutMs: 6000,
  maxSessionTimeoutMs: 60_000,
  maxClientCnxns: 60,
  maxCnxns: 0,
  globalOutstandingLimit: 1000,
  sessionlessCnxnTimeoutMs: 10_000,
  juteMaxBuffer: 0xfffff,
  juteMaxBufferExtraSize: 0xfffff,
  preAllocSizeBytes: 65536 * 1024,
  snapCount: 100_000,
  snapSizeLimitBytes: 4_194_304 * 1024,
  txnLogSizeLimitBytes: -1,
  snapshotCompressionMethod: '',
  snapshotTrustEmpty: false,
  snapRetainCount: 3,
  purge: true,
  digestEnabled: true,
  serializeLastProcessedZxid: true,
  extendedTypes: false,
  enforceQuota: false,
  skipAcl: false,
  reconfigEnabled: false,
  datadirAutocreate: true,
  containerCheckIntervalMs: 60_000,
  containerMaxPerMinute: 10_000,
  containerMaxNeverUsedIntervalMs: 300_000,
  fsyncWarningThresholdMs: 1000,
  superDigest: null,
  sessionSecret: null,
  digestAuthEnabled: true,
  ensembleAuth: null,
  digestAlg: 'sha1',
  fourLetterWords: new Set(['srvr']),
  logLevel: 'info',
}
